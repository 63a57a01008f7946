/** Lowering of `argmax`: the column of the largest element of each row, of rows of any width. */
import { argmax } from '../../../isa/instructions/argmax.ts';
import { rowMax } from '../../../isa/instructions/rowmax.ts';
import type { Integer, Size } from '../kernel/affine.ts';
import { times } from '../kernel/affine.ts';
import type { Round } from '../kernel/builder.ts';
import { KernelBuilder, further } from '../kernel/builder.ts';
import type { Kernel, Place } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES, matrixOf } from './context.ts';
import { placeAt } from './matmul-product.ts';

/** Rows of x at hand, or of the maxima of their pieces. */
interface Stage {
  readonly place: Place;
  /** Bytes from row to row. */
  readonly stride: number;
  readonly cols: number;
}

/**
 * A row wider than a tile is cut into pieces, their maxima into pieces, and so on until a tile
 * holds them; the first of the largest at each stage says in which piece of the one below the first
 * of the largest elements is.
 */
export function lowerArgmax(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  const builder = new KernelBuilder(output);
  const x = matrixOf(context, node.inputs[0]!);
  const result = context.placeOf(output);
  if (x.rows !== 0) {
    builder.loop('rows', x.rows, context.tile, (r) => {
      const first = { place: placeAt(x, r.at, 0), stride: x.stride, cols: x.cols };
      const stages = lowerMaxima(builder, context, first, r);
      builder.loop('row', r.size, 1, ({ at }) => {
        const column = descend(builder, context.tile, stages, at);
        const target = further(result, times(r.at, ELEMENT_BYTES));
        builder.storeInteger(further(target, times(at, ELEMENT_BYTES)), column);
      });
    });
  }
  return builder.finish(node.part, `${output} ← argmax of ${node.inputs[0]}`);
}

/** The rows themselves and the stages above them, the one that fits a tile last. */
function lowerMaxima(
  builder: KernelBuilder,
  context: LowerContext,
  first: Stage,
  r: Round,
): readonly Stage[] {
  const { tile } = context;
  const stages = [first];
  for (let below = first; below.cols > tile; below = stages.at(-1)!) {
    const cols = Math.ceil(below.cols / tile);
    const place = context.scratch(`maxima${stages.length}`, tile * cols);
    const above = { place, stride: cols * ELEMENT_BYTES, cols };
    const lower = (from: number, pieces: number, width: number) => {
      builder.loop('pieces', pieces, 1, ({ at }) => {
        const source = further(placeAt(below, 0, from * tile), times(at, tile * ELEMENT_BYTES));
        const ts = builder.load(source, r.size, width, below.stride);
        const largest = builder.compute(rowMax, r.size, 1, { ts }, 'maxima');
        const target = further(placeAt(above, 0, from), times(at, ELEMENT_BYTES));
        builder.store(target, largest, above.stride);
      });
    };
    const whole = Math.floor(below.cols / tile);
    lower(0, whole, tile);
    if (whole < cols) lower(whole, 1, below.cols - whole * tile);
    stages.push(above);
  }
  return stages;
}

/** The column of one row: from the maxima of the last stage down to the elements. */
function descend(
  builder: KernelBuilder,
  tile: number,
  stages: readonly Stage[],
  row: Integer,
): Size {
  const [top, ...lower] = stages.toReversed() as [Stage, ...Stage[]];
  let found: Size = columnIn(builder, top, row, 0, top.cols);
  for (const stage of lower) {
    const start: Size = builder.integer('mul', found, tile, 'start');
    const isWhole = stage.cols % tile === 0;
    const left = isWhole ? tile : builder.integer('sub', stage.cols, start, 'left');
    const width = isWhole ? tile : builder.integer('min', left, tile, 'width');
    found = builder.integer('add', start, columnIn(builder, stage, row, start, width), 'column');
  }
  return found;
}

/** The first of the largest of `width` elements. */
function columnIn(
  builder: KernelBuilder,
  { place, stride }: Stage,
  row: Integer,
  start: Size,
  width: Size,
): Size {
  const ts = builder.load(placeAt({ place, stride }, row, start), 1, width, stride);
  return builder.scalar(argmax, { ts }, 'column');
}
