/** A converted graph made fit to read: what nothing needs is dropped, tensors get the model's names. */
import type { Graph } from '../graph.ts';

/** The graph without nodes and weights that no output needs, its tensors renamed where `names` says so. */
export function tidy(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const renamed = (tensor: string): string => names.get(tensor) ?? tensor;
  const needed = new Set(graph.outputs);
  const nodes = graph.nodes
    .toReversed()
    .filter((node) => {
      const isNeeded = node.outputs.some((output) => needed.has(output));
      if (isNeeded) node.inputs.forEach((input) => needed.add(input));
      return isNeeded;
    })
    .toReversed();
  const given = new Set(graph.inputs.map(({ name }) => name));
  const kept = new Set([...needed, ...given, ...nodes.flatMap(({ outputs }) => outputs)]);
  return {
    ...graph,
    weights: graph.weights
      .filter(({ name }) => needed.has(name))
      .map((weight) => ({ ...weight, name: renamed(weight.name) })),
    nodes: nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(renamed),
      outputs: node.outputs.map(renamed),
    })),
    outputs: graph.outputs.map(renamed),
    types: new Map(
      [...graph.types]
        .filter(([name]) => kept.has(name))
        .map(([name, type]) => [renamed(name), type]),
    ),
  };
}
