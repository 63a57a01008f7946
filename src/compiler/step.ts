/** Steps: the nodes of a graph as passes see them, with what has been fused into each. */
import type { GraphNode } from '../model/graph.ts';

/** An elementwise operator applied to a result before it is stored. */
export interface Epilogue {
  readonly op: string;
  /** The other operand of a binary operator; it stands on the left when `left`. */
  readonly other: string | undefined;
  readonly left: boolean;
}

export interface Step {
  readonly node: GraphNode;
  /** In order. The last one's result is the output of the step. */
  readonly epilogue: readonly Epilogue[];
  /** The first tensor that is stored. */
  readonly output: string;
}

/** A node as it came. */
export function stepOf(node: GraphNode): Step {
  return { node, epilogue: [], output: node.outputs.find((name) => name !== '')! };
}
