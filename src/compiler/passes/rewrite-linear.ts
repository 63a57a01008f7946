/** What quantisation and pruning share: every `linear` with a constant weight, rewritten. */
import type { Attributes, Graph, GraphNode, TensorType, Weight } from '../../model/graph.ts';

/** What stands for a weight: other weights, as further operands, and an attribute that says so. */
export interface Rewritten {
  readonly weights: readonly Weight[];
  /** The operands behind x: weight, bias, and what else the lowering needs. */
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
}

/** The weight of a `linear`: rows × cols as it lies in memory. */
export interface LinearWeight {
  readonly weight: Weight;
  readonly bias: string;
  /** out × in. */
  readonly transposed: boolean;
}

/** Each weight is rewritten once, also where several nodes and graphs use it. */
export type Rewrite = (linear: LinearWeight) => Rewritten;

/** The graph with every `linear` whose weight is a constant and not yet rewritten. */
export function rewriteLinears(graph: Graph, rewrite: Rewrite): Graph {
  const constants = new Map(graph.weights.map((weight) => [weight.name, weight]));
  const weights = new Map(constants);
  const types = new Map<string, TensorType>(graph.types);
  const nodes = graph.nodes.map((node): GraphNode => {
    const weight = node.op === 'linear' ? constants.get(node.inputs[1]!) : undefined;
    if (!weight || 'weights' in node.attributes) return node;
    const transposed = node.attributes.transposed === true;
    const {
      weights: added,
      inputs,
      attributes,
    } = rewrite({
      weight,
      bias: node.inputs[2] ?? '',
      transposed,
    });
    for (const one of added) {
      weights.set(one.name, one);
      types.set(one.name, one);
    }
    return {
      ...node,
      inputs: [node.inputs[0]!, ...inputs],
      attributes: { ...node.attributes, ...attributes },
    };
  });
  return { ...graph, weights: [...weights.values()], types, nodes };
}

/** The result of a function without arguments, computed when it is first asked for. */
export function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: compute() }).value;
}
