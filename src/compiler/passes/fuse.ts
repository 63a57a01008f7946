/** Fusion: elementwise work moves into the product whose result it is for. */
import type { GraphNode } from '../../model/graph.ts';
import type { Routine } from '../module.ts';
import { readsOf, typeIn } from '../module.ts';
import type { Epilogue, Step } from '../step.ts';
import { BINARY, UNARY } from '../lower/elementwise-table.ts';

/** Operators whose lowering applies an epilogue. */
const PRODUCERS: readonly string[] = ['linear'];

/**
 * A step whose result is read once, by an elementwise node on operands of the same shape or one row,
 * takes that node over. It moves to the node's place, where all operands are known. The order of
 * arithmetic is the same as before, so every bit of the result is too.
 */
export function fuse(routine: Routine): Routine {
  const sections = routine.sections.map((section) => ({
    ...section,
    steps: fuseSteps(routine, section.steps),
  }));
  return { ...routine, sections };
}

function fuseSteps(routine: Routine, steps: readonly Step[]): readonly Step[] {
  const uses = countUses(routine);
  let result: Step[] = [];
  for (const step of steps) {
    const producer = result.find((earlier) => canFuse(routine, uses, earlier, step));
    if (!producer) {
      result.push(step);
      continue;
    }
    result = result.filter((other) => other !== producer);
    result.push({
      ...producer,
      epilogue: [...producer.epilogue, epilogueOf(step.node, producer.output)],
      output: step.output,
    });
  }
  return result;
}

function countUses({ sections, graph }: Routine): ReadonlyMap<string, number> {
  const uses = new Map(graph.outputs.map((name) => [name, 1]));
  for (const tensor of sections.flatMap(({ steps }) => steps.flatMap(readsOf))) {
    uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  }
  return uses;
}

function canFuse(
  routine: Routine,
  uses: ReadonlyMap<string, number>,
  producer: Step,
  { node, epilogue }: Step,
): boolean {
  if (!PRODUCERS.includes(producer.node.op) || epilogue.length > 0) return false;
  if (!node.inputs.includes(producer.output) || uses.get(producer.output) !== 1) return false;
  if (node.part.split('/')[0] !== producer.node.part.split('/')[0]) return false;
  if (node.op in UNARY) return true;
  return node.op in BINARY && hasFittingOperand(routine, producer, node);
}

/** The other operand lies under the result element by element, or is one row for all. */
function hasFittingOperand(routine: Routine, { output }: Step, node: GraphNode): boolean {
  const { shape } = typeIn(routine, output);
  const other = typeIn(routine, otherOf(node, output));
  if (other.dtype !== 'f32' || typeIn(routine, node.outputs[0]!).dtype !== 'f32') return false;
  const isRow = other.shape.length === 1 && other.shape[0] === shape[1];
  const isSame = other.shape.length === 2 && other.shape.every((dim, i) => dim === shape[i]);
  return isRow || isSame;
}

const otherOf = ({ inputs }: GraphNode, output: string): string =>
  inputs[0] === output ? inputs[1]! : inputs[0]!;

function epilogueOf(node: GraphNode, output: string): Epilogue {
  if (node.op in UNARY) return { op: node.op, other: undefined, left: false };
  return { op: node.op, other: otherOf(node, output), left: node.inputs[1] === output };
}
