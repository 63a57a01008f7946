import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstDifference, ulpDistance } from '../../src/tensor/compare.ts';
import { runs } from './numbers.ts';

const LARGEST = Math.fround(3.4028234663852886e38);

describe('ulpDistance', () => {
  it.each([
    [1, 1, 0],
    [1, 1 + 2 ** -23, 1],
    [1, 1 - 2 ** -24, 1],
    [0, -0, 0],
    [2 ** -149, -(2 ** -149), 2],
    [LARGEST, Infinity, 1],
    [1, 2, 2 ** 23],
    [NaN, NaN, 0],
    [NaN, 1, Infinity],
    [1, NaN, Infinity],
  ])('from %d to %d is %d', (a, b, expected) => {
    expect(ulpDistance(a, b)).toBe(expected);
  });

  it('is a distance along a line', () => {
    const float = fc.float({ noNaN: true });
    fc.assert(
      fc.property(float, float, float, (x, y, z) => {
        const [a, b, c] = [x, y, z].sort((left, right) => left - right);
        expect(ulpDistance(a, b)).toBe(ulpDistance(b, a));
        expect(ulpDistance(a, c)).toBe(ulpDistance(a, b) + ulpDistance(b, c));
      }),
      runs,
    );
  });
});

describe('firstDifference', () => {
  const first = (a: number[], b: number[], tolerance: number): number =>
    firstDifference(Float32Array.from(a), Float32Array.from(b), tolerance);

  it.each<[number[], number[], number, number]>([
    [[], [], 0, -1],
    [[1, 2, 3], [1, 2, 4], 0, 2],
    [[1, 2, 3], [1, 2.5, 4], 0.5, 2],
    [[1, 2, 3], [1, 2.5, 4], 1, -1],
    [[0], [-0], 0, -1],
    [[NaN], [NaN], 0, -1],
    [[NaN], [1], Infinity, 0],
    [[1, 1], [1, NaN], Infinity, 1],
    [[Infinity], [Infinity], 0, -1],
    [[Infinity], [-Infinity], 1e30, 0],
    [[1, 2], [1, 2, 3], 9, 2],
    [[1, 2, 3], [1], 9, 1],
  ])('of %j and %j within %d is %d', (a, b, tolerance, expected) => {
    expect(first(a, b, tolerance)).toBe(expected);
  });

  it('finds the one place that was changed', () => {
    const array = fc.array(fc.float({ min: -9, max: 9, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(array, fc.nat(), (values, choice) => {
        const at = choice % values.length;
        expect(first(values, values.with(at, 10), 0)).toBe(at);
      }),
      runs,
    );
  });
});
