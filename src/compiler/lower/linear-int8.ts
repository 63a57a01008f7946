/** Products of int8: x is rounded row by row as it is loaded, sums are int32, results float32 again. */
import { dequant } from '../../../isa/instructions/dequant.ts';
import { div } from '../../../isa/instructions/div.ts';
import { matmulI8 } from '../../../isa/instructions/matmul-i8.ts';
import { max } from '../../../isa/instructions/max.ts';
import { mul } from '../../../isa/instructions/mul.ts';
import { quant } from '../../../isa/instructions/quant.ts';
import { rowMax } from '../../../isa/instructions/rowmax.ts';
import { plus, times } from '../kernel/affine.ts';
import type { KernelBuilder, Round } from '../kernel/builder.ts';
import { further } from '../kernel/builder.ts';
import type { TileValue } from '../kernel/kernel.ts';
import type { LowerContext, MatrixView } from './context.ts';
import { ELEMENT_BYTES } from './context.ts';
import { loadAt } from './epilogue.ts';
import type { Arithmetic } from './matmul-product.ts';

const LIMIT = 127;

/** Rows of zeros are rounded as if this were their largest magnitude; it must only not be 0. */
const SMALLEST = 1e-30;

/**
 * x ≈ q · scale with scale = max |x| / 127 over a row. The exact integer products are scaled by that
 * and by the scale of the output, an element of the vector `scales`.
 */
export function int8Arithmetic(
  builder: KernelBuilder,
  context: LowerContext,
  x: MatrixView,
  scales: string,
) {
  let rowScale: TileValue | undefined;
  const arithmetic: Arithmetic = {
    multiply: matmulI8,
    rows(r) {
      const largest = largestOf(builder, context, x, r);
      const column = { ta: builder.fill(LIMIT, 1, 1), tb: largest };
      const factor = builder.compute(div, r.size, 1, column, '127 / largest');
      const part = builder.fill(1 / LIMIT, 1, 1);
      rowScale = builder.compute(mul, r.size, 1, { ta: largest, tb: part }, 'scale of the row');
      return (ts) => builder.compute(quant, ts.rows, ts.cols, { ts, tr: factor }, 'as int8');
    },
  };
  const toFloat = (ts: TileValue, c: Round): TileValue => {
    const tc = loadAt(builder, context, scales, { at: 0, size: 1 }, c, 1, c.size);
    return builder.compute(dequant, ts.rows, ts.cols, { ts, tr: rowScale!, tc });
  };
  return { arithmetic, toFloat };
}

/** The largest magnitude of each row: rows × 1. */
function largestOf(
  builder: KernelBuilder,
  { tile }: LowerContext,
  x: MatrixView,
  r: Round,
): TileValue {
  const largest = builder.fill(SMALLEST, r.size, 1, 'largest magnitude');
  const minus = builder.fill(-1, 1, 1);
  builder.pieces('magnitudes', x.cols, tile, (c) => {
    const offset = plus(times(r.at, x.stride), times(c.at, ELEMENT_BYTES));
    const ta = builder.load(further(x.place, offset), r.size, c.size, x.stride, 'x');
    const tb = builder.compute(mul, ta.rows, ta.cols, { ta, tb: minus });
    const ts = builder.compute(max, ta.rows, ta.cols, { ta, tb });
    const top = builder.compute(rowMax, r.size, 1, { ts });
    builder.into(largest, max, { ta: largest, tb: top });
  });
  return largest;
}
