/** MATMUL.I8, QUANT and DEQUANT: small integers, their exact sums, and the scales around them. */

import { roundHalfEven } from '../formats.ts';
import type { Tile } from '../tile.ts';
import { bitsOf } from '../tile.ts';
import { shapeProduct } from './matmul.ts';
import { requireShape, shapeOut } from './out.ts';

/** QUANT is symmetric: −128 is left out, so that −x is as good as x. */
const QUANT_LIMIT = 127;

/** The first entry that is no integer in [−128, 127], or undefined. */
export function firstNotInt8({ rows, cols, data }: Tile): number | undefined {
  for (let i = 0; i < rows * cols; i++) {
    const value = data[i];
    if (!(value >= -128 && value <= 127) || !Number.isInteger(value)) return value;
  }
  return undefined;
}

/**
 * out (m×n, int32) ← a (m×k) · b (k×n), or a · bᵀ with b n×k when `transposeB`; plus `accumulator`
 * (m×n, int32) when given. The entries of a and b are integers in [−128, 127].
 *
 * The int32 results lie in the storage of the float32 tile, as bit patterns. Each sum is exact, so its
 * order means nothing: float64 holds every partial sum of up to 2²⁰ products and an int32. Returns the
 * first sum that no int32 holds, at which the kernel stops, or undefined.
 */
export function matmulInt8(
  out: Tile,
  a: Tile,
  b: Tile,
  transposeB: boolean,
  accumulator: Tile | undefined,
): number | undefined {
  const depth = a.cols;
  const cols = shapeProduct(out, a, b, transposeB, accumulator);
  const sums = bitsOf(out);
  const before = accumulator && bitsOf(accumulator);
  const kStep = transposeB ? 1 : cols;
  const jStep = transposeB ? depth : 1;
  for (let i = 0; i < out.rows; i++) {
    for (let j = 0; j < cols; j++) {
      const at = i * cols + j;
      let sum = before ? before[at] : 0;
      for (let k = 0; k < depth; k++) sum += a.data[i * depth + k] * b.data[j * jStep + k * kStep];
      sums[at] = sum;
      if (sums[at] !== sum) return sum;
    }
  }
  return undefined;
}

/**
 * out (rows×cols) ← f32(f32(f32(s) · rowScale) · colScale), with s int32 as MATMUL.I8 leaves it, rowScale
 * rows×1 or 1×1 and colScale 1×cols or 1×1.
 */
export function dequant(out: Tile, s: Tile, rowScale: Tile, colScale: Tile): void {
  shapeDequant(out, s, rowScale, colScale);
  const sums = bitsOf(s);
  for (let i = 0; i < s.rows; i++) {
    const perRow = rowScale.data[rowScale.rows === 1 ? 0 : i];
    for (let j = 0; j < s.cols; j++) {
      const scaled = Math.fround(Math.fround(sums[i * s.cols + j]) * perRow);
      out.data[i * s.cols + j] = scaled * colScale.data[colScale.cols === 1 ? 0 : j];
    }
  }
}

/** Gives `out` the shape of `s`; throws when the scales do not fit it. */
export function shapeDequant(out: Tile, s: Tile, rowScale: Tile, colScale: Tile): void {
  requireShape(colScale, 1, colScale.cols === 1 ? 1 : s.cols, 'the scale of the columns');
  shapeQuant(out, s, rowScale, colScale);
}

/** The same with a scale of the rows alone; `others` are further inputs. */
export function shapeQuant(out: Tile, s: Tile, rowScale: Tile, ...others: readonly Tile[]): void {
  requireShape(rowScale, rowScale.rows === 1 ? 1 : s.rows, 1, 'the scale of the rows');
  shapeOut(out, s.rows, s.cols, s, rowScale, ...others);
}

/**
 * out (rows×cols) ← f32(s · rowScale) rounded to the nearest integer, ties to even, and limited to
 * [−127, 127]; NaN becomes 0. rowScale is rows×1 or 1×1.
 */
export function quant(out: Tile, s: Tile, rowScale: Tile): void {
  shapeQuant(out, s, rowScale);
  for (let i = 0; i < s.rows; i++) {
    const perRow = rowScale.data[rowScale.rows === 1 ? 0 : i];
    for (let j = 0; j < s.cols; j++) {
      out.data[i * s.cols + j] = limited(Math.fround(s.data[i * s.cols + j] * perRow));
    }
  }
}

function limited(x: number): number {
  if (Number.isNaN(x)) return 0;
  // + 0 makes −0 a 0: integers have one.
  return roundHalfEven(Math.min(Math.max(x, -QUANT_LIMIT), QUANT_LIMIT)) + 0;
}
