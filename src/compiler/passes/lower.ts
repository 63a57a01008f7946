/** Lowering: every step becomes a kernel; which function knows an operator is a table. */
import type { TensorType } from '../../model/graph.ts';
import { GraphError } from '../../model/graph.ts';
import { ELEMENTWISE } from '../../model/operators/elementwise.ts';
import { FORMATS } from '../../tensor/formats.ts';
import type { Affine } from '../kernel/affine.ts';
import { affine, plus, times } from '../kernel/affine.ts';
import type { Kernel, Place } from '../kernel/kernel.ts';
import { placeIn } from '../kernel/builder.ts';
import { lowerAttention } from '../lower/attention.ts';
import type { LowerContext, Lowering } from '../lower/context.ts';
import { ELEMENT_BYTES } from '../lower/context.ts';
import { lowerArgmax } from '../lower/argmax.ts';
import { lowerAppend, lowerLast, lowerRowGather, lowerWindow } from '../lower/copies.ts';
import { lowerGather } from '../lower/gather.ts';
import { lowerIntegerMap } from '../lower/integers.ts';
import { lowerLinear } from '../lower/linear.ts';
import { lowerMap } from '../lower/map.ts';
import { lowerMatmul } from '../lower/matmul.ts';
import { lowerMove } from '../lower/move.ts';
import { lowerRecurrent } from '../lower/recurrent.ts';
import { lowerReduce } from '../lower/reduce.ts';
import { lowerRope } from '../lower/rope.ts';
import { lowerLayerNorm, lowerLogSoftmax, lowerRmsNorm, lowerSoftmax } from '../lower/rows.ts';
import type { Module, Routine } from '../module.ts';
import { typeIn } from '../module.ts';
import { LAYER } from '../registers.ts';
import type { Step } from '../step.ts';
import { bufferKey } from './plan.ts';

const LOWERINGS: Readonly<Record<string, Lowering>> = {
  linear: lowerLinear,
  softmax: lowerSoftmax,
  log_softmax: lowerLogSoftmax,
  layer_norm: lowerLayerNorm,
  rms_norm: lowerRmsNorm,
  rope: lowerRope,
  attention: lowerAttention,
  window: lowerWindow,
  last: lowerLast,
  append: lowerAppend,
  matmul: lowerMatmul,
  argmax: lowerArgmax,
  gather: lowerGather,
  rnn: lowerRecurrent,
  gru: lowerRecurrent,
  lstm: lowerRecurrent,
};

/** Whole groups of operators that one function lowers. */
const GROUPS: readonly (readonly [operators: readonly string[], lowering: Lowering])[] = [
  [['reshape', 'transpose', 'slice', 'concat', 'expand'], lowerMove],
  [['reduce_sum', 'reduce_mean', 'reduce_max'], lowerReduce],
  [ELEMENTWISE.map(({ name }) => name), lowerMap],
];

/** Operators that work on integers in another way than on floats. */
const INTEGER: readonly string[] = ['add', 'sub', 'mul', 'div', 'rem', 'max', 'min'];

/** The kernel of a step; `scratch` is told of memory that only the kernel uses. */
export function lowerStep(
  module: Module,
  routine: Routine,
  step: Step,
  scratch: (key: string, elements: number) => void,
): Kernel {
  const context: LowerContext = {
    tile: module.tile,
    level: module.level,
    typeOf: (tensor) => typeIn(routine, tensor),
    placeOf: (tensor) => placeOf(module, routine, tensor),
    scratch(name, elements) {
      const key = `${routine.name}:${step.output}/${name}`;
      scratch(key, elements);
      return placeIn(key);
    },
  };
  return loweringOf(step, context)(step, context);
}

function loweringOf(step: Step, { typeOf }: LowerContext): Lowering {
  const { op, inputs, attributes } = step.node;
  if (op === 'gather' && isRowGather(typeOf(inputs[0]!), typeOf(inputs[1]!), attributes.axis)) {
    return lowerRowGather;
  }
  if (INTEGER.includes(op) && typeOf(inputs[0]!).dtype === 'i32') return lowerIntegerMap;
  const lowering = LOWERINGS[op] ?? GROUPS.find(([operators]) => operators.includes(op))?.[1];
  if (lowering) return lowering;
  throw new GraphError(`node ${step.node.name}: ${op} cannot be compiled`);
}

/** The rows of a matrix by a list of integers; the list may be as long as a count. */
function isRowGather(table: TensorType, indices: TensorType, axis: unknown): boolean {
  return (
    table.dtype === 'f32' &&
    table.shape.length === 2 &&
    indices.shape.length === 1 &&
    (axis === 0 || axis === -2)
  );
}

/** Where a tensor begins: behind that of which it is part, in the layer at hand. */
function placeOf(module: Module, routine: Routine, tensor: string): Place {
  let offset: Affine = affine(0);
  let root = tensor;
  for (let next = routine.aliases.get(root); next; next = routine.aliases.get(root)) {
    const { of, constant, variable, bytes } = next;
    offset = plus(offset, constant);
    if (variable) offset = plus(offset, times(variable, bytes));
    root = of;
  }
  const stack = module.stacks.get(root);
  if (stack) {
    const [first] = stack;
    const format = 'format' in first! ? first.format : undefined;
    const element = format ? FORMATS[format].bytes : ELEMENT_BYTES;
    const bytes = first!.shape.reduce((n, dim) => n * dim, element);
    offset = plus(offset, times(LAYER, bytes));
  }
  return { buffer: bufferKey(routine, root), offset };
}
