/** LSTM, GRU and RNN of ONNX with all their options, against the equations of its documentation, step by step. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniform01 } from '../../../src/tensor/random.ts';
import type { TensorSource } from '../../support/onnx-writer.ts';
import { at, runNode, tensor } from '../../support/onnx-run.ts';

const RUNS = { seed: 20260104, numRuns: 300 };

/** Both sides are float64: what differs is the order of a few roundings. */
const CLOSE = 11;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** What a case is made of; sizes are small, since all that matters is which element goes where. */
const options = fc.record({
  op: fc.constantFrom('LSTM', 'GRU', 'RNN'),
  steps: fc.integer({ min: 1, max: 3 }),
  batch: fc.integer({ min: 1, max: 2 }),
  inner: fc.integer({ min: 1, max: 2 }),
  hidden: fc.integer({ min: 1, max: 2 }),
  direction: fc.constantFrom('forward', 'reverse', 'bidirectional'),
  layout: fc.boolean(),
  bias: fc.boolean(),
  initial: fc.boolean(),
  peephole: fc.boolean(),
  lengths: fc.boolean(),
  clip: fc.boolean(),
  linear: fc.boolean(),
  forget: fc.boolean(),
  seed: fc.nat(),
});

type Options = typeof options extends fc.Arbitrary<infer T> ? T : never;

const GATES: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3, RNN: 1 };
const CLIP = 0.5;

interface Operands {
  readonly x: TensorSource;
  readonly w: TensorSource;
  readonly r: TensorSource;
  readonly b: TensorSource | undefined;
  readonly lengths: readonly number[];
  readonly h0: TensorSource | undefined;
  readonly c0: TensorSource | undefined;
  readonly p: TensorSource | undefined;
}

function operandsOf(o: Options): Operands {
  let drawn = 0;
  const random = () => uniform01(o.seed, drawn++);
  const filled = (...shape: number[]) =>
    tensor(
      shape,
      Array.from({ length: shape.reduce((m, n) => m * n, 1) }, () => Math.fround(2 * random() - 1)),
    );
  const dirs = o.direction === 'bidirectional' ? 2 : 1;
  const gates = GATES[o.op];
  const state = () => (o.initial ? filled(dirs, o.batch, o.hidden) : undefined);
  return {
    x: filled(o.steps, o.batch, o.inner),
    w: filled(dirs, gates * o.hidden, o.inner),
    r: filled(dirs, gates * o.hidden, o.hidden),
    b: o.bias ? filled(dirs, 2 * gates * o.hidden) : undefined,
    lengths: Array.from({ length: o.batch }, () =>
      o.lengths ? 1 + Math.floor(random() * o.steps) : o.steps,
    ),
    h0: state(),
    c0: o.op === 'LSTM' ? state() : undefined,
    p: o.op === 'LSTM' && o.peephole ? filled(dirs, 3 * o.hidden) : undefined,
  };
}

/** The state of one row of the batch. */
interface State {
  readonly h: readonly number[];
  readonly c: readonly number[];
}

/** One step of one row: the equations of the documentation, element by element. */
function step(o: Options, v: Operands, d: number, x: readonly number[], { h, c }: State): State {
  const n = o.hidden;
  const gates = GATES[o.op];
  const input = (g: number, j: number) =>
    x.reduce(
      (sum, value, i) => sum + value * at(v.w, [d, g * n + j, i]),
      v.b ? at(v.b, [d, g * n + j]) : 0,
    );
  const recurrent = (g: number, j: number, from: readonly number[]) =>
    from.reduce(
      (sum, value, i) => sum + value * at(v.r, [d, g * n + j, i]),
      v.b ? at(v.b, [d, (gates + g) * n + j]) : 0,
    );
  const peep = (g: number, j: number, from: readonly number[]) =>
    v.p ? at(v.p, [d, g * n + j]) * from[j] : 0;
  const cut = (value: number) => (o.clip ? Math.max(-CLIP, Math.min(CLIP, value)) : value);
  const units = Array.from({ length: n }, (_, j) => j);
  if (o.op === 'RNN')
    return { h: units.map((j) => Math.tanh(cut(input(0, j) + recurrent(0, j, h)))), c };
  if (o.op === 'GRU') {
    const z = units.map((j) => sigmoid(cut(input(0, j) + recurrent(0, j, h))));
    const r = units.map((j) => sigmoid(cut(input(1, j) + recurrent(1, j, h))));
    const reset = h.map((value, i) => value * r[i]);
    const fresh = units.map((j) =>
      Math.tanh(cut(input(2, j) + (o.linear ? r[j] * recurrent(2, j, h) : recurrent(2, j, reset)))),
    );
    return { h: units.map((j) => (1 - z[j]) * fresh[j] + z[j] * h[j]), c };
  }
  const i = units.map((j) => sigmoid(cut(input(0, j) + recurrent(0, j, h) + peep(0, j, c))));
  const f = units.map((j) =>
    o.forget ? 1 - i[j] : sigmoid(cut(input(2, j) + recurrent(2, j, h) + peep(2, j, c))),
  );
  const next = units.map(
    (j) => f[j] * c[j] + i[j] * Math.tanh(cut(input(3, j) + recurrent(3, j, h))),
  );
  const out = units.map((j) => sigmoid(cut(input(1, j) + recurrent(1, j, h) + peep(1, j, next))));
  return { h: units.map((j) => out[j] * Math.tanh(next[j])), c: next };
}

