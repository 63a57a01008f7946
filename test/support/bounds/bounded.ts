/** A float64 value and a bound on how far the machine's float32 result may be from it. */
import type { Matrix } from '../../../src/reference/matrix.ts';
import { matrix, zeros } from '../../../src/reference/matrix.ts';

/**
 * The exact result of a computation on given inputs (to float64), and elementwise a bound on
 * |machine's float32 result − exact result|. Both matrices have the same shape.
 */
export interface Bounded {
  readonly value: Matrix;
  readonly error: Matrix;
}

/** An element of a result that is further from the reference than rounding can explain. */
export interface Violation {
  readonly row: number;
  readonly col: number;
  readonly actual: number;
  readonly expected: number;
  readonly bound: number;
}

/**
 * Inputs that the machine holds exactly [rows × cols].
 * @throws RangeError for a number that is not a float32, or the wrong number of them.
 */
export function fromFloat32(rows: number, cols: number, values: ArrayLike<number>): Bounded {
  const value = matrix(rows, cols, values);
  const inexact = value.data.find((x) => !Number.isNaN(x) && Math.fround(x) !== x);
  if (inexact !== undefined) throw new RangeError(`${inexact} is not a float32`);
  return { value, error: zeros(rows, cols) };
}

/**
 * The first element, row by row, that breaks its bound; undefined when all hold. NaN is right only
 * where NaN is expected, an infinity only where it is expected or where float32 may overflow.
 * @throws RangeError when `actual` has not as many elements as `expected`.
 */
export function firstViolation(
  actual: ArrayLike<number>,
  { value, error }: Bounded,
): Violation | undefined {
  if (actual.length !== value.data.length) {
    throw new RangeError(`${actual.length} results for a ${value.rows}×${value.cols} matrix`);
  }
  const at = value.data.findIndex((v, i) => !isWithin(actual[i], v, error.data[i]));
  if (at < 0) return undefined;
  return {
    row: Math.floor(at / value.cols),
    col: at % value.cols,
    actual: actual[at],
    expected: value.data[at],
    bound: error.data[at],
  };
}

function isWithin(actual: number, value: number, bound: number): boolean {
  if (Number.isNaN(value)) return Number.isNaN(actual);
  if (actual === value) return true; // infinities included
  return Math.abs(actual - value) <= bound;
}

/** Applies a scalar rule, (value, error) ↦ error of f(value), to every element. */
export function mapBounded(
  a: Bounded,
  f: (value: number) => number,
  errorOf: (value: number, error: number) => number,
): Bounded {
  const { rows, cols, data } = a.value;
  return {
    value: { rows, cols, data: data.map((x) => f(x)) },
    error: { rows, cols, data: data.map((x, i) => errorOf(x, a.error.data[i])) },
  };
}

/** Columns `start` to `end` (exclusive): the machine's strided load, which rounds nothing. */
export function boundedCols(a: Bounded, start: number, end: number): Bounded {
  const slice = (m: Matrix): Matrix =>
    matrix(
      m.rows,
      end - start,
      m.data.filter((_, i) => i % m.cols >= start && i % m.cols < end),
    );
  return { value: slice(a.value), error: slice(a.error) };
}
