/** The inputs of an ONNX model: their shapes, with parameters such as `batch` bound to numbers. */
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { HostTensor } from '../../tensor/host-tensor.ts';
import { elementCount } from '../../tensor/host-tensor.ts';
import { GraphError } from '../graph.ts';
import { checkShape } from '../tensor-file.ts';
import type { DataType } from './data-types.ts';
import type { OnnxModel, ValueInfo } from './model-proto.ts';
import { need } from './value.ts';

/** An input whose shape is known. */
export interface BoundInput {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
  /** What was given for it. */
  readonly given: HostTensor | undefined;
}

/**
 * The inputs that are no constants, bound to what was given.
 *
 * @throws FileError or GraphError when a given tensor does not fit, or a dimension stays unknown.
 */
export function bindInputs(
  model: OnnxModel,
  given: ReadonlyMap<string, HostTensor>,
  dims: ReadonlyMap<string, number>,
): readonly BoundInput[] {
  const inputs = model.inputs.filter(({ name }) => !model.initializers.has(name));
  const names = inputs.map(({ name }) => name);
  const stranger = [...given.keys()].find((name) => !names.includes(name));
  if (stranger !== undefined) {
    const hint = didYouMean(stranger, names) ?? `the inputs are ${names.join(', ')}`;
    throw new GraphError(`the model has no input ${stranger}`, hint);
  }
  const bound = new Map(dims);
  for (const info of inputs) bindParameters(info, given.get(info.name), bound);
  return inputs.map((info) => {
    need(info.type !== undefined, `the input ${info.name} is no tensor`);
    const tensor = given.get(info.name);
    const shape = checkShape(tensor?.shape ?? shapeOf(info, bound));
    checkValues(info.name, info.type, tensor);
    return { name: info.name, type: info.type, shape, given: tensor };
  });
}

/** Binds the parameters of one input to the shape of what was given for it. */
function bindParameters(
  { name, shape }: ValueInfo,
  tensor: HostTensor | undefined,
  bound: Map<string, number>,
): void {
  if (!tensor || !shape) return;
  const declared = shape.map((dim) => dim ?? '?').join('×');
  const found = tensor.shape.join('×');
  need(shape.length === tensor.shape.length, `the input ${name} is ${declared}, not ${found}`);
  shape.forEach((dim, axis) => {
    const size = tensor.shape[axis];
    const known = typeof dim === 'string' ? bound.get(dim) : dim;
    const fits = known === undefined || known === size;
    need(fits, `the input ${name} is ${declared}, not ${found}: ${dim} is ${known}`);
    if (typeof dim === 'string') bound.set(dim, size);
  });
}

function shapeOf({ name, shape }: ValueInfo, bound: ReadonlyMap<string, number>): number[] {
  const hint = `give it with --input ${name}=FILE`;
  if (!shape) throw new GraphError(`the input ${name} has no shape`, hint);
  return shape.map((dim, axis) => {
    const size = typeof dim === 'string' ? bound.get(dim) : dim;
    if (size !== undefined) return size;
    const which = dim === undefined ? `dimension ${axis}` : `the dimension ${dim}`;
    throw new GraphError(`${which} of the input ${name} is not known`, hint);
  });
}

/** Integers are given as integers, and everything else as floats. */
function checkValues(name: string, type: DataType, tensor: HostTensor | undefined): void {
  if (!tensor) return;
  const fits = type.dtype === 'bool' || tensor.dtype === type.dtype;
  need(fits, `the input ${name} is ${type.name}, but ${tensor.dtype} was given`);
  const count = elementCount(tensor.shape);
  need(
    tensor.data.length === count,
    `the input ${name} has ${tensor.data.length} values, not ${count}`,
  );
}
