/** What lowering sees of the rest of the compiler: where tensors are, and how far it may go. */
import type { Dim, TensorType } from '../../model/graph.ts';
import type { Size } from '../kernel/affine.ts';
import type { Kernel, Place } from '../kernel/kernel.ts';
import { sizeOf } from '../registers.ts';
import type { Step } from '../step.ts';

/** 0: as one would write it down; 1: fewer loads; 2: loads hidden behind other work. */
export type Level = 0 | 1 | 2;

export interface LowerContext {
  /** Edge of a tile. */
  readonly tile: number;
  readonly level: Level;
  typeOf(tensor: string): TensorType;
  placeOf(tensor: string): Place;
  /** Float32 elements that only this kernel uses. */
  scratch(name: string, elements: number): Place;
}

/** Turns one step into a kernel. */
export type Lowering = (step: Step, context: LowerContext) => Kernel;

export const ELEMENT_BYTES = 4;

/** A matrix in memory: rows of `cols` elements, `stride` bytes apart. */
export interface MatrixView {
  readonly place: Place;
  readonly rows: Size;
  readonly cols: number;
  readonly stride: number;
}

/** The tensor as a matrix: its last dimension is columns, all others are rows. */
export function matrixOf(context: LowerContext, tensor: string): MatrixView {
  const { shape } = context.typeOf(tensor);
  const cols = (shape.at(-1) ?? 1) as number;
  const leading = shape.slice(0, -1);
  const [only] = leading;
  const rows = leading.length === 1 ? sizeOf(only!) : elements(leading);
  return { place: context.placeOf(tensor), rows, cols, stride: cols * ELEMENT_BYTES };
}

/** The product of dimensions that are numbers. */
export function elements(shape: readonly Dim[]): number {
  return shape.reduce<number>((product, dim) => {
    if (typeof dim === 'number') return product * dim;
    throw new Error(`invariant: ${shape.join('×')} elements are not known`);
  }, 1);
}
