/** SOFTMAX and MASK: rows of attention scores, with the causal triangle. */

import { exp32 } from '../functions.ts';
import type { Tile } from '../tile.ts';
import { laneSum } from './lanes.ts';
import { shapeOut } from './out.ts';
import { largest } from './rows.ts';

/**
 * out (rows×cols) ← the softmax of scale · s in each row; with a causal offset row i sees columns j ≤ i + offset only.
 *
 * Over the visible columns, with every step rounded to float32: x = scale · s (scale rounded first),
 * m = max x, e = exp32(x − m), and out = e / Σ e with the sum in lane order. Division, not
 * multiplication by a reciprocal: one rounding less, a lone entry gives exactly 1, and no entry exceeds 1.
 *
 * Columns out of sight are +0 whatever they hold. A row with nothing to see, or that sees only −∞, is
 * all +0. A row that sees a NaN or a scaled entry of +∞ (an overflow, which has no limit) is NaN in all it sees.
 */
export function softmax(out: Tile, s: Tile, scale: number, causalOffset: number | undefined): void {
  shapeOut(out, s.rows, s.cols, s);
  const factor = Math.fround(scale);
  for (let i = 0; i < s.rows; i++) {
    const start = i * s.cols;
    const visible = visibleColumns(i, s.cols, causalOffset);
    for (let j = start; j < start + visible; j++) out.data[j] = factor * s.data[j];
    out.data.fill(0, start + visible, start + s.cols);
    normaliseRow(out.data, start, visible);
  }
}

/** Replaces the `count` scaled scores from `start` by their softmax. */
function normaliseRow(row: Float32Array, start: number, count: number): void {
  const end = start + count;
  const m = largest(row, start, count);
  if (m === -Infinity) {
    row.fill(0, start, end);
    return;
  }
  for (let j = start; j < end; j++) row[j] = exp32(Math.fround(row[j] - m));
  const total = laneSum(row, start, count);
  for (let j = start; j < end; j++) row[j] /= total;
}

/** out ← s, with −∞ in the entries of row i beyond column i + causalOffset. Exact. */
export function mask(out: Tile, s: Tile, causalOffset: number): void {
  shapeOut(out, s.rows, s.cols, s);
  for (let i = 0; i < s.rows; i++) {
    const start = i * s.cols;
    const visible = visibleColumns(i, s.cols, causalOffset);
    for (let j = start; j < start + visible; j++) out.data[j] = s.data[j];
    out.data.fill(-Infinity, start + visible, start + s.cols);
  }
}

/** How many leading columns row `i` of `cols` sees: those with j ≤ i + causalOffset, all without an offset. */
export function visibleColumns(i: number, cols: number, causalOffset: number | undefined): number {
  if (causalOffset === undefined) return cols;
  return Math.min(Math.max(i + causalOffset + 1, 0), cols);
}
