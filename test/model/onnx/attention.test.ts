/** Attention, rotary embedding and normalisation of ONNX with all their options, against plain loops. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniform01 } from '../../../src/tensor/random.ts';
import type { TensorSource } from '../../support/onnx-writer.ts';
import { at, indices, runNode, tensor } from '../../support/onnx-run.ts';

const RUNS = { seed: 20260109, numRuns: 300 };

/** Both sides are float64: what differs is the order of a few roundings. */
const CLOSE = 10;

const close = (found: ArrayLike<number>, wanted: readonly number[]) => {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, i) => expect(found[i]).toBeCloseTo(value, CLOSE));
};

/** Tensors of numbers from −1 to 1, different for each call. */
function source(seed: number) {
  let drawn = 0;
  return (...shape: number[]): TensorSource => {
    const length = shape.reduce((m, n) => m * n, 1);
    const values = Array.from({ length }, () => Math.fround(2 * uniform01(seed, drawn++) - 1));
    return tensor(shape, values);
  };
}

const built = (shape: readonly number[], of: (index: readonly number[]) => number): TensorSource =>
  tensor(shape, [...indices(shape)].map(of));

const sum = (values: readonly number[]) => values.reduce((total, x) => total + x, 0);

const size = fc.integer({ min: 1, max: 3 });
const options = fc.record({
  batch: size,
  groups: fc.integer({ min: 1, max: 2 }),
  shared: fc.integer({ min: 1, max: 2 }),
  rows: size,
  columns: size,
  past: fc.integer({ min: 0, max: 2 }),
  width: size,
  values: size,
  flat: fc.boolean(),
  causal: fc.boolean(),
  scaled: fc.boolean(),
  capped: fc.boolean(),
  mask: fc.constantFrom('none', 'float', 'bool', 'heads'),
  mode: fc.integer({ min: 0, max: 3 }),
  seed: fc.nat(),
});

type Options = typeof options extends fc.Arbitrary<infer T> ? T : never;

/** Powers of two, which float32 keeps exactly. */
const SCALE = 0.5;
const CAP = 2;

function attentionOf(o: Options) {
  const random = source(o.seed);
  const heads = o.groups * o.shared;
  const total = o.past + o.columns;
  const q = random(o.batch, heads, o.rows, o.width);
  const k = random(o.batch, o.groups, o.columns, o.width);
  const v = random(o.batch, o.groups, o.columns, o.values);
  const pastK = o.past > 0 ? random(o.batch, o.groups, o.past, o.width) : undefined;
  const pastV = o.past > 0 ? random(o.batch, o.groups, o.past, o.values) : undefined;
  const number = o.mask === 'heads' ? random(o.batch, heads, o.rows, total) : random(o.rows, total);
  // The first column is always seen, so that no row is without any.
  const bits = built([o.rows, total], (i) => Number(i[1] === 0 || at(number, i) > 0));
  const mask =
    o.mask === 'none' ? undefined : o.mask === 'bool' ? { ...bits, type: 'bool' as const } : number;
  const joined = (past: TensorSource | undefined, now: TensorSource) =>
    built(now.shape.with(2, total), ([b, h, j, d]) =>
      past && j < o.past ? at(past, [b, h, j, d]) : at(now, [b, h, j - o.past, d]),
    );
  return {
    q,
    k,
    v,
    pastK,
    pastV,
    mask,
    keys: joined(pastK, k),
    values: joined(pastV, v),
    heads,
    total,
  };
}

type Case = ReturnType<typeof attentionOf>;

