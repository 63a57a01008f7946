/** Kernels that rearrange a tile or make one: TRANSPOSE, ROPE, copy and fill. */

import type { Tile } from '../tile.ts';
import { bitsOf } from '../tile.ts';
import { requireShape, shapeOut } from './out.ts';

/** out (cols×rows) ← sᵀ. */
export function transpose(out: Tile, s: Tile): void {
  shapeOut(out, s.cols, s.rows, s);
  for (let i = 0; i < s.rows; i++) {
    for (let j = 0; j < s.cols; j++) out.data[j * s.rows + i] = s.data[i * s.cols + j];
  }
}

/** out (rows×cols) ← s, bit for bit, for it may be an int32 accumulator. */
export function copy(out: Tile, s: Tile): void {
  shapeOut(out, s.rows, s.cols, s);
  bitsOf(out).set(bitsOf(s).subarray(0, s.rows * s.cols));
}

/** out (rows×cols) ← `value` in every entry, rounded to float32. */
export function fill(out: Tile, rows: number, cols: number, value: number): void {
  shapeOut(out, rows, cols);
  out.data.fill(value, 0, rows * cols);
}

/**
 * out (rows×2h) ← s with each pair (a, b) of a row turned: a·c − b·s and b·c + a·s.
 *
 * `cos` and `sin` are rows×h, or 1×h for all rows. Pair p is columns (p, p + h), as in Llama's published
 * weights, or (2p, 2p + 1) when `interleaved`. Each product is rounded to float32, then the sum.
 * Source: Su et al., "RoFormer" (2021).
 */
export function rope(out: Tile, s: Tile, cos: Tile, sin: Tile, interleaved: boolean): void {
  shapeRope(out, s, cos, sin);
  const half = s.cols / 2;
  const step = interleaved ? 2 : 1;
  const distance = interleaved ? 1 : half;
  for (let i = 0; i < s.rows; i++) {
    const angle = cos.rows === 1 ? 0 : i * half;
    for (let p = 0; p < half; p++) {
      const first = i * s.cols + p * step;
      const second = first + distance;
      const [a, b] = [s.data[first], s.data[second]];
      const [c, n] = [cos.data[angle + p], sin.data[angle + p]];
      out.data[first] = Math.fround(a * c) - Math.fround(b * n);
      out.data[second] = Math.fround(b * c) + Math.fround(a * n);
    }
  }
}

/** Gives `out` the shape of `s`; throws when the tables do not fit it. */
export function shapeRope(out: Tile, s: Tile, cos: Tile, sin: Tile): void {
  const angleRows = cos.rows === 1 ? 1 : s.rows;
  requireShape(cos, angleRows, s.cols / 2, 'the cosine table');
  requireShape(sin, angleRows, s.cols / 2, 'the sine table');
  shapeOut(out, s.rows, s.cols, s, cos, sin);
}
