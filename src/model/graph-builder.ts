/** Builds a graph node by node; every node is checked and typed as it is added. */
import type {
  Attribute,
  Attributes,
  Count,
  Dim,
  ElementType,
  Graph,
  GraphInput,
  GraphNode,
  State,
  TensorType,
  Weight,
} from './graph.ts';
import { COUNTS, GraphError } from './graph.ts';
import type { AttributeSpec, Operator } from './operators/operator.ts';
import { OPERATORS, findOperator } from './operators/index.ts';
import { didYouMean } from '../diagnostics/suggest.ts';

export interface NodeOptions {
  /** The node's name, which its first output has too; made from the operator when not given. */
  readonly name?: string;
  /** Names of the outputs, where they differ from the node's. */
  readonly outputs?: readonly string[];
  readonly part?: string;
}

/** More nodes than this are refused: no model that is published comes near. */
const MAX_NODES = 1_000_000;

export class GraphBuilder {
  private readonly name: string;
  private readonly limits: Partial<Record<Count, number>> = {};
  private readonly inputs: GraphInput[] = [];
  private readonly weights: Weight[] = [];
  private readonly states: State[] = [];
  private readonly nodes: GraphNode[] = [];
  private readonly nodeNames = new Set<string>();
  private readonly types = new Map<string, TensorType>();

  constructor(name: string, limits: Partial<Record<Count, number>> = {}) {
    this.name = name;
    Object.assign(this.limits, limits);
  }

  /** Declares an input; returns its name. */
  input(name: string, dtype: ElementType, shape: readonly Dim[]): string {
    this.declare(name, { dtype, shape });
    this.inputs.push({ name, dtype, shape });
    return name;
  }

  /** Declares a constant; returns its name. */
  weight(weight: Omit<Weight, 'rowNames' | 'colNames'> & Partial<Weight>): string {
    this.declare(weight.name, weight);
    this.weights.push({ rowNames: [], colNames: [], ...weight });
    return weight.name;
  }

  /** Declares a constant whose values are at hand. */
  constant(
    name: string,
    dtype: ElementType,
    shape: readonly number[],
    values: ArrayLike<number>,
  ): string {
    const data = dtype === 'i32' ? Int32Array.from(values) : Float32Array.from(values);
    const tensor = { dtype: dtype === 'i32' ? 'i32' : 'f32', shape, data } as const;
    return this.weight({ name, dtype, shape, read: () => tensor });
  }

  /** Declares a state; nodes name it in their attribute `state`. */
  state(name: string, shape: readonly number[]): string {
    if (this.states.some((state) => state.name === name)) {
      throw new GraphError(`there are two states ${name}`);
    }
    this.states.push({ name, dtype: 'f32', shape });
    return name;
  }

  has(name: string): boolean {
    return this.types.has(name);
  }

  /** A name that begins like this one and is not taken. */
  fresh(name: string): string {
    let free = name;
    for (let i = 2; this.types.has(free) || this.nodeNames.has(free); i++) free = `${name}_${i}`;
    return free;
  }

  /** The type of a tensor; throws GraphError when there is none of this name. */
  typeOf(name: string): TensorType {
    const type = this.types.get(name);
    if (type) return type;
    throw new GraphError(`there is no tensor ${name}`, didYouMean(name, this.types.keys()));
  }

  shapeOf(name: string): readonly Dim[] {
    return this.typeOf(name).shape;
  }

  /** Adds a node with one output; returns the output's name. '' stands for an absent operand. */
  add(
    op: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    options: NodeOptions = {},
  ): string {
    return this.addAll(op, inputs, attributes, options)[0]!;
  }

