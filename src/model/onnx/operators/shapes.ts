/** ONNX operators that make constants or tell and change shapes. Source: onnx.ai/onnx/operators. */
import { elementCount } from '../../../tensor/host-tensor.ts';
import { dataType } from '../data-types.ts';
import type { Lowering, NodeContext } from '../node.ts';
import type { OnnxTensor } from '../tensor-proto.ts';
import type { Value } from '../value.ts';
import { axisFrom, constant, knownValues, need, rankOf, showValue, sizeOf } from '../value.ts';

/** As many as a Range may make. */
const MAX_RANGE = 2 ** 22;

/** A tensor of the file, under a name. */
export function constantOf({ type, shape, read }: OnnxTensor, name: string): Value {
  return constant(name, type, shape, read);
}

const constantNode: Lowering = (node) => {
  const { tensors } = node;
  const tensor = node.attribute('value', 'tensor');
  if (tensor) return constantOf(tensor.value, node.source.outputs[0]);
  const one = node.attribute('value_float', 'float')?.value;
  if (one !== undefined) return node.scalar(one);
  const whole = node.attribute('value_int', 'integer')?.value;
  if (whole !== undefined) return node.scalar(whole, 'int64');
  const floats = node.numbers('value_floats');
  if (floats) return tensors.list(floats, dataType('float32'));
  const integers = node.integers('value_ints');
  need(integers !== undefined, 'it has no value of a kind that is read', 'text is not');
  return tensors.list(integers, dataType('int64'));
};

const shape: Lowering = (node) => {
  const x = node.input(0);
  const rank = rankOf(x);
  const bound = (axis: number) => Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank);
  const [start, end] = [bound(node.integer('start', 0)), bound(node.integer('end', rank))];
  return node.tensors.list(x.shape.slice(start, end), dataType('int64'));
};

const constantOfShape: Lowering = (node) => {
  const dims = shapeFrom(node.known(0));
  const value = node.attribute('value', 'tensor')?.value;
  const type = value?.type ?? dataType('float32');
  return node.tensors.full(dims, value?.read()[0] ?? 0, type);
};

/** start, start + delta, … as many as ⌈(limit − start) / delta⌉. */
const range: Lowering = (node) => {
  const [start, limit, delta] = [0, 1, 2].map((position) => {
    need(sizeOf(node.input(position)) === 1, `input ${position} must be one number`);
    return node.known(position)[0];
  });
  const count = Math.max(Math.ceil((limit - start) / delta), 0);
  need(count <= MAX_RANGE, `there would be ${count} numbers`, `at most ${MAX_RANGE}`);
  const values = Array.from({ length: count }, (_, i) => start + i * delta);
  return node.tensors.list(values, node.input(0).type);
};

function shapeFrom(dims: readonly number[]): readonly number[] {
  const isShape = dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  need(isShape && Number.isSafeInteger(elementCount(dims)), `${dims.join('×')} is no shape`);
  return dims;
}

/** 0 keeps a dimension unless allowzero, −1 is what remains. */
const reshape: Lowering = (node) => {
  const x = node.input(0);
  const wanted = node.known(1);
  const keepsZero = node.flag('allowzero');
  const dims = wanted.map((dim, axis) => {
    if (dim !== 0 || keepsZero) return dim;
    need(axis < rankOf(x), `dimension ${axis} is to be kept, but the operand is ${showValue(x)}`);
    return x.shape[axis];
  });
  const open = dims.indexOf(-1);
  if (open >= 0) {
    const others = elementCount(dims.filter((_, axis) => axis !== open));
    const rest = others === 0 ? 0 : sizeOf(x) / others;
    need(Number.isInteger(rest), `${showValue(x)} cannot become ${wanted.join('×')}`);
    dims[open] = rest;
  }
  return node.tensors.reshape(x, shapeFrom(dims));
};

const flatten: Lowering = (node) => {
  const x = node.input(0);
  const rank = rankOf(x);
  const axis = node.integer('axis', 1);
  const at = axis === rank ? rank : axisFrom(axis, Math.max(rank, 1));
  const sizes = [elementCount(x.shape.slice(0, at)), elementCount(x.shape.slice(at))];
  return node.tensors.reshape(x, sizes);
};

/** Axes became an input with opset 13. */
function axesOf(node: NodeContext): readonly number[] | undefined {
  return node.opset < 13 ? node.integers('axes') : node.optionalKnown(1);
}

const squeeze: Lowering = (node) => {
  const x = node.input(0);
  const axes = axesOf(node)?.map((axis) => axisFrom(axis, rankOf(x)));
  const dropped = (axis: number) => (axes ? axes.includes(axis) : x.shape[axis] === 1);
  const wrong = axes?.find((axis) => x.shape[axis] !== 1);
  need(wrong === undefined, `axis ${wrong} of ${showValue(x)} is not 1`);
  return node.tensors.reshape(
    x,
    x.shape.filter((_, axis) => !dropped(axis)),
  );
};

const unsqueeze: Lowering = (node) => {
  const x = node.input(0);
  const axes = axesOf(node);
  need(axes !== undefined, 'there are no axes');
  return node.tensors.reshape(x, unsqueezed(x.shape, axes));
};

/** The shape with a 1 put in at each of these axes, which count in the result. */
function unsqueezed(dims: readonly number[], axes: readonly number[]): number[] {
  const rank = dims.length + axes.length;
  const added = new Set(axes.map((axis) => axisFrom(axis, rank)));
  need(added.size === axes.length, `the axes ${axes.join(', ')} repeat`);
  const rest = [...dims];
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift()!));
}

/** Both ways: dimensions of 1 in the wanted shape leave those of the operand. */
const expand: Lowering = (node) => {
  const x = node.input(0);
  return node.tensors.expand(x, broadcastTo(x.shape, shapeFrom(node.known(1))));
};

/** The common shape of two, as NumPy broadcasts. */
export function broadcastTo(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [m, n] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    need(m === n || m === 1 || n === 1, `${a.join('×')} and ${b.join('×')} do not broadcast`);
    return m === 1 ? n : m;
  });
}

/** At inference nothing is dropped. */
const dropout: Lowering = (node) => {
  const x = node.input(0);
  node.number('ratio', 0.5);
  node.integer('seed', 0);
  const training = node.optional(2);
  if (training) need((knownValues(training) ?? [1])[0] === 0, 'it is in training mode');
  return [x, node.wants(1) ? node.tensors.full(x.shape, 1, dataType('bool')) : undefined];
};

export const SHAPES: Readonly<Record<string, Lowering>> = {
  Constant: constantNode,
  ConstantOfShape: constantOfShape,
  Range: range,
  Shape: shape,
  Size: (node) => node.scalar(sizeOf(node.input(0)), 'int64'),
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Identity: (node) => node.input(0),
  Dropout: dropout,
};
