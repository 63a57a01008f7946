/** Lowering of `gather`: slices along any axis, named by integers in memory. */
import { affine, plus, times } from '../kernel/affine.ts';
import { KernelBuilder, further } from '../kernel/builder.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import { sizeOf } from '../registers.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES, elements } from './context.ts';
import type { Axis } from './map-axes.ts';
import { isEmpty, mergeAxes, still, stridesOf, walk } from './map-axes.ts';
import { copyAxes } from './move.ts';

/** One index after the other; its slice is a strided copy. The elements may be of any type. */
export function lowerGather(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  const [table, indices] = node.inputs;
  const builder = new KernelBuilder(output);
  const { shape, dtype } = context.typeOf(table!);
  const axis = (node.attributes.axis as number) + ((node.attributes.axis as number) < 0 ? shape.length : 0);
  const width = elements(shape.slice(axis + 1));
  const named = namedAxis(context.typeOf(indices!).shape, width);
  const slice = sliceAxes(shape.slice(0, axis), shape[axis] as number, named.extent, width);
  const [from, list, to] = [table!, indices!, output].map((name) => context.placeOf(name));
  if (!isEmpty([named, ...slice])) {
    walk(builder, [named], [affine(0), affine(0)], ([place, target]) => {
      const index = builder.integerAt(further(list!, place!), 'index');
      const start = [times(index, width * ELEMENT_BYTES), target!];
      copyAxes(builder, context.tile, {
        from: from!,
        to: to!,
        axes: slice,
        start,
        isFloat: dtype !== 'i32',
      });
    });
  }
  return builder.finish(node.part, `${output} ← ${indices} of ${table} along axis ${axis}`);
}
