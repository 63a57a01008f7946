/** Lowering of recurrent layers: one kernel with a loop over the steps inside. */
import { GraphError, staticShape } from '../../model/graph.ts';
import { KernelBuilder } from '../kernel/builder.ts';
import type { Integer } from '../kernel/affine.ts';
import { plus, times } from '../kernel/affine.ts';
import type { Kernel, Place } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES } from './context.ts';
import { atStart, moveTo, walkRun } from './map-axes.ts';
import { copyAxes } from './move.ts';
import type { Cell } from './recurrent-cells.ts';
import { CELLS } from './recurrent-cells.ts';
import type { Frame } from './recurrent-frame.ts';
import { activationsOf, matrixAt } from './recurrent-frame.ts';

/**
 * rnn, gru and lstm. Neighbouring rows of the batch that are equally long walk through their steps
 * together, and no row takes more steps than it has.
 */
export function lowerRecurrent(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  const cell = CELLS[node.op];
  if (!cell) throw new GraphError(`node ${node.name}: ${node.op} is not recurrent`);
  const builder = new KernelBuilder(output);
  const frame = frameOf(step, context, cell, builder);
  const { steps, batch, hidden, y } = frame;
  if (batch * hidden > 0) {
    startStates(frame, cell);
    const x = staticShape(context.typeOf(node.inputs[0]!), node.inputs[0]!);
    cell.prepare(frame, matrixAt(context.placeOf(node.inputs[0]!), x[2]!), x[2]!);
    const runs = runsOf(frame);
    const isCut = runs.some(({ length }) => length < steps);
    if (y && isCut) fillRun(frame, y.place, steps * batch * hidden);
    for (const run of runs) walkSteps(frame, cell, run);
  }
  return builder.finish(node.part, `${output} ← ${node.op} of ${node.inputs[0]}, ${steps} steps`);
}

function frameOf({ node }: Step, context: LowerContext, cell: Cell, builder: KernelBuilder): Frame {
  const [x, w, r, bias, , , peephole] = node.inputs;
  const [steps, batch, inner] = staticShape(context.typeOf(x!), x!) as [number, number, number];
  const hidden = staticShape(context.typeOf(r!), r!)[1]!;
  const wide = cell.gates * hidden;
  const given = (name: string | undefined, cols: number) =>
    name ? matrixAt(context.placeOf(name), cols) : undefined;
  const [y, h, c] = node.outputs;
  const kept = (name: string | undefined, scratch: string) =>
    given(name, hidden) ?? matrixAt(context.scratch(scratch, batch * hidden), hidden);
  const hiddenState = kept(h, 'h');
  return {
    builder,
    context,
    node,
    steps,
    batch,
    hidden,
    gateCount: cell.gates,
    w: matrixAt(context.placeOf(w!), inner),
    r: matrixAt(context.placeOf(r!), hidden),
    bias: given(bias, 2 * wide),
    peephole: given(peephole, 3 * hidden),
    fromX: matrixAt(context.scratch('x', Math.max(steps * batch * wide, 1)), wide),
    gates: matrixAt(context.scratch('gates', Math.max(batch * wide, 1)), wide),
    h: hiddenState,
    c: cell.hasCell ? kept(c, 'c') : hiddenState,
    y: given(y, hidden),
    activations: activationsOf(node),
  };
}

/** h and c begin as they are given, or as zeros. */
function startStates(frame: Frame, cell: Cell): void {
  const { builder, context, node, batch, hidden } = frame;
  const count = batch * hidden;
  const states = cell.hasCell ? [frame.h, frame.c] : [frame.h];
  states.forEach(({ place: to }, i) => {
    const initial = node.inputs[4 + i];
    if (!initial) return fillRun(frame, to, count);
    const axes = [{ extent: count, strides: [1, 1] }];
    const from = context.placeOf(initial);
    copyAxes(builder, context.tile, { from, to, axes, start: atStart(2), isInteger: false });
  });
}

/** Zeros side by side. */
function fillRun({ builder, context }: Frame, place: Place, count: number): void {
  walkRun(builder, context.tile, { extent: count, strides: [1] }, atStart(1), (block) => {
    const zeros = builder.fill(0, block.rows, block.cols);
    builder.store(moveTo(place, block.offsets, 0), zeros, (block.down[0]! || 1) * ELEMENT_BYTES);
  });
}

/** Neighbouring rows of the batch with the same number of steps. */
interface Run {
  readonly first: number;
  readonly count: number;
  readonly length: number;
}

function runsOf({ node, steps, batch }: Frame): readonly Run[] {
  const lengths = node.attributes.lengths as readonly number[];
  const runs: Run[] = [];
  for (let row = 0; row < batch; row++) {
    const length = lengths[row] ?? steps;
    const last = runs.at(-1);
    if (last?.length === length) runs[runs.length - 1] = { ...last, count: last.count + 1 };
    else runs.push({ first: row, count: 1, length });
  }
  return runs;
}

/** In reverse a row begins with its own last step. */
function walkSteps(frame: Frame, cell: Cell, { first, count, length }: Run): void {
  if (length === 0) return;
  const isReverse = frame.node.attributes.reverse === true;
  frame.builder.loop('steps', length, 1, ({ at }) => {
    const time: Integer = isReverse ? plus(length - 1, times(at, -1)) : at;
    cell.step(frame, { first, count, time });
  });
}
