/** ONNX operators that move elements. Source: onnx.ai/onnx/operators. */
import type { Lowering, NodeContext } from '../node.ts';
import type { Tensors } from '../tensors.ts';
import type { Value } from '../value.ts';
import { axisFrom, knownValues, need, rankOf, showValue } from '../value.ts';

/** Indices from the front: index − length · max(min(index, 0), −1). */
export function fromFront(tensors: Tensors, indices: Value, length: number): Value {
  const known = knownValues(indices);
  if (known?.every((index) => index >= 0)) return indices;
  const number = (value: number) => tensors.scalar(value, indices.type);
  const below = tensors.op('max', [tensors.op('min', [indices, number(0)]), number(-1)]);
  return tensors.op('sub', [indices, tensors.op('mul', [below, number(length)])]);
}

const gather: Lowering = (node) => {
  const { tensors } = node;
  const [x, indices] = [node.input(0), node.input(1)];
  const axis = axisFrom(node.integer('axis', 0), rankOf(x));
  need(indices.type.dtype === 'i32', `indices are ${showValue(indices)}`);
  return tensors.op('gather', [x, fromFront(tensors, indices, x.shape[axis])], { axis });
};

const transpose: Lowering = (node) => {
  const x = node.input(0);
  const reversed = x.shape.map((_, axis) => rankOf(x) - 1 - axis);
  return node.tensors.transpose(x, node.integers('perm') ?? reversed);
};

const concat: Lowering = (node) => {
  const parts = node.inputs();
  const axis = axisFrom(node.integer('axis', 1), rankOf(parts[0]));
  const fits = (part: Value) =>
    rankOf(part) === rankOf(parts[0]) &&
    part.shape.every((dim, i) => i === axis || dim === parts[0].shape[i]);
  const wrong = parts.find((part) => !fits(part));
  need(!wrong, `${showValue(parts[0])} and ${wrong && showValue(wrong)} along axis ${axis}`);
  return node.tensors.concat(parts, axis);
};

const split: Lowering = (node) => {
  const x = node.input(0);
  const axis = axisFrom(node.integer('axis', 0), rankOf(x));
  const sizes = splitSizes(node, x.shape[axis]);
  const sum = sizes.reduce((total, size) => total + size, 0);
  const fits = sizes.every((size) => size >= 0) && sum === x.shape[axis];
  need(fits, `sizes ${sizes.join(', ')} of axis ${axis} of ${showValue(x)}`);
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return node.tensors.slice(x, axis, start - size, size);
  });
};

/** Given, or as equal as can be with the last one smaller. */
function splitSizes(node: NodeContext, length: number): readonly number[] {
  const parts = node.integer('num_outputs', node.outputs);
  need(parts === node.outputs, `num_outputs is ${parts}, but there are ${node.outputs}`);
  const given = node.opset < 13 ? node.integers('split') : node.optionalKnown(1);
  if (given) return given;
  const size = Math.ceil(length / parts);
  return Array.from({ length: parts }, (_, i) => Math.max(Math.min(size, length - i * size), 0));
}

/** Bounds are cut to the axis as NumPy cuts them; before opset 10 they were attributes. */
const slice: Lowering = (node) => {
  const x = node.input(0);
  const asInputs = node.opset >= 10;
  const starts = asInputs ? node.known(1) : (node.integers('starts') ?? []);
  const ends = asInputs ? node.known(2) : (node.integers('ends') ?? []);
  const axes = asInputs ? node.optionalKnown(3) : node.integers('axes');
  const steps = asInputs ? node.optionalKnown(4) : undefined;
  need(starts.length === ends.length, `${starts.length} starts, but ${ends.length} ends`);
  let result = x;
  starts.forEach((start, i) => {
    const axis = axisFrom(axes?.[i] ?? i, rankOf(x));
    const step = steps?.[i] ?? 1;
    need(Number.isSafeInteger(step) && step !== 0, `a step of ${step}`);
    const [first, count] = sliceRange(x.shape[axis], start, ends[i], step);
    result = node.tensors.slice(result, axis, first, count, step);
  });
  return result;
};

/** The first element and how many there are; going down, an end of −1 − length is behind the first. */
function sliceRange(
  length: number,
  start: number,
  end: number,
  step: number,
): readonly [first: number, count: number] {
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + length : at, least), most);
  const first = clamp(start);
  const count = Math.max(Math.ceil((clamp(end) - first) / step), 0);
  return count === 0 ? [0, 0] : [first, count];
}

/** Each repeated axis is given one of its own before it, which is expanded. */
const tile: Lowering = (node) => {
  const x = node.input(0);
  const repeats = node.known(1);
  const fits =
    repeats.length === rankOf(x) && repeats.every((r) => Number.isSafeInteger(r) && r >= 0);
  need(fits, `repeats ${repeats.join(', ')} of ${showValue(x)}`);
  const doubled = x.shape.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [1, dim]));
  const expanded = x.shape.flatMap((dim, axis) =>
    repeats[axis] === 1 ? [dim] : [repeats[axis], dim],
  );
  const { tensors } = node;
  const copies = tensors.expand(tensors.reshape(x, doubled), expanded);
  return tensors.reshape(
    copies,
    x.shape.map((dim, axis) => dim * repeats[axis]),
  );
};

/** Constant padding: blocks of one value before and behind; less than none cuts off. */
const pad: Lowering = (node) => {
  const { tensors } = node;
  const mode = node.text('mode', 'constant');
  need(mode === 'constant', `mode ${mode} is not supported`, 'constant is');
  const x = node.input(0);
  const old = node.opset < 11;
  const pads = old ? (node.integers('pads') ?? []) : node.known(1);
  const value = old
    ? node.scalar(node.number('value', 0), x)
    : (node.optional(2) ?? node.scalar(0, x));
  const axes = node.optionalKnown(3) ?? x.shape.map((_, axis) => axis);
  need(pads.length === 2 * axes.length, `${pads.length} pads for ${axes.length} axes`);
  return axes.reduce((padded, given, i) => {
    const axis = axisFrom(given, rankOf(x));
    return padAxis(tensors, padded, axis, [pads[i], pads[i + axes.length]], value);
  }, x);
};

export function padAxis(
  tensors: Tensors,
  x: Value,
  axis: number,
  [before, behind]: readonly [number, number],
  value: Value,
): Value {
  need(Number.isSafeInteger(before) && Number.isSafeInteger(behind), `pads ${before}, ${behind}`);
  const start = Math.max(-before, 0);
  const kept = x.shape[axis] - start - Math.max(-behind, 0);
  need(kept >= 0, `pads ${before} and ${behind} of axis ${axis} of ${showValue(x)}`);
  const one = tensors.reshape(value, []);
  const block = (size: number) => (size > 0 ? [tensors.expand(one, x.shape.with(axis, size))] : []);
  const middle = tensors.slice(x, axis, start, kept);
  return tensors.concat([...block(before), middle, ...block(behind)], axis);
}

export const MOVEMENT: Readonly<Record<string, Lowering>> = {
  Gather: gather,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Tile: tile,
  Pad: pad,
};
