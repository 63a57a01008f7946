/** Lowering of what moves elements without computing: strided copies of any rank. */
import { transpose } from '../../../isa/instructions/transpose.ts';
import { GraphError, staticShape } from '../../model/graph.ts';
import type { Dim } from '../../model/graph.ts';
import type { Size } from '../kernel/affine.ts';
import { affine } from '../kernel/affine.ts';
import { KernelBuilder } from '../kernel/builder.ts';
import type { Kernel, Place } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES } from './context.ts';
import type { Axis, Block, Offsets } from './map-axes.ts';
import {
  axesOf,
  broadcastStrides,
  isEmpty,
  longest,
  mergeAxes,
  moveTo,
  still,
  stridesOf,
  walk,
  walkRun,
  walkTiles,
  without,
} from './map-axes.ts';

/** A copy: two operands, the source and the target, walk along the axes. */
export interface Copy {
  readonly from: Place;
  readonly to: Place;
  readonly axes: readonly Axis[];
  /** Where both begin; bytes. */
  readonly start: Offsets;
  /** Integers go one by one: a tile would round those beyond 2^24. */
  readonly isInteger: boolean;
}

const [FROM, TO] = [0, 1];

/** transpose, slice, concat, expand; a reshape or a cast that keeps every element, where it needs memory. */
export function lowerMove(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  const builder = new KernelBuilder(output);
  const isInteger = context.typeOf(output).dtype === 'i32';
  const to = context.placeOf(output);
  for (const { source, axes, first, target } of movesOf(step, context)) {
    const start = [first, target].map((elements) => affine(elements * ELEMENT_BYTES));
    copyAxes(builder, context.tile, { from: context.placeOf(source), to, axes, start, isInteger });
  }
  return builder.finish(node.part, `${output} ← ${node.op} of ${node.inputs.join(', ')}`);
}

/** What goes where: axes, and the first element of source and target. */
interface Move {
  readonly source: string;
  readonly axes: readonly Axis[];
  readonly first: number;
  readonly target: number;
}

function movesOf({ node, output }: Step, context: LowerContext): readonly Move[] {
  const source = node.inputs[0]!;
  const { shape } = context.typeOf(source);
  const own = stridesOf(shape);
  const result = context.typeOf(output).shape;
  const from = (strides: readonly number[], first = 0): readonly Move[] => [
    { source, axes: axesOf(result, [strides, stridesOf(result)]), first, target: 0 },
  ];
  switch (node.op) {
    case 'transpose':
      return from((node.attributes.perm as readonly number[]).map((axis) => own[axis]!));
    case 'slice': {
      const { starts, steps } = node.attributes as Record<string, readonly number[]>;
      const first = own.reduce((sum, stride, axis) => sum + stride * starts![axis]!, 0);
      return from(own.map((stride, axis) => stride * steps![axis]!), first); // prettier-ignore
    }
    case 'expand':
      return from(broadcastStrides(shape, result));
    case 'concat':
      return concatenated(node.inputs, node.attributes.axis as number, result, context);
    case 'reshape':
    case 'cast': {
      const count = staticShape(context.typeOf(output), output).reduce((n, dim) => n * dim, 1);
      return [{ source, axes: [{ extent: count, strides: [1, 1] }], first: 0, target: 0 }];
    }
  }
  throw new GraphError(`node ${node.name}: ${node.op} moves nothing`);
}

/** One move for each operand, its elements behind those of the one before. */
function concatenated(
  inputs: readonly string[],
  axis: number,
  result: readonly Dim[],
  context: LowerContext,
): readonly Move[] {
  const strides = stridesOf(result);
  const at = axis < 0 ? axis + result.length : axis;
  let target = 0;
  return inputs.map((source) => {
    const { shape } = context.typeOf(source);
    const move = { source, axes: axesOf(shape, [stridesOf(shape), strides]), first: 0, target };
    target += (shape[at] as number) * strides[at]!;
    return move;
  });
}

/** Copies along all axes, in tiles as large as the strides allow. */
export function copyAxes(builder: KernelBuilder, tile: number, copy: Copy): void {
  const axes = mergeAxes(copy.axes);
  if (isEmpty(axes)) return;
  if (copy.isInteger) copyIntegers(builder, copy, axes);
  else copyTiles(builder, tile, copy, axes);
}

function copyIntegers(builder: KernelBuilder, { from, to, start }: Copy, axes: readonly Axis[]) {
  walk(builder, axes, start, (offsets) => {
    const value = builder.integerAt(moveTo(from, offsets, FROM), 'value');
    builder.storeInteger(moveTo(to, offsets, TO), value);
  });
}

function copyTiles(builder: KernelBuilder, tile: number, copy: Copy, axes: readonly Axis[]): void {
  const isAcross = (operand: number) => (axis: Axis) => axis.strides[operand] === 1;
  const run = axes.find((axis) => isAcross(FROM)(axis) && isAcross(TO)(axis));
  const [down, across] = [axes.find(isAcross(FROM)), axes.find(isAcross(TO))];
  const put = (block: Block) => copyBlock(builder, copy, block);
  if (run && axes.length === 1 && typeof run.extent === 'number') {
    walkRun(builder, tile, { extent: run.extent, strides: run.strides }, copy.start, put);
    return;
  }
  // Where nothing is contiguous on both sides, tiles are turned; else single columns go.
  const turned = !run && down && across;
  const cols = run ?? (turned ? across : still(2));
  const rows = turned ? down : longest(without(axes, cols), 2);
  walk(builder, without(axes, rows, cols), copy.start, (offsets) =>
    walkTiles(builder, tile, rows, cols, offsets, put),
  );
}

/** One tile: loaded along its rows, or, where the source runs down the columns, along those. */
function copyBlock(builder: KernelBuilder, { from, to }: Copy, block: Block): void {
  const { offsets, rows, cols, down, across } = block;
  const source = moveTo(from, offsets, FROM);
  const target = moveTo(to, offsets, TO);
  // Of a single row any number will do.
  const pitch = (height: Size, stride: number | undefined) =>
    (height === 1 ? 1 : stride!) * ELEMENT_BYTES;
  const isTurned = cols !== 1 && across[FROM] !== 1;
  const loaded = isTurned
    ? builder.load(source, cols, rows, pitch(cols, across[FROM]))
    : builder.load(source, rows, cols, pitch(rows, down[FROM]));
  const tile = isTurned ? builder.compute(transpose, rows, cols, { ts: loaded }) : loaded;
  builder.store(target, tile, pitch(rows, down[TO]));
}