/** Y by [step][direction][row], and the last states by [direction][row]. */
function expected(o: Options, v: Operands) {
  const reverses = { forward: [false], reverse: [true], bidirectional: [false, true] }[
    o.direction
  ]!;
  const y = Array.from({ length: o.steps }, () =>
    reverses.map(() =>
      Array.from({ length: o.batch }, () => Array.from({ length: o.hidden }, () => 0)),
    ),
  );
  const last = reverses.map((reverse, d) =>
    Array.from({ length: o.batch }, (_, row) => {
      const of = (state: TensorSource | undefined) =>
        Array.from({ length: o.hidden }, (__, j) => (state ? at(state, [d, row, j]) : 0));
      let state: State = { h: of(v.h0), c: of(v.c0) };
      const order = Array.from({ length: v.lengths[row] }, (__, t) => t);
      for (const t of reverse ? order.reverse() : order) {
        const x = Array.from({ length: o.inner }, (__, i) => at(v.x, [t, row, i]));
        state = step(o, v, d, x, state);
        y[t][d][row] = [...state.h];
      }
      return state;
    }),
  );
  return { y, last };
}

/** The first two axes change places where the layout begins with the batch. */
function swapped(x: TensorSource | undefined, swap: boolean): TensorSource | undefined {
  if (!x || !swap) return x;
  const [a, b, c] = x.shape;
  const values = Array.from({ length: a * b * c }, (_, i) =>
    at(x, [Math.floor(i / c) % a, Math.floor(i / c / a), i % c]),
  );
  return { ...x, shape: [b, a, c], values };
}

const flat = (nested: readonly unknown[]): number[] => nested.flat(5) as number[];

describe('recurrent layers', () => {
  it('are those of the documentation, whatever the options', () => {
    fc.assert(
      fc.property(options, (o) => {
        const v = operandsOf(o);
        const lengths = o.lengths ? tensor([o.batch], v.lengths, 'int32') : undefined;
        const states = [
          swapped(v.h0, o.layout),
          ...(o.op === 'LSTM' ? [swapped(v.c0, o.layout), v.p] : []),
        ];
        const attributes = {
          direction: { text: o.direction },
          layout: { integer: Number(o.layout) },
          hidden_size: { integer: o.hidden },
          ...(o.clip ? { clip: { float: CLIP } } : {}),
          ...(o.op === 'GRU' ? { linear_before_reset: { integer: Number(o.linear) } } : {}),
          ...(o.op === 'LSTM' ? { input_forget: { integer: Number(o.forget) } } : {}),
        };
        const operands = [swapped(v.x, o.layout), v.w, v.r, v.b, lengths, ...states];
        const outputs = o.op === 'LSTM' ? 3 : 2;
        const [y, h, c] = runNode(o.op, operands, attributes, { opset: 22, outputs });
        const { y: all, last } = expected(o, v);
        const rows = Array.from({ length: o.batch }, (_, row) => row);
        const wanted = o.layout
          ? rows.map((row) => all.map((dirs) => dirs.map((d) => d[row])))
          : all;
        const finals = (key: 'h' | 'c') =>
          o.layout
            ? rows.map((row) => last.map((d) => d[row][key]))
            : last.map((d) => d.map((s) => s[key]));
        const pairs = [
          [y, wanted],
          [h, finals('h')],
          ...(c ? [[c, finals('c')] as const] : []),
        ] as const;
        for (const [found, want] of pairs) {
          flat(want).forEach((value, i) => expect(found.data[i]).toBeCloseTo(value, CLOSE));
          expect(found.data.length).toBe(flat(want).length);
        }
      }),
      RUNS,
    );
  });
});
