/** Operators on rows and reductions: worked examples, laws, and the hand-written references. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { layerNorm, rmsNorm } from '../../src/reference/norm.ts';
import { softmax } from '../../src/reference/softmax.ts';
import { RUNS, matrices, side } from './random.ts';
import {
  apply,
  at,
  expectNear,
  given,
  indicesOf,
  ints,
  matrix,
  row,
  shapes,
  tensors,
  values,
  vector,
} from './graph-support.ts';

const LOG3 = Math.log(3);

describe('softmax', () => {
  it('by hand, and far from 0', () => {
    expectNear(
      apply('softmax', [given([2, 2], [0, LOG3, 1000, 1000])]),
      [2, 2],
      [0.25, 0.75, 0.5, 0.5],
    );
    const y = apply('log_softmax', [row(1000, 1000 + LOG3)]);
    expectNear(y, [2], [Math.log(0.25), Math.log(0.75)]);
  });

  it('of nothing but −∞ is zeros, of one number 1, of no number nothing', () => {
    expect(values('softmax', [row(-Infinity, -Infinity)])).toEqual([0, 0]);
    expect(values('softmax', [given([], [5])])).toEqual([1]);
    expectNear(apply('softmax', [given([2, 0], [])]), [2, 0], []);
  });
});

const shaped = fc.tuple(side, side);

describe('the hand-written references agree', () => {
  const cases = shaped.chain(([m, n]) => fc.tuple(matrices(m, n), matrices(1, n), matrices(1, n)));

  it('on softmax, its logarithm and both norms', () => {
    fc.assert(
      fc.property(cases, ([x, gain, bias]) => {
        const shape = [x.rows, x.cols];
        expectNear(apply('softmax', [matrix(x)]), shape, softmax(x).data);
        const log = apply('log_softmax', [matrix(x)]);
        expectNear(apply('exp', [log]), shape, softmax(x).data);
        const ln = apply('layer_norm', [matrix(x), vector(gain), vector(bias)], { eps: 0.5 });
        expectNear(ln, shape, layerNorm(x, gain, bias, 0.5).data);
        const rms = apply('rms_norm', [matrix(x), vector(gain)], { eps: 0.5 });
        expectNear(rms, shape, rmsNorm(x, gain, 0.5).data);
      }),
      RUNS,
    );
  });

  it('on norms without gain and bias, and the default epsilon is 1e-5', () => {
    const root = Math.sqrt(1 + 1e-5);
    expectNear(apply('layer_norm', [row(1, 3)]), [2], [-1 / root, 1 / root]);
    expectNear(
      apply('layer_norm', [row(1, 3), undefined, row(5, 5)]),
      [2],
      [5 - 1 / root, 5 + 1 / root],
    );
    expectNear(apply('rms_norm', [row(-1, 1)]), [2], [-1 / root, 1 / root]);
  });
});

describe('reductions', () => {
  const X = given([2, 3], [1, 5, 3, -4, 0, -2]);

  test.each([
    ['reduce_sum', [-1], [9, -6]],
    ['reduce_sum', [0], [-3, 5, 1]],
    ['reduce_mean', [1], [3, -2]],
    ['reduce_mean', [0, 1], [0.5]],
    ['reduce_max', [1], [5, 0]],
    ['reduce_max', [], [1, 5, 3, -4, 0, -2]],
  ])('%s along %j', (op, axes, expected) => {
    expect(values(op, [X], { axes })).toEqual(expected);
  });

  it('keep their axes or lose them', () => {
    expect(apply('reduce_sum', [X], { axes: [0] }).shape).toEqual([1, 3]);
    expect(apply('reduce_sum', [X], { axes: [0], keep: false }).shape).toEqual([3]);
    expect(apply('reduce_sum', [X], { axes: [0, 1], keep: false }).shape).toEqual([]);
  });

  it('of nothing are 0 and −∞, and means of integers are integers', () => {
    const none = given([2, 0], []);
    expect(values('reduce_sum', [none], { axes: [1] })).toEqual([0, 0]);
    expect(values('reduce_max', [none], { axes: [1] })).toEqual([-Infinity, -Infinity]);
    expect(values('reduce_mean', [ints([-1, -2])], { axes: [0] })).toEqual([-1]);
  });

  it('add up what their definition says, along any axes', () => {
    const cases = shapes.chain((shape) =>
      fc.tuple(tensors(shape), fc.subarray(shape.map((_, axis) => axis)), fc.boolean()),
    );
    fc.assert(
      fc.property(cases, ([x, axes, keep]) => {
        const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
        const expected = [...indicesOf(kept)].map((target) => {
          const inside = (i: number[]) => i.every((n, a) => axes.includes(a) || n === target[a]);
          const terms = [...indicesOf(x.shape)].filter(inside).map((index) => at(x, index));
          return terms.reduce((sum, term) => sum + term, 0);
        });
        const shape = keep ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
        expectNear(apply('reduce_sum', [x], { axes, keep }), shape, expected);
      }),
      RUNS,
    );
  });
});

describe('argmax', () => {
  it('is the first of the largest', () => {
    const y = apply('argmax', [given([2, 3], [1, 7, 7, -Infinity, -Infinity, -Infinity])]);
    expect([y.shape, [...y.data]]).toEqual([[2], [1, 0]]);
    expect(values('argmax', [given([], [3])])).toEqual([0]);
  });

  it('is an error where nothing is the largest', () => {
    expect(() => values('argmax', [row(1, NaN)])).toThrow(/node y \(argmax\): .*NaN/);
    expect(() => values('argmax', [given([2, 0], [])])).toThrow(RangeError);
  });
});