/** The scores on their way: the product, capped, masked, and their softmax. */
function scoresOf(o: Options, c: Case): readonly TensorSource[] {
  const shape = [o.batch, c.heads, o.rows, c.total];
  // It becomes a constant of the graph, which is a float32.
  const scale = o.scaled ? SCALE : Math.fround(1 / Math.sqrt(o.width));
  const raw = built(shape, ([b, h, i, j]) => {
    const group = Math.floor(h / o.shared);
    const products = Array.from(
      { length: o.width },
      (_, d) => at(c.q, [b, h, i, d]) * at(c.keys, [b, group, j, d]),
    );
    return scale * sum(products);
  });
  const capped = built(shape, (i) => (o.capped ? CAP * Math.tanh(at(raw, i) / CAP) : at(raw, i)));
  const masked = built(shape, (index) => {
    const [, , i, j] = index;
    if (o.causal && j > i + o.past) return -Infinity;
    if (!c.mask) return at(capped, index);
    const value = at(c.mask, index);
    return c.mask.type === 'bool' && value === 0
      ? -Infinity
      : at(capped, index) + (c.mask.type === 'bool' ? 0 : value);
  });
  const soft = built(shape, (index) => {
    const row = Array.from({ length: c.total }, (_, j) => Math.exp(at(masked, index.with(3, j))));
    return row[index[3]] / sum(row);
  });
  return [raw, capped, masked, soft];
}

/** batch × heads × rows × width as batch × rows × heads·width. */
function flattened(x: TensorSource): TensorSource {
  const [batch, heads, rows, width] = x.shape;
  return built([batch, rows, heads * width], ([b, i, c]) =>
    at(x, [b, Math.floor(c / width), i, c % width]),
  );
}

describe('Attention', () => {
  it('is softmax(q kᵀ) v, whatever the options', () => {
    fc.assert(
      fc.property(options, (o) => {
        const c = attentionOf(o);
        const shape = (x: TensorSource) => (o.flat ? flattened(x) : x);
        const attributes = {
          ...(o.flat
            ? { q_num_heads: { integer: c.heads }, kv_num_heads: { integer: o.groups } }
            : {}),
          ...(o.scaled ? { scale: { float: SCALE } } : {}),
          ...(o.capped ? { softcap: { float: CAP } } : {}),
          is_causal: { integer: Number(o.causal) },
          qk_matmul_output_mode: { integer: o.mode },
        };
        const operands = [shape(c.q), shape(c.k), shape(c.v), c.mask, c.pastK, c.pastV];
        const [y, keys, values, scores] = runNode('Attention', operands, attributes, {
          outputs: 4,
        });
        const steps = scoresOf(o, c);
        const result = built([o.batch, c.heads, o.rows, o.values], ([b, h, i, d]) => {
          const group = Math.floor(h / o.shared);
          return sum(
            Array.from(
              { length: c.total },
              (_, j) => at(steps[3], [b, h, i, j]) * at(c.values, [b, group, j, d]),
            ),
          );
        });
        close(y.data, shape(result).values);
        close(keys.data, c.keys.values);
        close(values.data, c.values.values);
        steps[o.mode].values.forEach((value, i) => {
          if (value === -Infinity) expect(scores.data[i]).toBe(value);
          else expect(scores.data[i]).toBeCloseTo(value, CLOSE);
        });
      }),
      RUNS,
    );
  });

  it('sees no column behind the length of its row of the batch', () => {
    const random = source(1);
    const [q, k, v] = [random(2, 1, 2, 4), random(2, 1, 3, 4), random(2, 1, 3, 4)];
    const lengths = tensor([2], [2, 3], 'int64');
    const run = (isCausal: number) =>
      runNode(
        'Attention',
        [q, k, v, undefined, undefined, undefined, lengths],
        { is_causal: { integer: isCausal }, qk_matmul_output_mode: { integer: 3 } },
        { outputs: 4 },
      )[3];
    const seen = (weights: ArrayLike<number>) =>
      Array.from(weights).map((weight) => Number(weight > 0));
    expect(seen(run(0).data)).toEqual([1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1]);
    // With lengths, the last row is at the end of its own text.
    expect(seen(run(1).data)).toEqual([1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1]);
  });
});

