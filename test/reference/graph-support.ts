/** Graphs of one node for the tests of the evaluator, and random tensors to put into them. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import type { Attributes, ElementType } from '../../src/model/graph.ts';
import { evaluateGraph } from '../../src/reference/graph.ts';
import type { Matrix } from '../../src/reference/matrix.ts';
import { FLOAT64_TOLERANCE, element, maxDifference } from './random.ts';

/** An operand: what it holds, and what its type is. */
export interface Given {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  readonly dtype: ElementType;
}

export function given(
  shape: readonly number[],
  values: ArrayLike<number>,
  dtype: ElementType = 'f32',
): Given {
  return { shape, data: Float64Array.from(values), dtype };
}

export const ints = (values: readonly number[]): Given => given([values.length], values, 'i32');
export const row = (...values: number[]): Given => given([values.length], values);

/** A matrix of the hand-written references as an operand, and as a vector when it has one row. */
export const matrix = ({ rows, cols, data }: Matrix): Given => given([rows, cols], data);
export const vector = ({ data }: Matrix): Given => given([data.length], data);

/** All outputs of one operator. */
export function applyAll(
  op: string,
  operands: readonly (Given | undefined)[],
  attributes: Attributes = {},
): Given[] {
  const builder = new GraphBuilder('one node');
  const names = operands.map((operand, i) =>
    operand ? builder.input(`x${i}`, operand.dtype, operand.shape) : '',
  );
  const outputs = builder.addAll(op, names, attributes, { name: 'y' });
  const inputs = operands.flatMap((operand, i) => (operand ? [[`x${i}`, operand] as const] : []));
  const values = evaluateGraph(builder.finish(outputs), new Map(inputs));
  return outputs.map((name) => ({ ...values.get(name)!, dtype: builder.typeOf(name).dtype }));
}

/** The first output of one operator. */
export function apply(
  op: string,
  operands: readonly (Given | undefined)[],
  attributes: Attributes = {},
): Given {
  return applyAll(op, operands, attributes)[0];
}

/** The elements of the first output, in row-major order. */
export function values(
  op: string,
  operands: readonly (Given | undefined)[],
  attributes: Attributes = {},
): number[] {
  return [...apply(op, operands, attributes).data];
}

/** Every index of a shape, in row-major order, by counting up the last digit first. */
export function* indicesOf(shape: readonly number[]): Generator<number[]> {
  if (shape.length === 0) yield [];
  else {
    for (let i = 0; i < shape[0]; i++) {
      for (const rest of indicesOf(shape.slice(1))) yield [i, ...rest];
    }
  }
}

/** The element at an index, Horner's way; along axes of length 1 every index is 0. */
export function at({ shape, data }: Given, index: readonly number[]): number {
  const own = index.slice(index.length - shape.length);
  return data[shape.reduce((place, n, axis) => place * n + (n === 1 ? 0 : own[axis]), 0)];
}

/** Fails unless the shapes agree and every element is within float64's tolerance. */
export function expectNear(actual: Given, shape: readonly number[], data: ArrayLike<number>): void {
  expect(actual.shape).toEqual(shape);
  if (data.length === 0) expect(actual.data).toHaveLength(0);
  else expect(maxDifference(actual.data, data)).toBeLessThan(FLOAT64_TOLERANCE);
}

/** A random f32 tensor of this shape. */
export function tensors(shape: readonly number[]): fc.Arbitrary<Given> {
  const length = shape.reduce((a, b) => a * b, 1);
  return fc
    .array(element, { minLength: length, maxLength: length })
    .map((data) => given(shape, data));
}

/** Shapes of up to three axes; lengths of 0 are among them. */
export const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
