/** A tensor of an ONNX model while it is converted: either constant, or computed by the graph. */
import type { ElementType } from '../graph.ts';
import { GraphError } from '../graph.ts';
import { elementCount } from '../../tensor/host-tensor.ts';
import type { DataType, TypeName, Values } from './data-types.ts';
import { dataType } from './data-types.ts';

interface Tensor<Source> {
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly source: Source;
}

export type Value = Tensor<Constant> | Tensor<Computed>;

/** Values that are the same in every run; a tensor without elements is always one. */
export interface Constant {
  readonly kind: 'constant';
  /** What it is called, in messages and where the model has no name for it. */
  readonly name: string;
  readonly read: () => Values;
  /** How many foldings are between it and the file; bounds the recursion of `read`. */
  readonly depth: number;
}

export interface Computed {
  readonly kind: 'computed';
  /** The tensor of the graph. */
  readonly tensor: string;
}

/** Tensors with no more elements than this may be shapes, axes, indices: they are folded at once. */
export const SMALL = 2 ** 16;

export function constant(
  name: string,
  type: DataType,
  shape: readonly number[],
  read: () => Values,
  depth = 0,
): Value {
  return { type, shape, source: { kind: 'constant', name, read, depth } };
}

export function isConstant(value: Value): value is Tensor<Constant> {
  return value.source.kind === 'constant';
}

/** The values, when they are constant and few. */
export function knownValues(value: Value): Values | undefined {
  return isConstant(value) && sizeOf(value) <= SMALL ? value.source.read() : undefined;
}

export function sizeOf({ shape }: Value): number {
  return elementCount(shape);
}

export function rankOf({ shape }: Value): number {
  return shape.length;
}

/** The ONNX type of what an operator gives: that of the first operand of this kind. */
export function typeLike(dtype: ElementType, operands: readonly Value[]): DataType {
  const like = operands.find(({ type }) => type.dtype === dtype);
  return like?.type ?? dataType(DEFAULTS[dtype]);
}

const DEFAULTS: Readonly<Record<ElementType, TypeName>> = {
  f32: 'float32',
  i32: 'int64',
  bool: 'bool',
};

/** `float32 2×3`, as messages say it. */
export function showValue({ type, shape }: Value): string {
  return shape.length === 0 ? `one ${type.name}` : `${type.name} ${shape.join('×')}`;
}

/** Throws GraphError unless the condition holds. */
export function need(condition: boolean, message: string, hint?: string): asserts condition {
  if (!condition) throw new GraphError(message, hint);
}

/** An axis from 0; negative ones count from the end. Throws GraphError when there is none. */
export function axisFrom(axis: number, rank: number): number {
  const from = axis < 0 ? axis + rank : axis;
  need(
    Number.isInteger(from) && from >= 0 && from < rank,
    `there is no axis ${axis} in a tensor of ${rank} dimensions`,
  );
  return from;
}
