/** Rolling: layers that differ only in their weights become one loop over layers. */
import type { Graph, GraphNode, State, Weight } from '../../model/graph.ts';
import { showType } from '../../model/graph.ts';
import type { Alias, Routine, Section } from '../module.ts';
import { aliasOf, readsOf, rootOf, typeIn, writesOf } from '../module.ts';
import type { Step } from '../step.ts';

export interface Rolled {
  readonly routine: Routine;
  readonly stacks: ReadonlyMap<string, readonly (Weight | State)[]>;
}

/** The steps of one layer, and the word in front of its number. */
interface Layer {
  readonly word: string;
  readonly number: number;
  readonly steps: readonly Step[];
}

/** What the operands of a loop are: by the name that the first layer has for each. */
interface Pattern {
  readonly stacks: Map<string, string[]>;
  /** Input of the first layer → result of a layer that the next one reads in its place. */
  readonly carried: Map<string, string>;
}

/** Layers are told by the first element of their parts: `layer 0/attention`, `encoder layer 3`. */
export function roll(routine: Routine): Rolled {
  const steps = routine.sections.flatMap((section) => section.steps);
  const stacks = new Map<string, readonly (Weight | State)[]>();
  const aliases = new Map(routine.aliases);
  const sections: Section[] = [];
  for (const group of groupLayers(steps)) {
    const pattern = patternOf(routine, group);
    if (!pattern) {
      sections.push({ name: '', count: 1, steps: group.flatMap((layer) => layer.steps) });
      continue;
    }
    for (const [name, members] of pattern.stacks) stacks.set(name, findAll(routine, members));
    for (const [from, to] of carryAliases(routine, pattern, group)) aliases.set(from, to);
    sections.push({ name: group[0]!.word, count: group.length, steps: group[0]!.steps });
  }
  return { routine: { ...routine, sections, aliases }, stacks };
}

/** Runs of layers with one word and ascending numbers; steps of no layer are groups of their own. */
function groupLayers(steps: readonly Step[]): Layer[][] {
  const groups: Layer[][] = [];
  for (const step of steps) {
    const { word, number } = layerOf(step.node);
    const group = groups.at(-1);
    const layer = group?.at(-1);
    if (layer?.word === word && layer.number === number) {
      group![group!.length - 1] = { ...layer, steps: [...layer.steps, step] };
    } else if (layer?.word === word && number === layer.number + 1) {
      group!.push({ word, number, steps: [step] });
    } else {
      groups.push([{ word, number, steps: [step] }]);
    }
  }
  return groups;
}

function layerOf({ part }: GraphNode): { word: string; number: number } {
  const match = /^(.*?)\s*(\d+)$/.exec(part.split('/')[0]!);
  return match ? { word: match[1]!, number: Number(match[2]) } : { word: '', number: -1 };
}

/** How the layers correspond, or undefined when they do not. */
function patternOf(routine: Routine, layers: readonly Layer[]): Pattern | undefined {
  const [first] = layers;
  if (layers.length < 2 || first!.number < 0) return undefined;
  const pattern: Pattern = { stacks: new Map(), carried: new Map() };
  const results = layers.map((layer) => namesOf(routine, layer, writesOf));
  for (let i = 1; i < layers.length; i++) {
    if (!isAlike(routine, first!, layers[i]!)) return undefined;
    const [theirs, ours] = [first!, layers[i]!].map((layer) => namesOf(routine, layer, readsOf));
    const read = [...theirs!, ...results[0]!];
    const inLayer = [...ours!, ...results[i]!];
    const fits = read.every((name, at) =>
      corresponds(routine, pattern, results, i, name, inLayer[at]!),
    );
    if (!fits) return undefined;
  }
  const isComplete = [...pattern.stacks.values()].every(({ length }) => length === layers.length);
  return isComplete &&
    leavesOnlyAtTheEnd(routine, layers, pattern) &&
    canCarry(routine, pattern, first!)
    ? pattern
    : undefined;
}

/** Where what the steps of a layer read or write has its memory. */
function namesOf(
  routine: Routine,
  { steps }: Layer,
  select: (step: Step) => readonly string[],
): readonly string[] {
  return steps.flatMap(select).map((name) => rootOf(routine, name));
}

function isAlike(routine: Routine, a: Layer, b: Layer): boolean {
  const views = ({ steps }: Layer) =>
    steps.flatMap((step) =>
      [...readsOf(step), ...writesOf(step)].map((name) => viewOf(routine, name)),
    );
  return (
    a.steps.length === b.steps.length &&
    a.steps.every((step, i) => sameWork(step, b.steps[i]!)) &&
    String(views(a)) === String(views(b))
  );
}

/** The type of a tensor, and how far behind the beginning of its memory it is. */
function viewOf(routine: Routine, tensor: string): string {
  let view = showType(typeIn(routine, tensor));
  const { aliases } = routine;
  for (let alias = aliases.get(tensor); alias; alias = aliases.get(alias.of)) {
    const { constant, variable, bytes } = alias;
    if (constant !== 0 || variable) view += ` + ${constant} + ${variable?.name}·${bytes}`;
  }
  return view;
}

function sameWork(a: Step, b: Step): boolean {
  const shape = ({ node, epilogue }: Step) =>
    JSON.stringify([
      node.op,
      { ...node.attributes, state: '' },
      node.inputs.map((name) => name === ''),
      node.outputs.map((name) => name === ''),
      epilogue.map(({ op, left, other }) => [op, left, other === undefined]),
      node.part.split('/').slice(1),
    ]);
  return shape(a) === shape(b);
}

