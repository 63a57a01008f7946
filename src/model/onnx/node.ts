/** A node of an ONNX model as the operators see it: its operands, its attributes, what is known of them. */
import { GraphError } from '../graph.ts';
import type { TypeName } from './data-types.ts';
import { dataType } from './data-types.ts';
import type { AttributeValue, OnnxNode } from './model-proto.ts';
import type { Tensors } from './tensors.ts';
import type { Value } from './value.ts';
import { knownValues, need, rankOf, showValue } from './value.ts';

/** The outputs of a node, in order; those that are not wanted may be undefined. */
export type Lowering = (node: NodeContext) => Value | readonly (Value | undefined)[];

/** A value is needed while converting but is known only when running. */
export class UnknownValue extends GraphError {
  /** The name of the value in the model. */
  readonly value: string;

  constructor(value: string, message: string) {
    super(message);
    this.value = value;
  }
}

export class NodeContext {
  readonly tensors: Tensors;
  /** The version of ONNX's own operators that the model was written for. */
  readonly opset: number;
  readonly source: OnnxNode;
  private readonly values: readonly (Value | undefined)[];
  private readonly read = new Set<string>();

  constructor(
    source: OnnxNode,
    values: readonly (Value | undefined)[],
    tensors: Tensors,
    opset: number,
  ) {
    this.source = source;
    this.values = values;
    this.tensors = tensors;
    this.opset = opset;
  }

  /** The operand at a position; throws GraphError when it is absent. */
  input(position: number): Value {
    const value = this.values[position];
    need(value !== undefined, `input ${position} is missing`);
    return value;
  }

  optional(position: number): Value | undefined {
    return this.values[position];
  }

  /** All operands, of which there must be at least one. */
  inputs(): readonly Value[] {
    need(this.values.length > 0, 'there are no inputs');
    return this.values.map((_, position) => this.input(position));
  }

  /** The operand, which must have one of these numbers of dimensions. */
  ranked(position: number, ...ranks: readonly number[]): Value {
    const value = this.input(position);
    need(
      ranks.includes(rankOf(value)),
      `input ${position} is ${showValue(value)}`,
      `it must have ${ranks.join(' or ')} dimensions`,
    );
    return value;
  }

  /** Whether the model uses this output. */
  wants(position: number): boolean {
    return (this.source.outputs[position] ?? '') !== '';
  }

  get outputs(): number {
    return this.source.outputs.length;
  }

  /** The values of an operand that must be known while converting. */
  known(position: number): number[] {
    const values = knownValues(this.input(position));
    if (values) return [...values];
    const name = this.source.inputs[position];
    throw new UnknownValue(name, `the values of input ${position}, ${name}, must be known`);
  }

  optionalKnown(position: number): number[] | undefined {
    return this.values[position] && this.known(position);
  }

  integer(name: string, otherwise: number): number {
    const found = this.attribute(name, 'integer')?.value;
    need(found === undefined || Number.isSafeInteger(found), `attribute ${name} is too large`);
    return found ?? otherwise;
  }

  flag(name: string): boolean {
    return this.integer(name, 0) !== 0;
  }

  number(name: string, otherwise: number): number {
    const value = this.attribute(name, 'float')?.value ?? otherwise;
    need(!Number.isNaN(value), `attribute ${name} is not a number`);
    return value;
  }

  text(name: string, otherwise: string): string {
    return this.attribute(name, 'text')?.value ?? otherwise;
  }

  integers(name: string): readonly number[] | undefined {
    return this.attribute(name, 'integers')?.value;
  }

  numbers(name: string): readonly number[] | undefined {
    return this.attribute(name, 'floats')?.value;
  }

  texts(name: string): readonly string[] | undefined {
    return this.attribute(name, 'texts')?.value;
  }

  /** The attribute when it is there and of this kind; throws GraphError when it is of another. */
  attribute<K extends AttributeValue['kind']>(
    name: string,
    kind: K,
  ): Extract<AttributeValue, { kind: K }> | undefined {
    this.read.add(name);
    const found = this.source.attributes.get(name);
    if (!found) return undefined;
    need(found.kind === kind, `attribute ${name} is of the kind ${found.kind}, not ${kind}`);
    return found as Extract<AttributeValue, { kind: K }>;
  }

  /** A constant like another value. */
  scalar(value: number, like: Value | TypeName = 'float32'): Value {
    return this.tensors.scalar(value, typeof like === 'string' ? dataType(like) : like.type);
  }

  /** Throws GraphError when there is an attribute that no operator asked for: it would go unheeded. */
  finish(): void {
    const unread = [...this.source.attributes.keys()].find((name) => !this.read.has(name));
    need(unread === undefined, `the attribute ${unread} is not supported`);
  }
}
