/** Shape rules that several instructions share; an unknown dimension agrees with every other. */
import { showShape } from '../src/tensor/tile.ts';
import { OperandError } from './instruction.ts';
import type { PartialShape } from './operand.ts';

type Dimension = number | undefined;

/** `6×16`, with `?` for what is not known. */
export function showPartialShape(shape: PartialShape): string {
  if (shape.rows !== undefined && shape.cols !== undefined) {
    return showShape({ rows: shape.rows, cols: shape.cols });
  }
  return `${shape.rows ?? '?'}×${shape.cols ?? '?'}`;
}

/** Whether two dimensions can be the same. */
export function mayEqual(a: Dimension, b: Dimension): boolean {
  return a === undefined || b === undefined || a === b;
}

function broadcastDimension(a: Dimension, b: Dimension): Dimension {
  if (a === 1) return b;
  if (b === 1) return a;
  return a ?? b;
}

/**
 * The shape of an elementwise operation on two tiles, each dimension of which is equal or 1.
 * An unknown dimension against a known one above 1 can only be that one or 1.
 */
export function broadcastShape(ta: PartialShape, tb: PartialShape): PartialShape {
  const fits = (a: Dimension, b: Dimension) => a === 1 || b === 1 || mayEqual(a, b);
  if (!fits(ta.rows, tb.rows) || !fits(ta.cols, tb.cols)) {
    throw new OperandError(
      'tb',
      `shapes ${showPartialShape(ta)} and ${showPartialShape(tb)} do not broadcast`,
      'each dimension must be equal in both tiles, or 1 in one of them',
    );
  }
  return {
    rows: broadcastDimension(ta.rows, tb.rows),
    cols: broadcastDimension(ta.cols, tb.cols),
  };
}

/** Throws unless the tile is one row of `cols` elements, or could be. */
export function requireRow(operand: string, shape: PartialShape, cols: Dimension): void {
  if (mayEqual(shape.rows, 1) && mayEqual(shape.cols, cols)) return;
  throw new OperandError(
    operand,
    `${operand} is ${showPartialShape(shape)}, but must be 1×${cols ?? '?'}`,
    'a gain or bias is one row with a value for each column',
  );
}

/** Throws unless the tile is one column with `rows` elements, or a single one, or could be. */
export function requireRowScale(operand: string, shape: PartialShape, rows: Dimension): void {
  const fits = shape.rows === 1 || mayEqual(shape.rows, rows);
  if (fits && mayEqual(shape.cols, 1)) return;
  throw new OperandError(
    operand,
    `${operand} is ${showPartialShape(shape)}, but must be ${rows ?? '?'}×1 or 1×1`,
    'it is one column with a scale for each row, or a single scale',
  );
}

/** Throws unless the tile is one row with `cols` elements, or a single one, or could be. */
export function requireColumnScale(operand: string, shape: PartialShape, cols: Dimension): void {
  const fits = shape.cols === 1 || mayEqual(shape.cols, cols);
  if (fits && mayEqual(shape.rows, 1)) return;
  throw new OperandError(
    operand,
    `${operand} is ${showPartialShape(shape)}, but must be 1×${cols ?? '?'} or 1×1`,
    'it is one row with a scale for each column, or a single scale',
  );
}

/** Throws unless a known integer lies in [low, high]. */
export function requireRange(
  operand: string,
  value: Dimension,
  low: number,
  high: number,
  hint: string,
): void {
  if (value === undefined || (value >= low && value <= high)) return;
  throw new OperandError(operand, `${operand}=${value} is outside ${low} to ${high}`, hint);
}

/** The number of elements of a tile. */
export function elementsOf(shape: { readonly rows: number; readonly cols: number }): number {
  return shape.rows * shape.cols;
}

/** Throws when a divisor is 0. */
export function requireDivisor(divisor: number): number {
  if (divisor !== 0) return divisor;
  throw new OperandError('b', 'division by zero', 'test the divisor with BEQ first');
}

/** Throws unless the tile is one row or one column, or could be. */
export function requireVector(operand: string, shape: PartialShape): void {
  if (mayEqual(shape.rows, 1) || mayEqual(shape.cols, 1)) return;
  throw new OperandError(
    operand,
    `${operand} is ${showPartialShape(shape)}`,
    'one row or one column is needed',
  );
}
