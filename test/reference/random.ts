/** Random matrices and a comparison for the tests of the reference. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Matrix } from '../../src/reference/matrix.ts';
import { matrix, shapeOf } from '../../src/reference/matrix.ts';

/** Three hundred runs from one fixed seed. */
export const RUNS = { numRuns: 300, seed: 20240917 } as const;

/** What float64 may lose in the few dozen operations of one test, on numbers of size 1 to 100. */
export const FLOAT64_TOLERANCE = 1e-11;

/** A side of a small matrix. */
export const side = fc.integer({ min: 1, max: 6 });

/** Numbers between −4 and 4. */
export const element = fc.integer({ min: -4096, max: 4096 }).map((n) => n / 1024);

/** A matrix of the given shape. */
export function matrices(rows: number, cols: number): fc.Arbitrary<Matrix> {
  const data = fc.array(element, { minLength: rows * cols, maxLength: rows * cols });
  return data.map((values) => matrix(rows, cols, values));
}

/** The largest |a − b| over all elements. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((worst, x, i) => {
    const difference = Math.abs(x - b[i]);
    return Number.isNaN(difference) ? NaN : Math.max(worst, difference);
  }, 0);
}

/** Fails unless the shapes agree and every element is within float64's tolerance. */
export function expectClose(actual: Matrix, expected: Matrix): void {
  expect(shapeOf(actual)).toBe(shapeOf(expected));
  expect(maxDifference(actual.data, expected.data)).toBeLessThan(FLOAT64_TOLERANCE);
}
