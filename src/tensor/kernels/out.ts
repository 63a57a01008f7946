/** What every kernel does first: shape its result, and refuse what only a bug of ours can cause. */

import type { Tile } from '../tile.ts';
import { showShape } from '../tile.ts';

/**
 * Sets the shape of `out`; throws when the shape is empty, the storage too small, or shared with an input.
 *
 * A kernel still reads its inputs after it has begun to write: `out` never aliases one of them.
 */
export function shapeOut(out: Tile, rows: number, cols: number, ...inputs: readonly Tile[]): void {
  if (!(rows > 0 && cols > 0)) throw violation('an empty result', rows, cols);
  if (out.data.length < rows * cols) throw violation('no room for the result', rows, cols);
  for (let i = 0; i < inputs.length; i++) {
    if (out.data !== inputs[i].data) continue;
    throw violation('an input is overwritten by the result', rows, cols);
  }
  out.rows = rows;
  out.cols = cols;
}

/** Throws unless `tile` is `rows` × `cols`; `what` names it. */
export function requireShape(tile: Tile, rows: number, cols: number, what: string): void {
  if (tile.rows === rows && tile.cols === cols) return;
  throw new Error(`invariant: ${what} is ${showShape(tile)}, not ${showShape({ rows, cols })}`);
}

function violation(problem: string, rows: number, cols: number): Error {
  return new Error(`invariant: ${problem}, ${showShape({ rows, cols })}`);
}
