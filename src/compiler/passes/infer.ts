/** Shape inference: the type of every tensor again from the operators, and nothing used too early. */
import { GraphError, showType } from '../../model/graph.ts';
import type { Graph } from '../../model/graph.ts';
import { findOperator } from '../../model/operators/index.ts';

/** Throws GraphError when a graph is not in order or a type is not what its operator gives. */
export function inferGraph(graph: Graph): Graph {
  const known = new Set([...graph.inputs, ...graph.weights].map(({ name }) => name));
  for (const { name, op, inputs, outputs, attributes } of graph.nodes) {
    const operator = findOperator(op);
    if (!operator) throw new GraphError(`node ${name}: there is no operator ${op}`);
    const early = inputs.find((input) => input !== '' && !known.has(input));
    if (early !== undefined)
      throw new GraphError(`node ${name} reads ${early} before it is computed`);
    const types = operator.infer(
      inputs.map((input) => graph.types.get(input)),
      attributes,
    );
    outputs.forEach((output, i) => {
      if (output === '') return;
      const type = graph.types.get(output);
      if (!type || showType(type) !== showType(types[i]!)) {
        throw new GraphError(`node ${name}: ${output} is not ${showType(types[i]!)}`);
      }
      known.add(output);
    });
  }
  const missing = graph.outputs.find((output) => !known.has(output));
  if (missing !== undefined) throw new GraphError(`nothing computes the output ${missing}`);
  return graph;
}
