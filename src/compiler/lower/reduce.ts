/** Lowering of reductions: sum, mean and maximum along any axes of float32 and bool tensors. */
import type { InstructionDefinition } from '../../../isa/instruction.ts';
import { add } from '../../../isa/instructions/add.ts';
import { div } from '../../../isa/instructions/div.ts';
import { max } from '../../../isa/instructions/max.ts';
import { rowMax } from '../../../isa/instructions/rowmax.ts';
import { rowSum } from '../../../isa/instructions/rowsum.ts';
import { transpose } from '../../../isa/instructions/transpose.ts';
import type { Size } from '../kernel/affine.ts';
import { KernelBuilder } from '../kernel/builder.ts';
import type { Kernel, Place, TileValue } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES } from './context.ts';
import { lowerIntegerReduce } from './integers-reduce.ts';
import type { Axis, Offsets } from './map-axes.ts';
import { atStart, cut, isEmpty, longest, moveTo, moved, walk, without } from './map-axes.ts';
import { X, Y, reductionOf } from './reduce-axes.ts';

/** How elements become one. */
interface Rule {
  readonly start: number;
  readonly reduce: InstructionDefinition;
  readonly combine: InstructionDefinition;
}

const SUM: Rule = { start: 0, reduce: rowSum, combine: add };
const RULES: Readonly<Record<string, Rule>> = {
  reduce_sum: SUM,
  reduce_mean: SUM,
  reduce_max: { start: -Infinity, reduce: rowMax, combine: max },
};

/**
 * Kept axes are rows of a tile and reduced ones columns, so that each tile becomes one column of
 * partial results; tiles whose memory runs the other way are turned first. Order of a sum: each
 * piece of the folded axis (the innermost, or the longest where a kept one is innermost) as its
 * instruction sums a row; pieces of a tile's width ascending; further reduced axes around them.
 */
export function lowerReduce(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  if (context.typeOf(output).dtype === 'i32') return lowerIntegerReduce(step, context);
  const builder = new KernelBuilder(output);
  const { kept, reduced, count } = reductionOf(step, context);
  const rule = RULES[node.op]!;
  const [x, y] = [context.placeOf(node.inputs[0]!), context.placeOf(output)];
  const isRun = (axis: Axis) => axis.strides[X] === 1;
  const rows = kept.find(isRun) ?? longest(kept, 2);
  const folded = reduced.find(isRun) ?? longest(reduced, 2);
  const source = { place: x, rows, folded, others: without(reduced, folded) };
  const divisor = node.op === 'reduce_mean' ? builder.fill(count, 1, 1, 'count') : undefined;
  if (!isEmpty(kept)) {
    walk(builder, without(kept, rows), atStart(2), (outer) => {
      builder.loop('rows', rows.extent, context.tile, (r) => {
        const offsets = moved(outer, rows, r.at);
        const total = fold(builder, context.tile, rule, source, r.size, offsets);
        const result = divisor
          ? builder.compute(div, r.size, 1, { ta: total, tb: divisor }, 'mean')
          : total;
        const stride = (rows.strides[Y]! || 1) * ELEMENT_BYTES;
        builder.store(moveTo(y, offsets, Y), result, stride);
      });
    });
  }
  return builder.finish(node.part, `${output} ← ${node.op} of ${node.inputs[0]}`);
}

/** What a fold reads: rows that stay, the axis along columns, and reduced axes beyond that. */
interface Source {
  readonly place: Place;
  readonly rows: Axis;
  readonly folded: Axis;
  readonly others: readonly Axis[];
}

/** One column of results: everything that is reduced, for some rows. */
function fold(
  builder: KernelBuilder,
  tile: number,
  { start, reduce, combine }: Rule,
  { place, rows, folded, others }: Source,
  height: Size,
  offsets: Offsets,
): TileValue {
  const total = builder.fill(start, height, 1, 'result');
  if (isEmpty([folded, ...others])) return total;
  const isTurned = rows.strides[X] === 1;
  walk(builder, others, offsets, (outer) => {
    cut(builder, 'folded', folded, tile, ({ at, size }) => {
      const from = moveTo(place, moved(outer, folded, at), X);
      const ts = isTurned
        ? turned(builder, from, height, size, folded.strides[X]!)
        : builder.load(from, height, size, (rows.strides[X]! || 1) * ELEMENT_BYTES, 'x');
      const part = builder.compute(reduce, height, 1, { ts });
      builder.into(total, combine, { ta: total, tb: part });
    });
  });
  return total;
}

/** rows × cols of a source that is contiguous along its rows. */
function turned(
  builder: KernelBuilder,
  from: Place,
  rows: Size,
  cols: Size,
  stride: number,
): TileValue {
  const ts = builder.load(from, cols, rows, (stride || 1) * ELEMENT_BYTES, 'x');
  return builder.compute(transpose, rows, cols, { ts });
}
