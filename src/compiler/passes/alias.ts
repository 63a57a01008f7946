/** Aliases: tensors that need no memory and no copy, because they are part of another. */
import type { Count, Dim } from '../../model/graph.ts';
import type { Alias, Routine } from '../module.ts';
import { aliasOf, readsOf, typeIn, writesOf } from '../module.ts';
import type { Level } from '../lower/context.ts';
import { COUNT_REGISTERS } from '../registers.ts';
import type { Step } from '../step.ts';

/** Steps whose result may be written straight into a cache. */
const WRITERS: readonly string[] = ['linear', 'rope'];

/**
 * A reshaped tensor is the tensor; rows of a state are the state. From level 1 on, what is only
 * computed to be appended to a state is computed in place there, and the last row is not copied.
 */
export function alias(routine: Routine, level: Level): Routine {
  const aliases = new Map(routine.aliases);
  const uses = usesOf(routine);
  const drop = new Set<Step>();
  for (const step of routine.sections.flatMap(({ steps }) => steps)) {
    const { op, inputs, attributes } = step.node;
    const [input] = inputs;
    if (op === 'reshape' && isPrivate(routine, step.output, input!)) {
      aliases.set(step.output, aliasOf(input!));
      drop.add(step);
    } else if (op === 'recall') {
      aliases.set(step.output, aliasOf(attributes.state as string));
      drop.add(step);
    } else if (op === 'append') {
      aliases.set(step.output, aliasOf(attributes.state as string));
      if (level === 0 || uses.get(input!) !== 1 || !isWritten(routine, input!)) continue;
      aliases.set(input!, rowsOf(routine, attributes.state as string, attributes.start as Dim, 0));
      drop.add(step);
    } else if (op === 'last' && level > 0 && !routine.graph.outputs.includes(step.output)) {
      aliases.set(step.output, rowsOf(routine, input!, typeIn(routine, input!).shape[0]!, -1));
      drop.add(step);
    }
  }
  const sections = routine.sections.map((section) => ({
    ...section,
    steps: section.steps.filter((step) => !drop.has(step)),
  }));
  return { ...routine, sections, aliases };
}

function usesOf({ sections, graph }: Routine): ReadonlyMap<string, number> {
  const uses = new Map(graph.outputs.map((name) => [name, 1]));
  for (const name of sections.flatMap(({ steps }) => steps.flatMap(readsOf))) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return uses;
}

/** Outputs have memory of their own, unless they reshape what no one else may ask for. */
function isPrivate({ graph }: Routine, output: string, input: string): boolean {
  if (!graph.outputs.includes(output)) return true;
  const isGiven = [...graph.inputs, ...graph.weights].some(({ name }) => name === input);
  return !isGiven && !graph.outputs.includes(input);
}

function isWritten({ sections }: Routine, tensor: string): boolean {
  const writer = sections
    .flatMap(({ steps }) => steps)
    .find((step) => writesOf(step).includes(tensor));
  return writer !== undefined && WRITERS.includes(writer.node.op);
}

/** The tensor from row `first` + `offset` on. */
function rowsOf(routine: Routine, of: string, first: Dim, offset: number): Alias {
  const { shape } = typeIn(routine, of);
  const bytes = (shape.at(-1) as number) * 4;
  if (typeof first === 'number') {
    return { of, constant: (first + offset) * bytes, variable: undefined, bytes: 0 };
  }
  const variable = COUNT_REGISTERS[first as Count];
  return { of, constant: offset * bytes, variable, bytes };
}
