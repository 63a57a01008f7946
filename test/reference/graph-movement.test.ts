/** Operators that move elements, against their definitions index by index. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RUNS } from './random.ts';
import {
  apply,
  at,
  expectNear,
  given,
  indicesOf,
  ints,
  row,
  shapes,
  tensors,
  values,
} from './graph-support.ts';

const GRID = given([2, 3], [1, 2, 3, 4, 5, 6]);

describe('reshape and expand', () => {
  it('keep the order, and repeat', () => {
    expectNear(apply('reshape', [GRID], { shape: [3, 2] }), [3, 2], GRID.data);
    expectNear(apply('reshape', [given([2, 0], [])], { shape: [0, 7] }), [0, 7], []);
    expectNear(apply('expand', [given([2, 1], [1, 2])], { shape: [2, 2] }), [2, 2], [1, 1, 2, 2]);
    // An axis that is longer in x stays: it broadcasts in both directions.
    expectNear(apply('expand', [row(1, 2)], { shape: [2, 1] }), [2, 2], [1, 2, 1, 2]);
  });
});

describe('transpose', () => {
  it('turns a matrix', () => {
    expectNear(apply('transpose', [GRID], { perm: [1, 0] }), [3, 2], [1, 4, 2, 5, 3, 6]);
  });

  it('moves every index, and back', () => {
    const cases = shapes.chain((shape) => {
      const axes = shape.map((_, axis) => axis);
      return fc.tuple(tensors(shape), fc.shuffledSubarray(axes, { minLength: axes.length }));
    });
    fc.assert(
      fc.property(cases, ([x, perm]) => {
        const y = apply('transpose', [x], { perm });
        for (const index of indicesOf(y.shape)) {
          const from = x.shape.map((_, axis) => index[perm.indexOf(axis)]);
          expect(at(y, index)).toBe(at(x, from));
        }
        const inverse = perm.map((_, axis) => perm.indexOf(axis));
        expectNear(apply('transpose', [y], { perm: inverse }), x.shape, x.data);
      }),
      RUNS,
    );
  });
});

describe('slice', () => {
  it('walks by steps, backwards too', () => {
    const backwards = { starts: [1, 2], counts: [2, 2], steps: [-1, -2] };
    expectNear(apply('slice', [GRID], backwards), [2, 2], [6, 4, 3, 1]);
    const none = { starts: [0, 0], counts: [0, 3], steps: [1, 1] };
    expectNear(apply('slice', [GRID], none), [0, 3], []);
  });

  it('finds start + index · step on every axis', () => {
    const axis = fc.integer({ min: 1, max: 5 }).chain((n) =>
      fc.record({
        n: fc.constant(n),
        start: fc.nat(n - 1),
        step: fc.integer({ min: -2, max: 2 }).filter((step) => step !== 0),
        share: fc.nat(4),
      }),
    );
    const cases = fc.array(axis, { maxLength: 3 }).chain((axes) => {
      const fitted = axes.map(({ n, start, step, share }) => {
        const most = step > 0 ? Math.ceil((n - start) / step) : Math.ceil((start + 1) / -step);
        return { start, step, count: Math.min(share, most) };
      });
      return fc.tuple(tensors(axes.map(({ n }) => n)), fc.constant(fitted));
    });
    fc.assert(
      fc.property(cases, ([x, axes]) => {
        const starts = axes.map(({ start }) => start);
        const counts = axes.map(({ count }) => count);
        const steps = axes.map(({ step }) => step);
        const expected = [...indicesOf(counts)].map((index) =>
          at(
            x,
            index.map((i, k) => starts[k] + i * steps[k]),
          ),
        );
        expectNear(apply('slice', [x], { starts, counts, steps }), counts, expected);
      }),
      RUNS,
    );
  });
});

describe('concat', () => {
  it('puts columns beside columns and rows below rows', () => {
    const more = given([2, 1], [7, 8]);
    expectNear(apply('concat', [GRID, more], { axis: -1 }), [2, 4], [1, 2, 3, 7, 4, 5, 6, 8]);
    const y = apply('concat', [given([0, 2], []), given([1, 2], [1, 2]), given([1, 2], [3, 4])], {
      axis: 0,
    });
    expectNear(y, [2, 2], [1, 2, 3, 4]);
  });

  it('is undone by slices', () => {
    const cases = fc
      .tuple(
        shapes.filter((shape) => shape.length > 0),
        fc.nat(4),
        fc.nat(2),
      )
      .chain(([shape, length, at]) => {
        const axis = at % shape.length;
        return fc.tuple(tensors(shape), tensors(shape.with(axis, length)), fc.constant(axis));
      });
    fc.assert(
      fc.property(cases, ([a, b, axis]) => {
        const y = apply('concat', [a, b], { axis });
        const steps = a.shape.map(() => 1);
        const zeros = a.shape.map(() => 0);
        const first = apply('slice', [y], { starts: zeros, counts: a.shape, steps });
        expectNear(first, a.shape, a.data);
        const starts = zeros.with(axis, b.shape[axis] === 0 ? 0 : a.shape[axis]);
        expectNear(apply('slice', [y], { starts, counts: b.shape, steps }), b.shape, b.data);
      }),
      RUNS,
    );
  });
});

describe('gather', () => {
  it('takes rows of a table, and columns', () => {
    expectNear(apply('gather', [GRID, ints([1, 0, 1])]), [3, 3], [4, 5, 6, 1, 2, 3, 4, 5, 6]);
    expectNear(apply('gather', [GRID, ints([2, 0])], { axis: -1 }), [2, 2], [3, 1, 6, 4]);
    const grid = given([2, 1], [0, 2], 'i32');
    expectNear(apply('gather', [row(7, 8, 9), grid]), [2, 1], [7, 9]);
    expectNear(apply('gather', [GRID, given([], [1], 'i32')]), [3], [4, 5, 6]);
    expectNear(apply('gather', [GRID, ints([])]), [0, 3], []);
  });

  it('refuses what lies outside', () => {
    expect(() => values('gather', [GRID, ints([2])])).toThrow('node y (gather): index 2 of 2');
    expect(() => values('gather', [GRID, ints([-1])])).toThrow('index -1 of 2');
  });

  it('finds x[before, indices, after]', () => {
    const cases = shapes
      .filter((shape) => shape.length > 0 && shape.every((n) => n > 0))
      .chain((shape) => fc.tuple(tensors(shape), fc.nat(shape.length - 1)))
      .chain(([x, axis]) => {
        const indices = fc.array(fc.nat(x.shape[axis] - 1), { maxLength: 5 });
        return fc.tuple(fc.constant(x), fc.constant(axis), indices);
      });
    fc.assert(
      fc.property(cases, ([x, axis, indices]) => {
        const y = apply('gather', [x, ints(indices)], { axis });
        expect(y.shape).toEqual(x.shape.with(axis, indices.length));
        for (const index of indicesOf(y.shape)) {
          expect(at(y, index)).toBe(at(x, index.with(axis, indices[index[axis]])));
        }
      }),
      RUNS,
    );
  });
});

describe('window and last', () => {
  const table = given([4, 2], [0, 1, 10, 11, 20, 21, 30, 31]);

  it('take rows that follow one another', () => {
    const y = apply('window', [table], { start: 1, count: 2, offset: 1 });
    expectNear(y, [2, 2], [20, 21, 30, 31]);
    expectNear(apply('last', [table]), [1, 2], [30, 31]);
    expectNear(apply('last', [row(5, 6)]), [1], [6]);
  });

  it('refuse rows that are not there', () => {
    expect(() => apply('window', [table], { start: 3, count: 2 })).toThrow('rows 3 to 4 of 4');
    expect(() => apply('last', [given([0, 2], [])])).toThrow(/rows -1 to -1 of 0/);
  });
});
