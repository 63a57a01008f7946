/** Lowering of reductions of int32 tensors: each result is read, changed and written again in memory. */
import type { Size, Variable } from '../kernel/affine.ts';
import { KernelBuilder } from '../kernel/builder.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { quotient } from './integers.ts';
import { atStart, isEmpty, moveTo, walk } from './map-axes.ts';
import { X, Y, reductionOf } from './reduce-axes.ts';

const LOWEST_INT32 = -(2 ** 31);

/** Sum, mean towards zero, and maximum; a partial sum beyond int32 is a trap. */
export function lowerIntegerReduce(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  const builder = new KernelBuilder(output);
  const { kept, reduced, count } = reductionOf(step, context);
  const [x, y] = [context.placeOf(node.inputs[0]!), context.placeOf(output)];
  const isMaximum = node.op === 'reduce_max';
  const combine = (sum: Variable, value: Variable): Size =>
    builder.integer(isMaximum ? 'max' : 'add', sum, value, 'result');
  if (!isEmpty(kept)) {
    walk(builder, kept, atStart(2), (offsets) => {
      const target = moveTo(y, offsets, Y);
      builder.storeInteger(target, isMaximum ? LOWEST_INT32 : 0);
      if (!isEmpty(reduced)) {
        walk(builder, reduced, offsets, (inner) => {
          const value = builder.integerAt(moveTo(x, inner, X), 'x');
          builder.storeInteger(target, combine(builder.integerAt(target, 'sum'), value));
        });
      }
      if (count === 1) return;
      const sum = builder.integerAt(target, 'sum');
      builder.storeInteger(target, quotient(builder, sum, count));
    });
  }
  return builder.finish(node.part, `${output} ← ${node.op} of integers ${node.inputs[0]}`);
}
