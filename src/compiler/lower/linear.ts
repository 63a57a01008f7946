/** Lowering of `linear`: y ← x · w + bias, tile by tile. */
import { add } from '../../../isa/instructions/add.ts';
import { plus, times } from '../kernel/affine.ts';
import type { Round } from '../kernel/builder.ts';
import { KernelBuilder, further } from '../kernel/builder.ts';
import type { Kernel, TileValue } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext, MatrixView } from './context.ts';
import { ELEMENT_BYTES, matrixOf } from './context.ts';
import { applyEpilogue, loadAt } from './epilogue.ts';

/** Accumulators side by side, from level 1 on: a tile of x is loaded once for all of them. */
const MAX_BLOCK = 8;

interface Operands {
  readonly x: MatrixView;
  readonly w: MatrixView;
  readonly y: MatrixView;
  readonly bias: string;
  /** w is out × in. */
  readonly transposed: boolean;
}

/**
 * For each 16 rows of x, and each block of columns of y, sums over the tiles of the inner
 * dimension in ascending order.
 */
export function lowerLinear(step: Step, context: LowerContext): Kernel {
  const [x, w, bias] = step.node.inputs;
  const builder = new KernelBuilder(step.output);
  const operands: Operands = {
    x: matrixOf(context, x!),
    w: matrixOf(context, w!),
    y: matrixOf(context, step.output),
    bias: bias ?? '',
    transposed: step.node.attributes.transposed === true,
  };
  const { y } = operands;
  builder.loop('rows', y.rows, context.tile, (r) => {
    for (const { from, columns, width } of columnBlocks(y.cols, context)) {
      builder.loop('columns', columns, width, (block) => {
        const cuts = cutInto(width, context.tile);
        const places = cuts.map(({ at, size }): Round => ({ at: plus(block.at, from + at), size }));
        lowerBlock(builder, context, step, operands, r, places);
      });
    }
  });
  const { part } = step.node;
  return builder.finish(part, titleOf(step));
}

function titleOf({ node, epilogue, output }: Step): string {
  const [x, w, bias] = node.inputs;
  const product = `${x} · ${w}${node.attributes.transposed === true ? 'ᵀ' : ''}`;
  const sum = bias ? `${product} + ${bias}` : product;
  const then = epilogue.map(({ op, other }) => `, then ${op}${other ? ` ${other}` : ''}`);
  return `${output} ← ${sum}${then.join('')}`;
}

/** Stretches of columns, each a multiple of the width of one block. */
function columnBlocks(cols: number, { tile, level }: LowerContext) {
  const tiles = Math.ceil(cols / tile);
  const block = level === 0 ? 1 : blockOf(tiles);
  const width = block * tile;
  const whole = Math.floor(cols / width) * width;
  const stretches = [];
  if (whole > 0) stretches.push({ from: 0, columns: whole, width });
  if (cols > whole) stretches.push({ from: whole, columns: cols - whole, width: cols - whole });
  return stretches;
}

/** The largest block that divides the tiles evenly, if there is one worth having. */
function blockOf(tiles: number): number {
  if (tiles <= MAX_BLOCK) return tiles;
  for (let block = MAX_BLOCK; block >= MAX_BLOCK / 2; block--) {
    if (tiles % block === 0) return block;
  }
  return MAX_BLOCK;
}

/** `width` cut into tiles; the last may be narrower. */
function cutInto(width: number, tile: number): { at: number; size: number }[] {
  return Array.from({ length: Math.ceil(width / tile) }, (_, i) => ({
    at: i * tile,
    size: Math.min(tile, width - i * tile),
  }));
}

/** One block of y: sums side by side, then epilogue and store of each. */
function lowerBlock(
  builder: KernelBuilder,
  context: LowerContext,
  step: Step,
  operands: Operands,
  r: Round,
  columns: readonly Round[],
): void {
  const { x, w, y, bias, transposed } = operands;
  const sums = columns.map(({ size }) => builder.fill(0, r.size, size, 'sum'));
  builder.pieces('inner', x.cols, context.tile, (k) => {
    const left = further(x.place, plus(times(r.at, x.stride), times(k.at, ELEMENT_BYTES)));
    const a = builder.load(left, r.size, k.size, x.stride, 'x');
    columns.forEach((c, i) => {
      const b = loadWeight(builder, w, transposed, k, c);
      builder.accumulate(sums[i]!, a, b, transposed);
    });
  });
  columns.forEach((c, i) => {
    const sum = withBias(builder, context, bias, sums[i]!, r, c);
    const result = applyEpilogue(builder, context, step, sum, r, c);
    const offset = plus(times(r.at, y.stride), times(c.at, ELEMENT_BYTES));
    builder.store(further(y.place, offset), result, y.stride);
  });
}

function loadWeight(
  builder: KernelBuilder,
  w: MatrixView,
  transposed: boolean,
  k: Round,
  c: Round,
): TileValue {
  const [down, right] = transposed ? [c, k] : [k, c];
  const offset = plus(times(down.at, w.stride), times(right.at, ELEMENT_BYTES));
  return builder.load(further(w.place, offset), down.size, right.size, w.stride, 'w');
}

function withBias(
  builder: KernelBuilder,
  context: LowerContext,
  bias: string,
  sum: TileValue,
  r: Round,
  c: Round,
): TileValue {
  if (bias === '') return sum;
  const tb = loadAt(builder, context, bias, r, c, sum.rows, sum.cols);
  return builder.compute(add, sum.rows, sum.cols, { ta: sum, tb }, 'bias');
}
