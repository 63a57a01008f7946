/** The axes of a reduction: which are kept, and which are walked for each result. */
import type { Dim } from '../../model/graph.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { elements } from './context.ts';
import type { Axis } from './map-axes.ts';
import { axesOf, mergeAxes, stridesOf, without } from './map-axes.ts';

/** The operands of a reduction's axes. */
export const [X, Y] = [0, 1];

/** The walk of a reduction; strides are those of x and y, 0 in y along what is reduced. */
export interface Reduction {
  readonly kept: readonly Axis[];
  readonly reduced: readonly Axis[];
  /** Elements that become one. */
  readonly count: number;
}

/** The axes of a reduction, neighbours merged. */
export function reductionOf({ node }: Step, context: LowerContext): Reduction {
  const { shape } = context.typeOf(node.inputs[0]!);
  const axes = node.attributes.axes as readonly number[];
  const isReduced = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  const result = shape.map((dim, axis): Dim => (isReduced.has(axis) ? 1 : dim));
  const target = stridesOf(result).map((stride, axis) => (isReduced.has(axis) ? 0 : stride));
  const merged = mergeAxes(axesOf(shape, [stridesOf(shape), target]));
  const reduced = merged.filter(({ strides }) => strides[Y] === 0);
  const count =
    node.op === 'reduce_mean' ? elements(shape.filter((_, axis) => isReduced.has(axis))) : 1;
  return { kept: without(merged, ...reduced), reduced, count };
}
