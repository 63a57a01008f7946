/** Lowering of `argmax`: the column of the largest element of each row, of rows of any width. */
import { add } from '../../../isa/instructions/add.ts';
import { argmax } from '../../../isa/instructions/argmax.ts';
import { copy } from '../../../isa/instructions/copy.ts';
import { equal } from '../../../isa/instructions/equal.ts';
import { less } from '../../../isa/instructions/less.ts';
import { max } from '../../../isa/instructions/max.ts';
import { rowMax } from '../../../isa/instructions/rowmax.ts';
import { select } from '../../../isa/instructions/select.ts';
import { storeI32 } from '../../../isa/instructions/store-i32.ts';
import type { Integer, Size } from '../kernel/affine.ts';
import { times } from '../kernel/affine.ts';
import type { Round } from '../kernel/builder.ts';
import { KernelBuilder, further } from '../kernel/builder.ts';
import type { Kernel, Place, TileValue } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext, MatrixView } from './context.ts';
import { ELEMENT_BYTES, matrixOf } from './context.ts';
import { placeAt } from './matmul-product.ts';

/**
 * A walk over the pieces of the rows finds the piece in which each row's largest element is, the
 * first of equal ones; ARGMAX finds the element in it. NaN is larger than everything.
 */
export function lowerArgmax(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  const builder = new KernelBuilder(output);
  const x = matrixOf(context, node.inputs[0]!);
  const result = context.placeOf(output);
  if (x.rows !== 0) {
    builder.loop('rows', x.rows, context.tile, (r) => {
      const target = further(result, times(r.at, ELEMENT_BYTES));
      if (x.cols > context.tile) {
        const ts = lowerPieces(builder, context.tile, x, r);
        builder.push(storeI32, { addr: target, ts, stride: ELEMENT_BYTES }, 'pieces');
      }
      builder.loop('row', r.size, 1, ({ at }) => {
        const place = further(target, times(at, ELEMENT_BYTES));
        const row = { place: placeAt(x, r.at, 0), stride: x.stride };
        builder.storeInteger(place, columnOf(builder, context.tile, { ...x, ...row }, at, place));
      });
    });
  }
  return builder.finish(node.part, `${output} ← argmax of ${node.inputs[0]}`);
}

/** The number of the piece with the largest element of each row, rows × 1. */
function lowerPieces(builder: KernelBuilder, tile: number, x: MatrixView, r: Round): TileValue {
  const column = [r.size, 1] as const;
  const highest = builder.fill(-Infinity, ...column, 'highest');
  const found = builder.fill(0, ...column, 'its piece');
  const piece = builder.fill(0, 1, 1, 'piece');
  const one = builder.fill(1, 1, 1);
  builder.pieces('pieces', x.cols, tile, (c) => {
    const ts = builder.load(placeAt(x, r.at, c.at), r.size, c.size, x.stride, 'x');
    const top = builder.compute(rowMax, ...column, { ts });
    const higher = builder.compute(max, ...column, { ta: highest, tb: top });
    const stays = builder.compute(equal, ...column, { ta: higher, tb: highest });
    // NaN is not even equal to itself: once it is the highest, nothing is new.
    const isNumber = builder.compute(equal, ...column, { ta: highest, tb: highest });
    const isNew = builder.compute(less, ...column, { ta: stays, tb: isNumber });
    builder.into(found, select, { tc: isNew, ta: piece, tb: found });
    builder.into(highest, copy, { ts: higher });
    builder.into(piece, add, { ta: piece, tb: one });
  });
  return found;
}

/**
 * The column of one row, whose piece is at `piece`. A last piece that is shorter is seen with what
 * stands before it, which is smaller than its largest element.
 */
function columnOf(
  builder: KernelBuilder,
  tile: number,
  x: MatrixView,
  row: Integer,
  piece: Place,
): Size {
  const width = Math.min(x.cols, tile);
  const first = (): Size => {
    const start = builder.integer('mul', builder.integerAt(piece, 'piece'), tile, 'start');
    return x.cols % tile === 0 ? start : builder.integer('min', start, x.cols - tile, 'start');
  };
  const start = x.cols > tile ? first() : 0;
  const ts = builder.load(placeAt(x, row, start), 1, width, x.stride);
  const column = builder.scalar(argmax, { ts }, 'column');
  return builder.integer('add', column, start, 'column');
}
