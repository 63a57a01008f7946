/** Lowering of arithmetic on int32 tensors: one element after the other, in scalar registers. */
import { idiv } from '../../../isa/instructions/idiv.ts';
import { imul } from '../../../isa/instructions/imul.ts';
import { GraphError } from '../../model/graph.ts';
import type { Size, Variable } from '../kernel/affine.ts';
import { KernelBuilder } from '../kernel/builder.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { atStart, isEmpty, moveTo, walk } from './map-axes.ts';
import { operandAxes } from './map.ts';

type Formula = (builder: KernelBuilder, a: Variable, b: Variable) => Size;

const FORMULAS: Readonly<Record<string, Formula>> = {
  add: (builder, a, b) => builder.integer('add', a, b),
  sub: (builder, a, b) => builder.integer('sub', a, b),
  mul: (builder, a, b) => builder.integer('mul', a, b),
  max: (builder, a, b) => builder.integer('max', a, b),
  min: (builder, a, b) => builder.integer('min', a, b),
  div: quotient,
  rem: (builder, a, b) => {
    const whole = builder.integer('mul', quotient(builder, a, b), b, 'whole');
    return builder.integer('sub', a, whole, 'rem');
  },
};

/** add, sub, mul, div, rem, max and min of int32; a result beyond int32 is a trap. */
export function lowerIntegerMap(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  const formula = FORMULAS[node.op];
  if (!formula) throw new GraphError(`node ${node.name}: there is no ${node.op} of i32`);
  const builder = new KernelBuilder(output);
  const names = [...node.inputs, output];
  const types = names.map((name) => context.typeOf(name));
  const [a, b, y] = names.map((name) => context.placeOf(name));
  const axes = operandAxes(types, types.at(-1)!);
  if (!isEmpty(axes)) {
    walk(builder, axes, atStart(names.length), (offsets) => {
      const left = builder.integerAt(moveTo(a!, offsets, 0), 'a');
      const right = builder.integerAt(moveTo(b!, offsets, 1), 'b');
      builder.storeInteger(moveTo(y!, offsets, 2), formula(builder, left, right));
    });
  }
  return builder.finish(node.part, `${output} ← ${node.op}(${node.inputs.join(', ')}) of integers`);
}

/**
 * a / b towards zero, of a division that rounds down: of ⌊a/b⌋ and ⌊−a/b⌋ one is not above 0, and
 * the other is the size of the result.
 */
export function quotient(builder: KernelBuilder, a: Variable, b: Size): Size {
  const up = builder.scalar(idiv, { ra: a, b }, 'up');
  const minus = builder.scalar(imul, { ra: a, b: -1 }, 'minus');
  const down = builder.scalar(idiv, { ra: minus, b }, 'down');
  const above = builder.integer('max', up, 0, 'above');
  return builder.integer('sub', above, builder.integer('max', down, 0, 'below'), 'quotient');
}
