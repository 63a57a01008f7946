/** What happens to a tile of a result between its last sum and its STORE. */
import type { Size } from '../kernel/affine.ts';
import { times } from '../kernel/affine.ts';
import type { KernelBuilder, Round } from '../kernel/builder.ts';
import { further } from '../kernel/builder.ts';
import type { TileValue } from '../kernel/kernel.ts';
import type { Epilogue, Step } from '../step.ts';
import { BINARY, UNARY } from './elementwise-table.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES, matrixOf } from './context.ts';

/**
 * The tile at rows r and columns c of a step's result, after the step's epilogue. Other operands
 * are loaded from the same rows and columns; a vector is one row for all.
 */
export function applyEpilogue(
  builder: KernelBuilder,
  context: LowerContext,
  { epilogue }: Step,
  tile: TileValue,
  r: Round,
  c: Round,
): TileValue {
  return epilogue.reduce((value, { op, other, left }: Epilogue) => {
    const { rows, cols } = tile;
    if (other === undefined) return builder.compute(UNARY[op]!, rows, cols, { ts: value }, op);
    const operand = loadAt(builder, context, other, r, c, rows, cols);
    const [ta, tb] = left ? [operand, value] : [value, operand];
    return builder.compute(BINARY[op]!, rows, cols, { ta, tb });
  }, tile);
}

/** The tile of `tensor` at rows r and columns c; of a vector, one row. */
export function loadAt(
  builder: KernelBuilder,
  context: LowerContext,
  tensor: string,
  r: Round,
  c: Round,
  rows: Size,
  cols: Size,
): TileValue {
  const view = matrixOf(context, tensor);
  const column = further(view.place, times(c.at, ELEMENT_BYTES));
  if (context.typeOf(tensor).shape.length === 1) {
    return builder.load(column, 1, cols, view.stride, tensor);
  }
  const place = further(column, times(r.at, view.stride));
  return builder.load(place, rows, cols, view.stride, tensor);
}