/** Whether `ours`, which layer i reads, is to it what `theirs` is to the first layer. */
function corresponds(
  { graph }: Routine,
  { stacks, carried }: Pattern,
  results: readonly (readonly string[])[],
  i: number,
  theirs: string,
  ours: string,
): boolean {
  const [a, b] = [theirs, ours].map((name) => constantOf(graph, name));
  if (a && b) return joinStack(stacks, i, a, b);
  const at = results[0]!.indexOf(theirs);
  if (at >= 0) return results[i]![at] === ours;
  const from = results[i - 1]!.indexOf(ours);
  if (from >= 0)
    return carried.has(theirs)
      ? carried.get(theirs) === results[0]![from]
      : i === 1 && carried.set(theirs, results[0]![from]!).size > 0;
  return theirs === ours && !carried.has(theirs);
}

function constantOf({ weights, states }: Graph, name: string): Weight | State | undefined {
  return (
    weights.find((weight) => weight.name === name) ?? states.find((state) => state.name === name)
  );
}

function joinStack(
  stacks: Map<string, string[]>,
  i: number,
  first: Weight | State,
  ours: Weight | State,
): boolean {
  const stack = stacks.get(first.name);
  if (first === ours) return !stack;
  if (first.dtype !== ours.dtype || String(first.shape) !== String(ours.shape)) return false;
  if (!stack) {
    if (i !== 1) return false;
    stacks.set(first.name, [first.name, ours.name]);
    return true;
  }
  if (stack.length === i) stack.push(ours.name);
  return stack[i] === ours.name;
}

/** Behind the layers only the results that the last one would carry on may be read. */
function leavesOnlyAtTheEnd(
  routine: Routine,
  layers: readonly Layer[],
  { carried }: Pattern,
): boolean {
  const { graph, sections } = routine;
  const inside = new Set(layers.flatMap(({ steps }) => steps));
  const [first, last] = [layers[0]!, layers.at(-1)!].map((l) => namesOf(routine, l, writesOf));
  const leaving = new Set([...carried.values()].map((name) => last![first!.indexOf(name)]));
  const results = new Set(layers.flatMap((layer) => namesOf(routine, layer, writesOf)));
  const outside = sections.flatMap(({ steps }) => steps.filter((step) => !inside.has(step)));
  return [...graph.outputs, ...outside.flatMap(readsOf)]
    .map((name) => rootOf(routine, name))
    .every((name) => !results.has(name) || leaving.has(name) || isState(graph, name));
}

const isState = ({ states }: Graph, name: string) => states.some((state) => state.name === name);

/**
 * A result takes the memory of the input that it replaces in the next round, each of another one. So
 * nobody may read that input after the result is written, inside the layer or behind it.
 */
function canCarry(routine: Routine, { carried }: Pattern, { steps }: Layer): boolean {
  const { graph, sections } = routine;
  const reads = (step: Step) => readsOf(step).map((name) => rootOf(routine, name));
  const all = sections.flatMap((section) => section.steps);
  if (new Set(carried.values()).size < carried.size) return false;
  return [...carried].every(([input, result]) => {
    const isOwn =
      !graph.inputs.some(({ name }) => name === input) &&
      all.some((s) => writesOf(s).includes(input));
    const writer = steps.findIndex((step) => writesOf(step).includes(result));
    const readers = steps.flatMap((step, i) => (reads(step).includes(input) ? [i] : []));
    const inTime = readers.every(
      (i) => i < writer || (i === writer && readsInPlace(steps[i]!, input)),
    );
    const later = all
      .slice(all.indexOf(steps.at(-1)!) + 1)
      .some((step) => reads(step).includes(input));
    const fits = sizeOf(routine, input) === sizeOf(routine, result);
    return isOwn && inTime && !later && fits && !graph.outputs.includes(input);
  });
}

/** Elements, and the counts that they are multiplied by. */
function sizeOf(routine: Routine, tensor: string): string {
  const { shape } = typeIn(routine, tensor);
  const elements = shape.reduce<number>((n, dim) => (typeof dim === 'number' ? n * dim : n), 1);
  return [elements, ...shape.filter((dim) => typeof dim === 'string').toSorted()].join('·');
}

/** Element by element, each before it is written. */
function readsInPlace({ node, epilogue }: Step, input: string): boolean {
  if (node.op === 'linear') {
    return !node.inputs.includes(input) && epilogue.some(({ other }) => other === input);
  }
  return node.op === 'add' || node.op === 'mul' || node.op === 'sub';
}

function findAll({ graph }: Routine, names: readonly string[]): readonly (Weight | State)[] {
  const constants = new Map([...graph.weights, ...graph.states].map((c) => [c.name, c]));
  return names.map((name) => constants.get(name)!);
}

/** Every layer's result is that of the first, and that is in the memory of its input. */
function* carryAliases(
  routine: Routine,
  { carried }: Pattern,
  layers: readonly Layer[],
): Generator<[string, Alias]> {
  const first = namesOf(routine, layers[0]!, writesOf);
  const last = namesOf(routine, layers.at(-1)!, writesOf);
  for (const [input, result] of carried) {
    yield [result, aliasOf(input)];
    yield [last[first.indexOf(result)]!, aliasOf(input)];
  }
}
