/** Batches: several sequences of equal length are decoded in one pass, a row for each. */
import type { Graph, GraphNode } from '../../model/graph.ts';
import { GraphError } from '../../model/graph.ts';
import { ELEMENTWISE } from '../../model/operators/elementwise.ts';

/** Operators that compute each element from the same place of their operands. */
const BY_ELEMENTS: readonly string[] = ELEMENTWISE.map(({ name }) => name);

/** Operators that compute each row of a matrix from the same row of their first operand. */
const BY_ROWS: readonly string[] = ['linear', 'layer_norm', 'rms_norm', 'softmax', 'log_softmax'];

/** Operators whose lowering tells sequences apart, by the attribute `batch`. */
const BY_POSITION: readonly string[] = ['attention', 'rope', 'window'];

/**
 * The graph for `batch` sequences that are at the same position: row b of every tensor with `rows`
 * belongs to sequence b, row position · batch + b of a cache too. In a pass the count `rows` is
 * `batch`; `position` and `context` are `batch` times those of one sequence, so that they go on
 * being rows of caches. Throws GraphError for a graph that cannot be decoded in this way, naming
 * the node.
 */
export function batched(graph: Graph, batch: number): Graph {
  const { name, limits, states, nodes } = graph;
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw new GraphError(`a batch of ${batch} is not possible`, 'it is a whole number from 1 up');
  }
  if (batch === 1) return graph;
  if (states.length === 0) {
    throw new GraphError(`${name} has no caches: only decoding can be done for several sequences`);
  }
  for (const node of nodes) requireBatchable(graph, node);
  const many = { position: limits.position, context: limits.context };
  const scaled = Object.entries(many).flatMap(([count, limit]) =>
    limit === undefined ? [] : [[count, limit * batch] as const],
  );
  return {
    ...graph,
    limits: { ...limits, ...Object.fromEntries(scaled), rows: batch },
    states: states.map((state) => ({ ...state, shape: moreRows(state.shape, batch) })),
    nodes: nodes.map((node) =>
      BY_POSITION.includes(node.op) ? { ...node, attributes: { ...node.attributes, batch } } : node,
    ),
  };
}

const moreRows = ([rows, ...rest]: readonly number[], batch: number) => [rows! * batch, ...rest];

function requireBatchable(graph: Graph, node: GraphNode): void {
  const touched = [...node.inputs, ...node.outputs].filter((tensor) => dimOf(graph, tensor));
  if (touched.length === 0 && node.attributes.start !== 'position') return;
  const problem = problemOf(graph, node);
  if (problem === undefined) return;
  const message = `node ${node.name}: ${node.op} ${problem}, so that sequences cannot be decoded side by side`; // prettier-ignore
  const hint = node.op === 'last' ? 'open the model with allLogits' : undefined;
  throw new GraphError(message, hint);
}

/** The count that is the first dimension of a tensor; undefined where there is none. */
function dimOf({ types }: Graph, tensor: string): string | undefined {
  const dim = types.get(tensor)?.shape[0];
  return typeof dim === 'string' ? dim : undefined;
}

/** How a node depends on positions where a batch has others; undefined when it does not. */
function problemOf(graph: Graph, { op, inputs, attributes }: GraphNode): string | undefined {
  const { start, count } = attributes;
  const isMatrix = graph.types.get(inputs[0]!)?.shape.length === 2;
  const [first, keys, values] = inputs.map((tensor) => dimOf(graph, tensor));
  switch (op) {
    case 'gather':
      return first === undefined ? undefined : 'takes rows of a sequence';
    case 'recall':
      return 'reads what another graph has written';
    case 'append':
      return start === 'position' && count === 'context' ? undefined : 'is not behind a cache';
    case 'rope':
      return start === 'position' ? undefined : 'does not begin at the position';
    case 'window':
      return start === 'position' && count === 'rows' ? undefined : 'is not of the position';
    case 'attention':
      if (inputs[3]) return 'has a mask';
      if (inputs[4]) return 'has a bias by distance';
      if (keys !== 'context' || values !== 'context') return 'is not to the cache of the text';
      return undefined;
    default:
      return BY_ELEMENTS.includes(op) || (BY_ROWS.includes(op) && isMatrix)
        ? undefined
        : 'mixes rows';
  }
}
