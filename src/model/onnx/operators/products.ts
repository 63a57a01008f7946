/** Matrix products of ONNX. Source: onnx.ai/onnx/operators, MatMul and Gemm. */
import type { Lowering, NodeContext } from '../node.ts';
import type { Tensors } from '../tensors.ts';
import type { Value } from '../value.ts';
import { need, rankOf, showValue, sizeOf } from '../value.ts';
import { broadcastTo } from './shapes.ts';

/** The product of the last two dimensions of float operands with two or more. */
export function product(tensors: Tensors, a: Value, b: Value, transposed = false): Value {
  const isFloat = a.type.dtype === 'f32' && b.type.dtype === 'f32';
  need(isFloat, `${showValue(a)} times ${showValue(b)}`, 'only floats are multiplied');
  const [rows, inner] = a.shape.slice(-2);
  const [p, q] = b.shape.slice(-2);
  const [depth, columns] = transposed ? [q, p] : [p, q];
  need(inner === depth, `${showValue(a)} times ${showValue(b)}: ${inner} meets ${depth}`);
  const batch = broadcastTo(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  // A sum of nothing is 0.
  if (inner === 0) return tensors.full(shape, 0, a.type);
  if (rankOf(b) > 2 || sizeOf(a) === 0) return tensors.op('matmul', [a, b], { transposed });
  const flat = tensors.reshape(a, [sizeOf(a) / inner, inner]);
  return tensors.reshape(tensors.op('linear', [flat, b], { transposed }), shape);
}

/** A vector is a row on the left and a column on the right, and leaves no dimension behind. */
const matmul: Lowering = (node) => {
  const { tensors } = node;
  const [a, b] = [node.input(0), node.input(1)];
  need(rankOf(a) > 0 && rankOf(b) > 0, `${showValue(a)} times ${showValue(b)}`);
  const left = rankOf(a) === 1 ? tensors.reshape(a, [1, ...a.shape]) : a;
  const right = rankOf(b) === 1 ? tensors.reshape(b, [...b.shape, 1]) : b;
  const result = product(tensors, left, right);
  const columns = rankOf(b) === 1 ? [] : result.shape.slice(-1);
  const rows = rankOf(a) === 1 ? [] : result.shape.slice(-2, -1);
  return tensors.reshape(result, [...result.shape.slice(0, -2), ...rows, ...columns]);
};

/** alpha · A′ B′ + beta · C. */
const gemm: Lowering = (node) => {
  const { tensors } = node;
  const [a, b] = [node.ranked(0, 2), node.ranked(1, 2)];
  const transposed = node.flag('transB');
  const [alpha, beta] = [node.number('alpha', 1), node.number('beta', 1)];
  const left = node.flag('transA') ? tensors.transpose(a, [1, 0]) : a;
  const c = node.optional(2);
  const bias = c && scaled(node, c, beta);
  const columns = b.shape[transposed ? 0 : 1];
  const isRow = bias && sizeOf(bias) === columns && bias.shape.at(-1) === columns;
  if (isRow && alpha === 1 && sizeOf(left) > 0 && columns > 0) {
    const depth = b.shape[transposed ? 1 : 0];
    need(left.shape[1] === depth, `${showValue(left)} times ${showValue(b)}`);
    return tensors.op('linear', [left, b, tensors.reshape(bias, [columns])], { transposed });
  }
  const result = scaled(node, product(tensors, left, b, transposed), alpha);
  if (!bias) return result;
  const sum = tensors.op('add', [result, bias]);
  need(sum.shape.length === 2 && sizeOf(sum) === sizeOf(result), `C is ${showValue(bias)}`);
  return sum;
};

function scaled(node: NodeContext, x: Value, factor: number): Value {
  return factor === 1 ? x : node.tensors.op('mul', [x, node.scalar(factor, x)]);
}

export const PRODUCTS: Readonly<Record<string, Lowering>> = { MatMul: matmul, Gemm: gemm };
