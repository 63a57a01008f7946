/** Activation functions of ONNX, each from its formula. Source: onnx.ai/onnx/operators. */
import type { Lowering, NodeContext } from '../node.ts';
import type { Value } from '../value.ts';
import { absolute, select } from './elements.ts';

/** One of our operators that is the same. */
const same =
  (op: string): Lowering =>
  (node) =>
    node.tensors.op(op, [node.input(0)]);

/** The smaller (larger) of x and 0. */
const below = (node: NodeContext, x: Value): Value =>
  node.tensors.op('min', [x, node.scalar(0, x)]);
const above = (node: NodeContext, x: Value): Value =>
  node.tensors.op('max', [x, node.scalar(0, x)]);

/** x · factor, where the factor is not 1. */
function scaled(node: NodeContext, x: Value, factor: number): Value {
  return factor === 1 ? x : node.tensors.op('mul', [x, node.scalar(factor, x)]);
}

/** max(0, min(1, alpha · x + beta)). */
function hardSigmoid(node: NodeContext, x: Value, alpha: number, beta: number): Value {
  const line = node.tensors.op('add', [scaled(node, x, alpha), node.scalar(beta, x)]);
  return above(node, node.tensors.op('min', [line, node.scalar(1, x)]));
}

/** log(1 + eˣ) as max(x, 0) + log(1 + e^−|x|), which does not overflow. */
function softplus(node: NodeContext, x: Value): Value {
  const { tensors } = node;
  const decayed = tensors.op('exp', [tensors.op('neg', [absolute(tensors, x)])]);
  const tail = tensors.op('log', [tensors.op('add', [decayed, node.scalar(1, x)])]);
  return tensors.op('add', [above(node, x), tail]);
}

/** gamma · (max(x, 0) + alpha · (e^min(x, 0) / divisor − 1)): Elu and its kin. */
function exponentialUnit(node: NodeContext, alpha: number, gamma: number, divisor = 1): Value {
  const { tensors } = node;
  const x = node.input(0);
  const power = tensors.op('exp', [scaled(node, below(node, x), 1 / divisor)]);
  const curve = tensors.op('sub', [power, node.scalar(1, x)]);
  const sum = tensors.op('add', [above(node, x), scaled(node, curve, alpha)]);
  return scaled(node, sum, gamma);
}

/** max(x, 0) + slope · min(x, 0). */
function leaky(node: NodeContext, slope: Value): Value {
  const x = node.input(0);
  const negative = node.tensors.op('mul', [below(node, x), slope]);
  return node.tensors.op('add', [above(node, x), negative]);
}

const gelu: Lowering = (node) => {
  const form = node.text('approximate', 'none');
  return node.tensors.op(form === 'tanh' ? 'gelu_tanh' : 'gelu', [node.input(0)]);
};

/** x · sigmoid(alpha · x). */
const swish: Lowering = (node) => {
  const x = node.input(0);
  const alpha = node.number('alpha', 1);
  if (alpha === 1) return node.tensors.op('silu', [x]);
  const gate = node.tensors.op('sigmoid', [scaled(node, x, alpha)]);
  return node.tensors.op('mul', [x, gate]);
};

const relu: Lowering = (node) => {
  const x = node.input(0);
  return x.type.dtype === 'f32' ? node.tensors.op('relu', [x]) : above(node, x);
};

const softsign: Lowering = (node) => {
  const x = node.input(0);
  const bottom = node.tensors.op('add', [absolute(node.tensors, x), node.scalar(1, x)]);
  return node.tensors.op('div', [x, bottom]);
};

const mish: Lowering = (node) => {
  const x = node.input(0);
  const gate = node.tensors.op('tanh', [softplus(node, x)]);
  return node.tensors.op('mul', [x, gate]);
};

const hardSwish: Lowering = (node) => {
  const x = node.input(0);
  return node.tensors.op('mul', [x, hardSigmoid(node, x, 1 / 6, 0.5)]);
};

const thresholded: Lowering = (node) => {
  const { tensors } = node;
  const x = node.input(0);
  const isAbove = tensors.op('less', [node.scalar(node.number('alpha', 1), x), x]);
  return select(tensors, isAbove, x, node.scalar(0, x));
};

/** The constants of Selu: Klambauer et al., 2017, as ONNX rounds them. */
const SELU_ALPHA = 1.6732631921768188;
const SELU_GAMMA = 1.0507010221481323;

export const ACTIVATIONS: Readonly<Record<string, Lowering>> = {
  Exp: same('exp'),
  Log: same('log'),
  Sqrt: same('sqrt'),
  Reciprocal: same('reciprocal'),
  Erf: same('erf'),
  Sigmoid: same('sigmoid'),
  Tanh: same('tanh'),
  Relu: relu,
  Gelu: gelu,
  Swish: swish,
  HardSwish: hardSwish,
  HardSigmoid: (node) =>
    hardSigmoid(node, node.input(0), node.number('alpha', 0.2), node.number('beta', 0.5)),
  LeakyRelu: (node) => leaky(node, node.scalar(node.number('alpha', 0.01), node.input(0))),
  PRelu: (node) => leaky(node, node.input(1)),
  ThresholdedRelu: thresholded,
  Elu: (node) => exponentialUnit(node, node.number('alpha', 1), 1),
  Selu: (node) =>
    exponentialUnit(node, node.number('alpha', SELU_ALPHA), node.number('gamma', SELU_GAMMA)),
  Celu: (node) => {
    const alpha = node.number('alpha', 1);
    return exponentialUnit(node, alpha, 1, alpha);
  },
  Softplus: (node) => softplus(node, node.input(0)),
  Softsign: softsign,
  Mish: mish,
};
