/** ADD, SUB, MUL, DIV, MAX: one float32 operation per element, with broadcasting of either operand. */

import type { Tile } from '../tile.ts';
import { showShape } from '../tile.ts';
import { shapeOut } from './out.ts';

type Operation = (x: number, y: number) => number;

const sum: Operation = (x, y) => x + y;
const difference: Operation = (x, y) => x - y;
const product: Operation = (x, y) => x * y;
const quotient: Operation = (x, y) => x / y;

/** out ← a + b, broadcast. */
export function add(out: Tile, a: Tile, b: Tile): void {
  broadcast(out, a, b, sum);
}

/** out ← a − b, broadcast. */
export function sub(out: Tile, a: Tile, b: Tile): void {
  broadcast(out, a, b, difference);
}

/** out ← a · b, broadcast. */
export function mul(out: Tile, a: Tile, b: Tile): void {
  broadcast(out, a, b, product);
}

/** out ← a / b, broadcast. */
export function div(out: Tile, a: Tile, b: Tile): void {
  broadcast(out, a, b, quotient);
}

/** out ← the larger of a and b, broadcast; +0 above −0, and NaN when either is NaN (IEEE 754-2019 maximum). */
export function max(out: Tile, a: Tile, b: Tile): void {
  broadcast(out, a, b, Math.max);
}

/**
 * out[i, j] ← operation(a[i, j], b[i, j]), where an operand with one row or one column repeats it.
 *
 * The result is as tall and as wide as the larger operand. Each operation is computed in float64 and
 * rounded by the store, which for + − × ÷ is the correctly rounded float32 result (Figueroa, 1995).
 */
function broadcast(out: Tile, a: Tile, b: Tile, operation: Operation): void {
  const rows = common(a, b, 'rows');
  const cols = common(a, b, 'cols');
  shapeOut(out, rows, cols, a, b);
  const aDown = a.rows === 1 ? 0 : a.cols;
  const bDown = b.rows === 1 ? 0 : b.cols;
  const aRight = a.cols === 1 ? 0 : 1;
  const bRight = b.cols === 1 ? 0 : 1;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      out.data[i * cols + j] = operation(
        a.data[i * aDown + j * aRight],
        b.data[i * bDown + j * bRight],
      );
    }
  }
}

/** The length of both operands along one axis, a length of 1 giving way to the other. */
function common(a: Tile, b: Tile, axis: 'rows' | 'cols'): number {
  if (a[axis] === b[axis] || b[axis] === 1) return a[axis];
  if (a[axis] === 1) return b[axis];
  throw new Error(`invariant: ${showShape(a)} and ${showShape(b)} do not broadcast`);
}
