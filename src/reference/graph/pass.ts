/** One pass through a graph: which tensors are known, how long each dimension is, what outlives it. */
import type { Count, Dim, Graph, GraphNode, Weight } from '../../model/graph.ts';
import type { Call } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import type { RefTensor } from './tensor.ts';
import { elementsOf, tensor } from './tensor.ts';

export type Counts = Readonly<Partial<Record<Count, number>>>;

/** A weight is read and widened once, however many passes and graphs use it. */
const widened = new WeakMap<Weight, RefTensor>();

function valuesOf(weight: Weight): RefTensor {
  const known = widened.get(weight);
  if (known) return known;
  const values = tensor(weight.shape, Float64Array.from(weight.read().data));
  widened.set(weight, values);
  return values;
}

/** `context` follows from the other two unless it is given. */
function withContext(counts: Counts): Counts {
  const { rows, position } = counts;
  if (rows === undefined || position === undefined) return counts;
  return { context: position + rows, ...counts };
}

export class Pass {
  private readonly graph: Graph;
  private readonly counts: Counts;
  private readonly states: Map<string, RefTensor>;
  private readonly weights: ReadonlyMap<string, Weight>;
  private readonly values = new Map<string, RefTensor>();

  constructor(graph: Graph, counts: Counts, states: Map<string, RefTensor>) {
    this.graph = graph;
    this.counts = withContext(counts);
    this.states = states;
    this.weights = new Map(graph.weights.map((weight) => [weight.name, weight]));
  }

  /** The values of a tensor: an input, a weight, or what a node has computed. */
  value(name: string): RefTensor {
    const found = this.values.get(name) ?? this.weights.get(name);
    if (found === undefined) throw new RangeError(`${name} is not known yet`);
    return 'data' in found ? found : valuesOf(found);
  }

  /** Makes a tensor known; its shape must be the declared one, or the graph's types are wrong. */
  keep(name: string, value: RefTensor): void {
    const declared = this.graph.types.get(name)!.shape.map((dim) => this.length(dim));
    if (declared.join() !== value.shape.join()) {
      throw new RangeError(`${name} is [${value.shape.join(', ')}], not [${declared.join(', ')}]`);
    }
    this.values.set(name, value);
  }

  /** Computes a node, and keeps those of its outputs that have a name. */
  compute(node: GraphNode): void {
    const operands = node.inputs.map((name) => (name === '' ? undefined : this.value(name)));
    const results = OPERATIONS[node.op](operands, this.call(node));
    node.outputs.forEach((name, i) => {
      if (name !== '') this.keep(name, results[i]);
    });
  }

  private call(node: GraphNode): Call {
    return {
      attributes: node.attributes,
      integers: this.graph.types.get(node.outputs[0])?.dtype === 'i32',
      length: (dim) => this.length(dim),
      state: (name) => this.state(name),
    };
  }

  private length(dim: Dim): number {
    const length = typeof dim === 'number' ? dim : this.counts[dim];
    if (length === undefined) throw new RangeError(`the count ${dim} is not given`);
    return length;
  }

  /** A new state is NaN all over, so that reading what nothing wrote shows. */
  private state(name: string): RefTensor {
    const known = this.states.get(name);
    if (known) return known;
    const declared = this.graph.states.find((state) => state.name === name);
    if (!declared) throw new RangeError(`there is no state ${name}`);
    const fresh = tensor(declared.shape, new Float64Array(elementsOf(declared.shape)).fill(NaN));
    this.states.set(name, fresh);
    return fresh;
  }
}
