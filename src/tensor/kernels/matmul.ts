/** MATMUL: each output element is one float32 sum, in ascending k. */

import type { Tile } from '../tile.ts';
import { requireShape, shapeOut } from './out.ts';

/**
 * out (m×n) ← a (m×k) · b (k×n), or a · bᵀ with b n×k when `transposeB`; plus `accumulator` (m×n) when given.
 *
 * acc starts at +0, or at the accumulator's element; for k ascending acc = f32(acc + f32(a · b)). So a
 * long K cut into accumulating pieces gives the same bits as the whole. Each accumulator element is
 * read before its place is written: `accumulator` alone may be `out` itself.
 */
export function matmul(
  out: Tile,
  a: Tile,
  b: Tile,
  transposeB: boolean,
  accumulator: Tile | undefined,
): void {
  const depth = a.cols;
  const cols = shapeProduct(out, a, b, transposeB, accumulator);
  const kStep = transposeB ? 1 : cols;
  const jStep = transposeB ? depth : 1;
  for (let i = 0; i < out.rows; i++) {
    for (let j = 0; j < cols; j++) {
      const at = i * cols + j;
      const start = accumulator ? accumulator.data[at] : 0;
      out.data[at] = dot(a.data, i * depth, b.data, j * jStep, kStep, depth, start);
    }
  }
}

/** Gives `out` the shape of the product, and its columns; throws when the operands do not fit. */
export function shapeProduct(
  out: Tile,
  a: Tile,
  b: Tile,
  transposeB: boolean,
  accumulator: Tile | undefined,
): number {
  const depth = a.cols;
  const cols = transposeB ? b.rows : b.cols;
  requireShape(b, transposeB ? cols : depth, transposeB ? depth : cols, 'the right factor');
  if (accumulator) requireShape(accumulator, a.rows, cols, 'the accumulator');
  shapeOut(out, a.rows, cols, a, b);
  return cols;
}

/** start + Σₖ a[aAt + k] · b[bAt + k · bStep], each product and each sum rounded to float32. */
function dot(
  a: Float32Array,
  aAt: number,
  b: Float32Array,
  bAt: number,
  bStep: number,
  depth: number,
  start: number,
) {
  let acc = Math.fround(start);
  for (let k = 0; k < depth; k++) {
    acc = Math.fround(acc + Math.fround(a[aAt + k] * b[bAt + k * bStep]));
  }
  return acc;
}
