/** LayerNormalization and RMSNormalization over any number of last axes. Source: onnx.ai/onnx/operators. */
import { elementCount } from '../../../tensor/host-tensor.ts';
import type { Lowering, NodeContext } from '../node.ts';
import type { Value } from '../value.ts';
import { axisFrom, rankOf } from '../value.ts';

/** Both declare epsilon as float32, and the default with it. */
const EPSILON = 1e-5;

interface Rows {
  readonly x: Value;
  /** The axes that are normalised, which are the last ones. */
  readonly axes: readonly number[];
  /** x as rows of all that is normalised together. */
  readonly flat: Value;
  /** A gain or bias as one row, broadcast to what is normalised. */
  readonly row: (value: Value | undefined) => Value | undefined;
}

function rowsOf(node: NodeContext): Rows {
  const { tensors } = node;
  const x = node.input(0);
  const axis = axisFrom(node.integer('axis', -1), rankOf(x));
  const dims = x.shape.slice(axis);
  const width = elementCount(dims);
  return {
    x,
    axes: dims.map((_, i) => axis + i),
    flat: tensors.reshape(x, [...x.shape.slice(0, axis), width]),
    row: (value) => value && tensors.reshape(tensors.expand(value, dims), [width]),
  };
}

/** The precision of the inside: everything is float32 here. */
function skipPrecision(node: NodeContext): void {
  node.integer('stash_type', 1);
}

const layerNormalization: Lowering = (node) => {
  const { tensors } = node;
  skipPrecision(node);
  const eps = node.number('epsilon', EPSILON);
  const { x, axes, flat, row } = rowsOf(node);
  const y = tensors.op('layer_norm', [flat, row(node.input(1)), row(node.optional(2))], { eps });
  const result = tensors.reshape(y, x.shape);
  if (!node.wants(1) && !node.wants(2)) return result;
  const mean = tensors.op('reduce_mean', [x], { axes, keep: true });
  if (!node.wants(2)) return [result, mean];
  const centred = tensors.op('sub', [x, mean]);
  const squares = tensors.op('mul', [centred, centred]);
  const variance = tensors.op('reduce_mean', [squares], { axes, keep: true });
  const moved = tensors.op('add', [variance, node.scalar(eps, x)]);
  return [result, mean, tensors.op('rsqrt', [moved])];
};

const rmsNormalization: Lowering = (node) => {
  const { tensors } = node;
  skipPrecision(node);
  const eps = node.number('epsilon', EPSILON);
  const { x, flat, row } = rowsOf(node);
  return tensors.reshape(tensors.op('rms_norm', [flat, row(node.input(1))], { eps }), x.shape);
};

export const NORMALIZATION: Readonly<Record<string, Lowering>> = {
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
};
