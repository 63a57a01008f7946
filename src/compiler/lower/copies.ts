/** Lowering of what moves rows: embeddings, positions, caches. */
import type { Dim } from '../../model/graph.ts';
import type { Integer } from '../kernel/affine.ts';
import { plus, times } from '../kernel/affine.ts';
import { KernelBuilder, further } from '../kernel/builder.ts';
import type { Kernel, Place } from '../kernel/kernel.ts';
import { sizeOf } from '../registers.ts';
import type { Step } from '../step.ts';
import { batchOf, ofOneSequence } from './batch.ts';
import type { LowerContext, MatrixView } from './context.ts';
import { ELEMENT_BYTES, matrixOf } from './context.ts';

/** Copies `count` neighbouring elements, as tiles that are filled row by row. */
export function copyRun(
  builder: KernelBuilder,
  to: Place,
  from: Place,
  count: number,
  tile: number,
): void {
  const rows = Math.floor(count / tile);
  const stride = tile * ELEMENT_BYTES;
  builder.pieces('run', rows, tile, ({ at, size }) => {
    const values = builder.load(further(from, times(at, stride)), size, tile, stride);
    builder.store(further(to, times(at, stride)), values, stride);
  });
  const rest = count - rows * tile;
  if (rest === 0) return;
  const values = builder.load(further(from, rows * stride), 1, rest, stride);
  builder.store(further(to, rows * stride), values, stride);
}

/** Rows of a table, named by integers in memory. */
export function lowerRowGather(step: Step, context: LowerContext): Kernel {
  const [table, indices] = step.node.inputs;
  const builder = new KernelBuilder(step.output);
  const from = matrixOf(context, table!);
  const { place: list } = matrixOf(context, indices!);
  const to = matrixOf(context, step.output);
  builder.loop('rows', to.rows, 1, ({ at }) => {
    const index = builder.integerAt(further(list, times(at, ELEMENT_BYTES)), 'index');
    const source = further(from.place, times(index, from.stride));
    copyRun(builder, further(to.place, times(at, to.stride)), source, to.cols, context.tile);
  });
  return builder.finish(step.node.part, `${step.output} ← rows ${indices} of ${table}`);
}

/** Copies rows of one width, 16 at a time. */
function copyRows(
  builder: KernelBuilder,
  to: MatrixView,
  from: MatrixView,
  offsets: { readonly to: Integer; readonly from: Integer },
  rows: MatrixView['rows'],
  tile: number,
): void {
  builder.loop('rows', rows, tile, (r) => {
    builder.pieces('columns', from.cols, tile, (c) => {
      const at = ({ stride }: MatrixView) => plus(times(r.at, stride), times(c.at, ELEMENT_BYTES));
      const source = further(from.place, plus(at(from), offsets.from));
      const values = builder.load(source, r.size, c.size, from.stride);
      builder.store(further(to.place, plus(at(to), offsets.to)), values, to.stride);
    });
  });
}

/** Rows offset + start … of a table; of a batch, the row of its position for all. */
export function lowerWindow(step: Step, context: LowerContext): Kernel {
  const { start, offset } = step.node.attributes as { start: Dim; offset: number };
  const builder = new KernelBuilder(step.output);
  const from = matrixOf(context, step.node.inputs[0]!);
  const to = matrixOf(context, step.output);
  const batch = batchOf(step);
  const row = plus(ofOneSequence(builder, sizeOf(start), batch, 'position'), offset);
  const rows = batch === 1 ? from : { ...from, stride: 0 };
  copyRows(builder, to, rows, { to: 0, from: times(row, from.stride) }, to.rows, context.tile);
  return builder.finish(step.node.part, `${step.output} ← rows of ${step.node.inputs[0]}`);
}

/** The last row. */
export function lowerLast(step: Step, context: LowerContext): Kernel {
  const builder = new KernelBuilder(step.output);
  const from = matrixOf(context, step.node.inputs[0]!);
  const to = matrixOf(context, step.output);
  const first = times(plus(from.rows, -1), from.stride);
  copyRows(builder, to, from, { to: 0, from: first }, 1, context.tile);
  return builder.finish(step.node.part, `${step.output} ← last row of ${step.node.inputs[0]}`);
}

/** Rows into a state, behind those it has. */
export function lowerAppend(step: Step, context: LowerContext): Kernel {
  const builder = new KernelBuilder(step.output);
  const from = matrixOf(context, step.node.inputs[0]!);
  const to = matrixOf(context, step.output);
  const first = times(sizeOf(step.node.attributes.start as Dim), to.stride);
  copyRows(builder, to, from, { to: first, from: 0 }, from.rows, context.tile);
  return builder.finish(step.node.part, `${step.output} ← ${step.node.inputs[0]} appended`);
}
