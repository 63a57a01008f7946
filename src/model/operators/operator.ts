/** What an operator of model graphs is: its operands, its attributes, and the types it gives. */
import type { Attribute, Attributes, TensorType } from '../graph.ts';

export interface OperandSpec {
  readonly name: string;
  readonly optional?: boolean;
  /** The last operand may be there any number of times. */
  readonly repeated?: boolean;
  readonly doc: string;
}

export type AttributeKind = 'integer' | 'number' | 'flag' | 'text' | 'integers' | 'texts' | 'dim';

export interface AttributeSpec {
  readonly kind: AttributeKind;
  /** Absent: the attribute must be given. */
  readonly default?: Attribute;
  readonly doc: string;
}

export interface OperatorSource {
  readonly name: string;
  readonly group: 'elementwise' | 'movement' | 'products' | 'rows' | 'attention' | 'recurrent';
  /** What it computes, in one sentence or formula. */
  readonly doc: string;
  readonly inputs: readonly OperandSpec[];
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  readonly outputs: readonly string[];
  /**
   * The type of each output; absent operands are undefined. Throws GraphError when the operands do
   * not fit; the caller adds which node it is.
   */
  infer(inputs: readonly (TensorType | undefined)[], attributes: Attributes): readonly TensorType[];
}

export interface Operator extends OperatorSource {
  readonly attributes: Readonly<Record<string, AttributeSpec>>;
}

/** Declares an operator. */
export function defineOperator(source: OperatorSource): Operator {
  return Object.freeze({ ...source, attributes: source.attributes ?? {} });
}