  /** Adds a node; returns the names of all its outputs. */
  addAll(
    op: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    options: NodeOptions = {},
  ): readonly string[] {
    const operator = operatorOf(op);
    const name = options.name ?? this.fresh(op);
    if (this.nodeNames.has(name)) throw new GraphError(`there are two nodes ${name}`);
    if (this.nodes.length >= MAX_NODES) throw new GraphError(`more than ${MAX_NODES} nodes`);
    const types = inNode(name, operator, () => {
      checkOperands(operator, inputs);
      const operands = inputs.map((input) => (input === '' ? undefined : this.typeOf(input)));
      const complete = completeAttributes(operator, attributes);
      return { complete, outputs: operator.infer(operands, complete) };
    });
    const outputs =
      options.outputs ?? operator.outputs.map((out, i) => (i === 0 ? name : `${name}.${out}`));
    outputs.forEach((output, i) => {
      if (output !== '') this.declare(output, types.outputs[i]!);
    });
    this.nodeNames.add(name);
    this.nodes.push({
      name,
      op,
      inputs,
      outputs,
      attributes: types.complete,
      part: options.part ?? '',
    });
    return outputs;
  }

  /** The graph with these outputs. */
  finish(outputs: readonly string[]): Graph {
    for (const output of outputs) this.typeOf(output);
    const { name, limits, inputs, weights, states, nodes, types } = this;
    return { name, limits, inputs, weights, states, nodes, outputs, types };
  }

  private declare(name: string, type: TensorType): void {
    if (this.types.has(name)) throw new GraphError(`there are two tensors ${name}`);
    const bad = type.shape.find(
      (dim) => typeof dim === 'number' && !(Number.isSafeInteger(dim) && dim >= 0),
    );
    if (bad !== undefined) throw new GraphError(`${name} has a dimension of ${bad}`);
    this.types.set(name, { dtype: type.dtype, shape: type.shape });
  }
}

function operatorOf(op: string): Operator {
  const operator = findOperator(op);
  if (operator) return operator;
  const names = OPERATORS.map(({ name }) => name);
  const hint = didYouMean(op, names) ?? `there are ${names.join(', ')}`;
  throw new GraphError(`there is no operator ${op}`, hint);
}

/** The result of the action; its GraphError says which node it was. */
function inNode<T>(name: string, { name: op }: Operator, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new GraphError(`node ${name} (${op}): ${error.message}`, error.hint);
  }
}

function checkOperands({ inputs: specs }: Operator, inputs: readonly string[]): void {
  const repeated = specs.at(-1)?.repeated === true;
  if (inputs.length > specs.length && !repeated) {
    throw new GraphError(`${inputs.length} operands, but there are ${specs.length}`);
  }
  specs.forEach(({ name, optional, repeated: many, doc }, i) => {
    const given = (inputs[i] ?? '') !== '';
    if (!given && !optional) {
      throw new GraphError(`operand ${name} is missing`, many ? 'at least one' : doc);
    }
  });
}

function completeAttributes(operator: Operator, given: Attributes): Attributes {
  const complete: Record<string, Attribute> = {};
  for (const [name, spec] of Object.entries(operator.attributes)) {
    const value = given[name] ?? spec.default;
    if (value === undefined) throw new GraphError(`attribute ${name} is missing`, spec.doc);
    if (!isOfKind(spec, value)) {
      throw new GraphError(
        `attribute ${name} is ${JSON.stringify(value)}`,
        `${spec.kind}: ${spec.doc}`,
      );
    }
    complete[name] = value;
  }
  const unknown = Object.keys(given).find((name) => !(name in operator.attributes));
  if (unknown === undefined) return complete;
  const names = Object.keys(operator.attributes);
  const hint = names.length > 0 ? `there are ${names.join(', ')}` : 'it has no attributes';
  throw new GraphError(`there is no attribute ${unknown}`, hint);
}

const isInteger = (value: unknown): boolean => Number.isSafeInteger(value);

function isOfKind({ kind }: AttributeSpec, value: Attribute): boolean {
  switch (kind) {
    case 'integer':
      return isInteger(value);
    case 'number':
      return typeof value === 'number' && !Number.isNaN(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
    case 'integers':
      return Array.isArray(value) && value.every(isInteger);
    case 'texts':
      return Array.isArray(value) && value.every((text) => typeof text === 'string');
    case 'dim':
      return isInteger(value) || COUNTS.includes(value as Count);
  }
  return kind satisfies never;
}
