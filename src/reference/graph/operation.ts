/** What the evaluator knows about one use of an operator, besides its operands. */
import type { Attributes, Dim } from '../../model/graph.ts';
import type { RefTensor } from './tensor.ts';

/** The operands in the order of the operator's documentation; absent ones are undefined. */
export type Operands = readonly (RefTensor | undefined)[];

export interface Call {
  /** Complete: defaults are filled in. */
  readonly attributes: Attributes;
  /** The results are integers. */
  readonly integers: boolean;
  /** The length that a dimension has in this pass; throws RangeError for a count not given. */
  readonly length: (dim: Dim) => number;
  /** The state of this name, which an operation may write to; throws RangeError without one. */
  readonly state: (name: string) => RefTensor;
}

/** Computes an operator's outputs; throws RangeError where its meaning ends. */
export type Operation = (operands: Operands, call: Call) => readonly RefTensor[];

export type Operations = Readonly<Record<string, Operation>>;
