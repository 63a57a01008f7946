/** ONNX operators that use a triangular matrix of ones. Source: onnx.ai/onnx/operators. */
import { dataType } from '../data-types.ts';
import type { Lowering } from '../node.ts';
import type { Tensors } from '../tensors.ts';
import type { Value } from '../value.ts';
import { axisFrom, need, rankOf, showValue, sizeOf } from '../value.ts';
import { select } from './elements.ts';

/** As many numbers as a triangle that is written out may have. */
const MAX_TRIANGLE = 2 ** 22;

/** 1 where the condition on row and column holds: a constant matrix. */
function triangle(
  tensors: Tensors,
  rows: number,
  columns: number,
  holds: (row: number, column: number) => boolean,
  type: Value['type'],
): Value {
  need(
    rows * columns <= MAX_TRIANGLE,
    `a triangle of ${rows}×${columns}`,
    `at most ${MAX_TRIANGLE}`,
  );
  const ones = Array.from({ length: rows * columns }, (_, i) =>
    Number(holds(Math.floor(i / columns), i % columns)),
  );
  return tensors.list(ones, type, [rows, columns]);
}

/** Keeps what is above (or below) the diagonal k. */
const trilu: Lowering = (node) => {
  const { tensors } = node;
  const x = node.input(0);
  need(rankOf(x) >= 2, `${showValue(x)} is no matrix`);
  const upper = node.integer('upper', 1) !== 0;
  const k = node.optionalKnown(1)?.[0] ?? 0;
  const [rows, columns] = x.shape.slice(-2);
  const holds = (row: number, column: number) => (upper ? column - row >= k : column - row <= k);
  const kept = triangle(tensors, rows, columns, holds, dataType('bool'));
  return select(tensors, kept, x, node.scalar(0, x));
};

/** x times a triangle of ones. */
const cumulativeSum: Lowering = (node) => {
  const { tensors } = node;
  const x = node.input(0);
  const axis = axisFrom(node.known(1)[0] ?? 0, rankOf(x));
  const [own, reverse] = [!node.flag('exclusive'), node.flag('reverse')];
  if (sizeOf(x) === 0) return x;
  const length = x.shape[axis];
  const counts = (from: number, to: number) =>
    (reverse ? from > to : from < to) || (own && from === to);
  const ones = triangle(tensors, length, length, counts, dataType('float32'));
  const order = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const last = tensors.transpose(x, [...order, axis]);
  const rows = tensors.reshape(last, [sizeOf(x) / length, length]);
  const sums = tensors.op('linear', [tensors.cast(rows, dataType('float32')), ones], {
    transposed: false,
  });
  const back = x.shape.map((_, i) => (i === axis ? rankOf(x) - 1 : order.indexOf(i)));
  return tensors.transpose(tensors.reshape(tensors.cast(sums, x.type), last.shape), back);
};

export const TRIANGLES: Readonly<Record<string, Lowering>> = {
  Trilu: trilu,
  CumSum: cumulativeSum,
};
