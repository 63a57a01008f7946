/** Lowering of `gather`: slices along any axis, named by integers in memory. */
import { affine, times } from '../kernel/affine.ts';
import { KernelBuilder, further } from '../kernel/builder.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES, elements } from './context.ts';
import type { Axis } from './map-axes.ts';
import { axesOf, isEmpty, stridesOf, walk } from './map-axes.ts';
import { copyAxes } from './move.ts';

/**
 * One index after the other, each slice a strided copy; elements may be of any type, indices may
 * be as many as a count says.
 */
export function lowerGather(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  const [table, indices] = node.inputs;
  const builder = new KernelBuilder(output);
  const [from, list, to] = [table!, indices!, output].map((name) => context.placeOf(name));
  const { named, slice, width } = axesOfGather(step, context);
  const isInteger = context.typeOf(table!).dtype === 'i32';
  if (!isEmpty([...named, ...slice])) {
    walk(builder, named, [affine(0), affine(0)], ([entry, target]) => {
      const index = builder.integerAt(further(list!, entry!), 'index');
      const start = [times(index, width * ELEMENT_BYTES), target!];
      copyAxes(builder, context.tile, { from: from!, to: to!, axes: slice, start, isInteger });
    });
  }
  return builder.finish(node.part, `${output} ← ${indices} of ${table}`);
}

/** The walk along indices and result, and the walk along x and result for one of them. */
function axesOfGather({ node, output }: Step, { typeOf }: LowerContext) {
  const [table, indices] = node.inputs;
  const { shape } = typeOf(table!);
  const given = node.attributes.axis as number;
  const axis = given < 0 ? given + shape.length : given;
  const named = typeOf(indices!).shape;
  const width = elements(shape.slice(axis + 1));
  const strides = stridesOf(typeOf(output).shape);
  const before = axesOf(shape.slice(0, axis), [stridesOf(shape), strides]);
  const run: Axis = { extent: width, strides: [1, 1] };
  return {
    named: axesOf(named, [stridesOf(named), strides.slice(axis)]),
    slice: [...before, run],
    width,
  };
}
