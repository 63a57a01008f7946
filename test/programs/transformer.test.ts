/** transformer-layer: a whole pre-norm layer in blocks agrees with the float64 reference. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geluTanh } from '../../src/reference/activation.ts';
import { selfAttention } from '../../src/reference/attention.ts';
import { feedForward } from '../../src/reference/feed-forward.ts';
import type { Matrix } from '../../src/reference/matrix.ts';
import { sliceCols } from '../../src/reference/matrix.ts';
import { layerNorm } from '../../src/reference/norm.ts';
import { preNormLayer } from '../../src/reference/transformer.ts';
import { FUNCTION_ERROR_ULP as ULPS } from '../../src/tensor/functions.ts';
import type { Bounded } from '../support/bounds/index.ts';
import * as b from '../support/bounds/index.ts';
import { blockedLayerNorm, heads, linear } from './compose.ts';
import type { Finished } from './support.ts';
import { SMALL, expectWithin, finish, programNamed, randomData } from './support.ts';
import { seeds, upToTile } from './support.ts';

function reference(run: Finished, count: number): Matrix {
  const of = (name: string) => run.input(name).value;
  const [x, w, bias] = [of('X'), of('Wqkv'), of('Bqkv')];
  const third = (i: number) => ({
    weight: sliceCols(w, i * x.cols, (i + 1) * x.cols),
    bias: sliceCols(bias, i * x.cols, (i + 1) * x.cols),
  });
  const output = { weight: of('Wo'), bias: of('Bo') };
  const all = { query: third(0), key: third(1), value: third(2), output };
  const [up, down] = [
    { weight: of('W1'), bias: of('B1') },
    { weight: of('W2'), bias: of('B2') },
  ];
  return preNormLayer(x, [
    {
      norm: (y) => layerNorm(y, of('Gain1'), of('Bias1'), 1e-5),
      apply: (y) => selfAttention(y, all, { heads: count, causalOffset: 0 }),
    },
    {
      norm: (y) => layerNorm(y, of('Gain2'), of('Bias2'), 1e-5),
      apply: (y) => feedForward(y, { up, down }, geluTanh),
    },
  ]);
}

/** The stages of the program from `x` on: each is judged alone, and their chain as a whole. */
function stages(run: Finished, count: number) {
  const of = (name: string) => run.input(name);
  const width = of('X').value.cols;
  return {
    qkv: (x: Bounded) =>
      linear(blockedLayerNorm(x, of('Gain1'), of('Bias1')), of('Wqkv'), of('Bqkv')),
    heads: (qkv: Bounded) => {
      const third = (i: number) => b.boundedCols(qkv, i * width, (i + 1) * width);
      return heads(third(0), third(1), third(2), count, 0).joined;
    },
    attended: (joined: Bounded, x: Bounded) => b.add(linear(joined, of('Wo'), of('Bo')), x),
    norm: (a: Bounded) => blockedLayerNorm(a, of('Gain2'), of('Bias2')),
    hidden: (normed: Bounded) => b.geluTanh(linear(normed, of('W1'), of('B1')), ULPS),
    output: (hidden: Bounded, a: Bounded) => b.add(linear(hidden, of('W2'), of('B2')), a),
  };
}

function whole(run: Finished, count: number): Bounded {
  const stage = stages(run, count);
  const x = run.input('X');
  const a = stage.attended(stage.heads(stage.qkv(x)), x);
  return stage.output(stage.hidden(stage.norm(a)), a);
}

/** Every stage from what the machine really gave it: bounds without a history. */
function eachStage(run: Finished, count: number): readonly (readonly [string, Bounded])[] {
  const stage = stages(run, count);
  const of = run.exactOutput;
  return [
    ['QKV', stage.qkv(run.input('X'))],
    ['C', stage.heads(of('QKV'))],
    ['A', stage.attended(of('C'), run.input('X'))],
    ['N', stage.norm(of('A'))],
    ['H', stage.hidden(of('N'))],
    ['Y', stage.output(of('H'), of('A'))],
  ];
}

function check(run: Finished, count: number): void {
  expectWithin(run.output('Y'), whole(run, count), reference(run, count));
  for (const [name, expected] of eachStage(run, count)) {
    expect(expected.error.data.every(Number.isFinite)).toBe(true); // or it would allow anything
    expect([name, b.firstViolation(run.output(name), expected)]).toEqual([name, undefined]);
  }
}

describe('transformer-layer', () => {
  it('is a pre-norm layer as it stands, each stage to four decimals', () => {
    const run = finish(programNamed('transformer-layer'));
    check(run, 2);
    // Worst cases of worst cases make the bound of the whole wide; that of a stage is not.
    for (const [, { error }] of eachStage(run, 2)) {
      expect(Math.max(...error.data)).toBeLessThan(5e-5);
    }
  });

  it('is a pre-norm layer for any sizes and data', () => {
    const params = fc.record({
      SEQ: upToTile,
      HEADS: fc.integer({ min: 1, max: 3 }),
      HEAD_DIM: fc.integer({ min: 2, max: 16 }),
    });
    const X = fc.record({ scale: fc.constantFrom(1, 2 ** -4, 16), kind: fc.constant('normal') });
    fc.assert(
      fc.property(params, seeds, X, (p, seed, fill) => {
        const data = randomData(seed, { X: { ...fill, kind: 'normal' } });
        check(finish(programNamed('transformer-layer', p), data), p.HEADS);
      }),
      { ...SMALL, numRuns: 60 }, // a layer and its bounds take some 50 ms
    );
  });

  /**
   * A constant row c has no direction: what is left of it, d, is the rounding of the mean, at most
   * 9·u·|c|: a lane and the four levels of its tree, two blocks, 1/WIDTH and the product with it.
   * The norm divides d by at least √eps, so N is that far from the bias; the few roundings of the
   * difference, the root and the gain are covered by counting 16.
   */
  it('normalises a constant row to the bias', () => {
    const gamma = 2 ** -24 * 16;
    fc.assert(
      fc.property(seeds, fc.constantFrom(0, 1e-3, 1, 100), (seed, scale) => {
        const zero = { scale: 0, kind: 'equal' } as const;
        const given = {
          X: { scale, kind: 'equal' },
          Wo: zero,
          Bo: zero,
          W2: zero,
          B2: zero,
        } as const;
        const run = finish(programNamed('transformer-layer'), randomData(seed, given));
        const c = Math.abs(run.input('X').value.data[0]);
        const [gain, bias] = [run.input('Gain2').value.data, run.input('Bias2').value.data];
        run.output('N').forEach((y, i) => {
          const j = i % bias.length;
          const room =
            (gamma * c * Math.abs(gain[j])) / Math.sqrt(1e-5) + 2 ** -22 * Math.abs(bias[j]);
          expect(Math.abs(y - bias[j])).toBeLessThanOrEqual(room);
        });
      }),
      { ...SMALL, numRuns: 40 },
    );
  });
});
