/** The shape and the work of a matrix product, whatever the numbers are. */
import type { Shape } from '../src/tensor/tile.ts';
import { OperandError } from './instruction.ts';
import type { PartialShape } from './operand.ts';
import { mayEqual, showPartialShape } from './shapes.ts';
import type { MatrixWork } from './work.ts';

/** The flags of every matrix product. */
export const PRODUCT_FLAGS = {
  T: 'use tbᵀ: (m × k) · (n × k)ᵀ',
  ACC: 'add to td, which is then read too',
} as const;

interface Product<S> {
  readonly ta: S;
  readonly tb: S;
  readonly T: boolean;
}

/** (m × k) · (k × n) → (m × n), or · (n × k)ᵀ; an accumulator has the shape of the product. */
export function productShape({
  td,
  ta,
  tb,
  T,
}: Product<PartialShape> & { readonly td: PartialShape | undefined }): PartialShape {
  const [k, n] = T ? [tb.cols, tb.rows] : [tb.rows, tb.cols];
  if (!mayEqual(ta.cols, k)) {
    const product = `${showPartialShape(ta)} · ${showPartialShape(tb)}${T ? 'ᵀ' : ''}`;
    const hint = T
      ? 'with .T the columns of both tiles must be equal'
      : 'the columns of ta must equal the rows of tb; did you forget .T?';
    throw new OperandError('tb', `${product}: the inner dimensions differ`, hint);
  }
  if (td && !(mayEqual(td.rows, ta.rows) && mayEqual(td.cols, n))) {
    throw new OperandError(
      'td',
      `the product is ${showPartialShape({ rows: ta.rows, cols: n })}, but td holds ${showPartialShape(td)}`,
      'with .ACC the accumulator must already have the shape of the product',
    );
  }
  return { rows: ta.rows, cols: n };
}

/** One multiply-accumulate for each element of the product and each k. */
export function productWork({ ta, tb, T }: Product<Shape>): MatrixWork {
  return { kind: 'matrix', m: ta.rows, k: ta.cols, n: T ? tb.rows : tb.cols };
}
