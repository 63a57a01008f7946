/** ADD, SUB, MUL, DIV, POW, MAX, MIN, LESS, EQUAL, SELECT: one operation per element, with broadcasting of every operand. */

import { pow32 } from '../functions.ts';
import type { Tile } from '../tile.ts';
import { showShape } from '../tile.ts';
import { shapeOut } from './out.ts';

type Operation = (x: number, y: number) => number;

const sum: Operation = (x, y) => x + y;
const difference: Operation = (x, y) => x - y;
const product: Operation = (x, y) => x * y;
const quotient: Operation = (x, y) => x / y;
const isLess: Operation = (x, y) => (x < y ? 1 : 0);
const isEqual: Operation = (x, y) => (x === y ? 1 : 0);

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

/** out ← the smaller of a and b, broadcast; −0 below +0, and NaN when either is NaN (IEEE 754-2019 minimum). */
export function min(out: Tile, a: Tile, b: Tile): void {
  broadcast(out, a, b, Math.min);
}

/** out ← a^b, broadcast, rounded once (`pow32`). */
export function pow(out: Tile, a: Tile, b: Tile): void {
  broadcast(out, a, b, pow32);
}

/** out ← 1 where a < b, else 0, broadcast; NaN is less than nothing, and nothing less than it. */
export function less(out: Tile, a: Tile, b: Tile): void {
  broadcast(out, a, b, isLess);
}

/** out ← 1 where a = b, else 0, broadcast; −0 equals +0, NaN not even itself. */
export function equal(out: Tile, a: Tile, b: Tile): void {
  broadcast(out, a, b, isEqual);
}

/** out ← a where c ≠ 0, b elsewhere, all three broadcast; exact, and NaN counts as ≠ 0. */
export function select(out: Tile, c: Tile, a: Tile, b: Tile): void {
  shapeSelect(out, c, a, b);
  const { rows, cols } = out;
  const [cDown, cRight] = stepsOf(c);
  const [aDown, aRight] = stepsOf(a);
  const [bDown, bRight] = stepsOf(b);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const isChosen = c.data[i * cDown + j * cRight] !== 0;
      out.data[i * cols + j] = isChosen
        ? a.data[i * aDown + j * aRight]
        : b.data[i * bDown + j * bRight];
    }
  }
}

/**
 * out[i, j] ← operation(a[i, j], b[i, j]), where an operand with one row or one column repeats it.
 *
 * The result is as tall and as wide as the larger operand. Each operation is computed in float64 and
 * rounded by the store, which for + − × ÷ is the correctly rounded float32 result (Figueroa, 1995).
 */
function broadcast(out: Tile, a: Tile, b: Tile, operation: Operation): void {
  shapeBroadcast(out, a, b);
  const { rows, cols } = out;
  const [aDown, aRight] = stepsOf(a);
  const [bDown, bRight] = stepsOf(b);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      out.data[i * cols + j] = operation(
        a.data[i * aDown + j * aRight],
        b.data[i * bDown + j * bRight],
      );
    }
  }
}

/** Gives `out` the common shape of two operands; throws when they do not broadcast. */
export function shapeBroadcast(out: Tile, a: Tile, b: Tile): void {
  const rows = a.rows === 1 ? b.rows : a.rows;
  const cols = a.cols === 1 ? b.cols : a.cols;
  const fits = (b.rows === rows || b.rows === 1) && (b.cols === cols || b.cols === 1);
  if (!fits) throw new Error(`invariant: ${showShape(a)} and ${showShape(b)} do not broadcast`);
  shapeOut(out, rows, cols, a, b);
}

/** The same for the three operands of SELECT. */
export function shapeSelect(out: Tile, c: Tile, a: Tile, b: Tile): void {
  const [rows, cols] = commonShape([c, a, b]);
  shapeOut(out, rows, cols, c, a, b);
}

/** How far apart rows and columns of a broadcast operand lie: 0 where it has but one. */
function stepsOf({ rows, cols }: Tile): [down: number, right: number] {
  return [rows === 1 ? 0 : cols, cols === 1 ? 0 : 1];
}

/** The rows and columns of all operands, a length of 1 giving way to the others. */
function commonShape(operands: readonly Tile[]): [rows: number, cols: number] {
  const [rows, cols] = (['rows', 'cols'] as const).map((axis) =>
    operands.reduce((length, tile) => (length === 1 ? tile[axis] : length), 1),
  );
  const fits = (t: Tile) => [1, rows].includes(t.rows) && [1, cols].includes(t.cols);
  if (operands.every(fits)) return [rows, cols];
  throw new Error(`invariant: ${operands.map(showShape).join(' and ')} do not broadcast`);
}
