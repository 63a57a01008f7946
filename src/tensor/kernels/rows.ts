/** Row reductions: rows × cols in, rows × 1 out. */

import type { Tile } from '../tile.ts';
import { laneSum } from './lanes.ts';
import { shapeOut } from './out.ts';

/** out (rows×1) ← the largest entry of each row of s; NaN when the row holds one. Exact. */
export function rowMax(out: Tile, s: Tile): void {
  shapeOut(out, s.rows, 1, s);
  for (let i = 0; i < s.rows; i++) out.data[i] = largest(s.data, i * s.cols, s.cols);
}

/** out (rows×1) ← the sum of each row of s, in the lane order of `laneSum`. */
export function rowSum(out: Tile, s: Tile): void {
  shapeOut(out, s.rows, 1, s);
  for (let i = 0; i < s.rows; i++) out.data[i] = laneSum(s.data, i * s.cols, s.cols);
}

/** The largest of `data[start … start + count − 1]`; −∞ when `count` is 0, NaN when one is NaN. */
export function largest(data: Float32Array, start: number, count: number): number {
  let best = -Infinity;
  for (let i = 0; i < count; i++) best = Math.max(best, data[start + i]);
  return best;
}
