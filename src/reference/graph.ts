/** Evaluates a graph of operators in float64: the oracle that runs of the machine are held against. */
import type { Graph, GraphNode } from '../model/graph.ts';
import type { Counts } from './graph/pass.ts';
import { Pass } from './graph/pass.ts';
import type { RefTensor } from './graph/tensor.ts';

export type { RefTensor } from './graph/tensor.ts';

/** Hears of each tensor that a node computes, as it is computed. */
export type Visit = (node: GraphNode, name: string, value: RefTensor) => void;

export interface EvaluateOptions {
  /** The counts of this pass; `context` is position + rows when it is left out. */
  readonly counts?: Counts;
  /** What outlives the pass: read and written; what is not there yet is added, filled with NaN. */
  readonly states?: Map<string, RefTensor>;
  readonly visit?: Visit | undefined;
}

/**
 * The outputs of a graph by name, from inputs of the declared shapes; what each operator computes
 * is said in model/operators. Roundings are those of float64 alone: types narrow nothing.
 * @throws RangeError that names the node or the input, where a shape or a count does not fit, and
 *   where an operator has no meaning (an index outside its axis, an integer beyond 32 bits).
 */
export function evaluateGraph(
  graph: Graph,
  inputs: ReadonlyMap<string, RefTensor>,
  { counts = {}, states = new Map<string, RefTensor>(), visit }: EvaluateOptions = {},
): Map<string, RefTensor> {
  const pass = new Pass(graph, counts, states);
  for (const { name } of graph.inputs) {
    const value = inputs.get(name);
    if (!value) throw new RangeError(`the input ${name} is not given`);
    pass.keep(name, value);
  }
  for (const node of graph.nodes) {
    computeOrName(pass, node);
    for (const name of node.outputs) if (name !== '') visit?.(node, name, pass.value(name));
  }
  return new Map(graph.outputs.map((name) => [name, pass.value(name)]));
}

/** Computes a node; an error of it says which node it was. */
function computeOrName(pass: Pass, node: GraphNode): void {
  try {
    pass.compute(node);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RangeError(`node ${node.name} (${node.op}): ${cause.message}`, { cause });
  }
}
