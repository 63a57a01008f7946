/** Reductions and soft maxima of ONNX, along any axes. Source: onnx.ai/onnx/operators. */
import { elementCount } from '../../../tensor/host-tensor.ts';
import { dataType } from '../data-types.ts';
import type { Lowering, NodeContext } from '../node.ts';
import type { Tensors } from '../tensors.ts';
import type { Value } from '../value.ts';
import { axisFrom, need, rankOf, sizeOf } from '../value.ts';
import { absolute, negative } from './elements.ts';

/** Adds up (or the like) the axes that the node names. */
type Along = (x: Value) => Value;
type Reduction = (
  tensors: Tensors,
  x: Value,
  along: (op: string, keep?: boolean) => Along,
) => Value;

/** Axes became an input with opset 18, of ReduceSum with 13. */
const reduction =
  (reduce: Reduction, asInputSince = 18): Lowering =>
  (node) => {
    const { tensors } = node;
    const x = node.input(0);
    const axes = axesOf(node, asInputSince);
    const keeps = node.integer('keepdims', 1) !== 0;
    const along =
      (op: string, keep = keeps): Along =>
      (operand) =>
        axes.length === 0 ? operand : tensors.op(op, [operand], { axes, keep });
    return reduce(tensors, x, along);
  };

/** No axes are all axes, unless the node says that they are none. */
function axesOf(node: NodeContext, asInputSince: number): readonly number[] {
  const x = node.input(0);
  const isNone = node.flag('noop_with_empty_axes');
  const given = node.opset < asInputSince ? node.integers('axes') : node.optionalKnown(1);
  if (given && given.length > 0) return [...new Set(given.map((a) => axisFrom(a, rankOf(x))))];
  return isNone ? [] : x.shape.map((_, axis) => axis);
}

const sum: Reduction = (_, x, along) => along('reduce_sum')(x);
const max: Reduction = (_, x, along) => along('reduce_max')(x);
const square = (tensors: Tensors, x: Value): Value => tensors.op('mul', [x, x]);

/** m + log Σ e^(x − m), where m is the largest: it does not overflow. */
const logSumExp: Reduction = (tensors, x, along) => {
  const largest = along('reduce_max', true)(x);
  const powers = tensors.op('exp', [tensors.op('sub', [x, largest])]);
  const total = tensors.op('log', [along('reduce_sum')(powers)]);
  return tensors.op('add', [total, tensors.reshape(largest, total.shape)]);
};

/** x with an axis moved to the end, and the way back. */
function axisLast(tensors: Tensors, x: Value, axis: number) {
  const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const back = x.shape.map((_, i) => (i === axis ? rankOf(x) - 1 : others.indexOf(i)));
  return {
    moved: tensors.transpose(x, [...others, axis]),
    back: (y: Value) => tensors.transpose(y, back),
  };
}

/** Before opset 13 all dimensions from the axis on were one row. */
const softmax =
  (op: string): Lowering =>
  (node) => {
    const { tensors } = node;
    const x = node.input(0);
    const isOld = node.opset < 13;
    const axis = axisFrom(node.integer('axis', isOld ? 1 : -1), rankOf(x));
    if (!isOld) {
      const { moved, back } = axisLast(tensors, x, axis);
      return back(tensors.op(op, [moved]));
    }
    const rows = [elementCount(x.shape.slice(0, axis)), elementCount(x.shape.slice(axis))];
    return tensors.reshape(tensors.op(op, [tensors.reshape(x, rows)]), x.shape);
  };

/** The first of equal ones, or the last: the same of the row turned round. */
const extremum =
  (isLargest: boolean): Lowering =>
  (node) => {
    const { tensors } = node;
    const given = node.input(0);
    const axis = axisFrom(node.integer('axis', 0), rankOf(given));
    const [keeps, fromEnd] = [node.integer('keepdims', 1) !== 0, node.flag('select_last_index')];
    need(sizeOf(given) > 0, 'nothing has no largest element');
    const floats = tensors.cast(given, dataType('float32'));
    const { moved } = axisLast(tensors, isLargest ? floats : negative(tensors, floats), axis);
    const last = given.shape[axis] - 1;
    const turned = fromEnd ? tensors.slice(moved, rankOf(given) - 1, last, last + 1, -1) : moved;
    const found = tensors.op('argmax', [turned], {}, dataType('int64'));
    const index = fromEnd ? tensors.op('sub', [node.scalar(last, 'int64'), found]) : found;
    return keeps ? tensors.reshape(index, given.shape.with(axis, 1)) : index;
  };

export const REDUCTIONS: Readonly<Record<string, Lowering>> = {
  ReduceSum: reduction(sum, 13),
  ReduceMean: reduction((_, x, along) => along('reduce_mean')(x)),
  ReduceMax: reduction(max),
  ReduceMin: reduction((tensors, x, along) => {
    if (x.type.dtype !== 'bool')
      return negative(tensors, along('reduce_max')(negative(tensors, x)));
    const one = tensors.scalar(1, x.type);
    return tensors.op('sub', [one, along('reduce_max')(tensors.op('sub', [one, x]))]);
  }),
  ReduceSumSquare: reduction((tensors, x, along) => along('reduce_sum')(square(tensors, x))),
  ReduceL1: reduction((tensors, x, along) => along('reduce_sum')(absolute(tensors, x))),
  ReduceL2: reduction((tensors, x, along) =>
    tensors.op('sqrt', [along('reduce_sum')(square(tensors, x))]),
  ),
  ReduceLogSum: reduction((tensors, x, along) => tensors.op('log', [along('reduce_sum')(x)])),
  ReduceLogSumExp: reduction(logSumExp),
  Softmax: softmax('softmax'),
  LogSoftmax: softmax('log_softmax'),
  ArgMax: extremum(true),
  ArgMin: extremum(false),
};