describe('RotaryEmbedding', () => {
  it('turns pairs of a head by the angles of its position', () => {
    const choice = fc.record({
      flat: fc.boolean(),
      interleaved: fc.boolean(),
      ids: fc.boolean(),
      half: fc.integer({ min: 1, max: 2 }),
      rest: fc.integer({ min: 0, max: 2 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(choice, ({ flat, interleaved, ids, half, rest, seed }) => {
        const random = source(seed);
        const [batch, heads, rows, width] = [2, 2, 3, 2 * half + rest];
        const x = random(batch, heads, rows, width);
        const position = built([batch, rows], ([b, i]) => (3 * i + b) % 5);
        const [cos, sin] = [0, 1].map(() => (ids ? random(5, half) : random(batch, rows, half)));
        const angle = (table: TensorSource, b: number, i: number, j: number) =>
          at(table, ids ? [at(position, [b, i]), j] : [b, i, j]);
        const wanted = built(x.shape, (index) => {
          const [b, , i, d] = index;
          if (d >= 2 * half) return at(x, index);
          const j = interleaved ? Math.floor(d / 2) : d % half;
          const isFirst = interleaved ? d % 2 === 0 : d < half;
          const [first, second] = interleaved ? [2 * j, 2 * j + 1] : [j, j + half];
          const [p, q] = [at(x, index.with(3, first)), at(x, index.with(3, second))];
          const [c, s] = [angle(cos, b, i, j), angle(sin, b, i, j)];
          return isFirst ? p * c - q * s : p * s + q * c;
        });
        const attributes = {
          interleaved: { integer: Number(interleaved) },
          rotary_embedding_dim: { integer: 2 * half },
          ...(flat ? { num_heads: { integer: heads } } : {}),
        };
        const tables = ids ? [cos, sin, { ...position, type: 'int64' as const }] : [cos, sin];
        const [y] = runNode('RotaryEmbedding', [flat ? flattened(x) : x, ...tables], attributes);
        close(y.data, (flat ? flattened(wanted) : wanted).values);
      }),
      RUNS,
    );
  });
});

describe('LayerNormalization and RMSNormalization', () => {
  it('normalise all axes from one on', () => {
    const shapes = fc.array(size, { minLength: 1, maxLength: 3 });
    const choice = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        axis: fc.nat(shape.length - 1),
        isRms: fc.boolean(),
        biased: fc.boolean(),
        seed: fc.nat(),
      }),
    );
    fc.assert(
      fc.property(choice, ({ shape, axis, isRms, biased, seed }) => {
        const random = source(seed);
        const eps = 0.125;
        const own = shape.slice(axis);
        const [x, gain] = [random(...shape), random(...own)];
        const bias = biased && !isRms ? random(...own) : undefined;
        const statistics = (index: readonly number[]) => {
          const all = [...indices(own)].map((i) => at(x, [...index.slice(0, axis), ...i]));
          const mean = isRms ? 0 : sum(all) / all.length;
          const variance = sum(all.map((value) => (value - mean) ** 2)) / all.length;
          return { mean, scale: 1 / Math.sqrt(variance + eps) };
        };
        const attributes = { axis: { integer: axis - shape.length }, epsilon: { float: eps } };
        const operands = isRms ? [x, gain] : [x, gain, bias];
        const op = isRms ? 'RMSNormalization' : 'LayerNormalization';
        const [y, mean, scale] = runNode(op, operands, attributes, { outputs: isRms ? 1 : 3 });
        const wanted = built(shape, (index) => {
          const found = statistics(index);
          const inner = index.slice(axis);
          return (
            (at(x, index) - found.mean) * found.scale * at(gain, inner) +
            (bias ? at(bias, inner) : 0)
          );
        });
        close(y.data, wanted.values);
        if (isRms) return;
        const kept = shape.map((dim, i) => (i < axis ? dim : 1));
        close(
          mean.data,
          [...indices(kept)].map((index) => statistics(index).mean),
        );
        close(
          scale.data,
          [...indices(kept)].map((index) => statistics(index).scale),
        );
      }),
      RUNS,
    );
  });
});
