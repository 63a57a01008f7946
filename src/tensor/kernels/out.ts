/** What every kernel does first: shape its result, and refuse what only a bug of ours can cause. */

import type { Tile } from '../tile.ts';
import { showShape } from '../tile.ts';

/**
 * Sets the shape of `out`; throws when the shape is empty, the storage too small, or shared with an input.
 *
 * A kernel still reads its inputs after it has begun to write: `out` never aliases one of them.
 */
export function shapeOut(out: Tile, rows: number, cols: number, ...inputs: readonly Tile[]): void {
  ensure(rows > 0 && cols > 0, 'an empty result', rows, cols);
  ensure(out.data.length >= rows * cols, 'no room for the result', rows, cols);
  for (const input of inputs) {
    ensure(out.data !== input.data, 'an input is overwritten by the result', rows, cols);
  }
  out.rows = rows;
  out.cols = cols;
}

/** Throws unless `tile` is `rows` × `cols`; `what` names it. */
export function requireShape(tile: Tile, rows: number, cols: number, what: string): void {
  if (tile.rows === rows && tile.cols === cols) return;
  throw new Error(`invariant: ${what} is ${showShape(tile)}, not ${showShape({ rows, cols })}`);
}

function ensure(holds: boolean, problem: string, rows: number, cols: number): void {
  if (!holds) throw new Error(`invariant: ${problem}, ${showShape({ rows, cols })}`);
}
