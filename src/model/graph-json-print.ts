/** Writes a graph as graph JSON, laid out for people, so that reading it gives the same graph. */
import type { HostTensor } from '../tensor/host-tensor.ts';
import { elementCount } from '../tensor/host-tensor.ts';
import type { Attributes, Graph, GraphInput, GraphNode, Weight } from './graph.ts';
import { GraphError } from './graph.ts';
import type { GraphFile } from './graph-json.ts';
import { GRAPH_SCHEMA } from './graph-json.ts';
import { layOut } from './graph-json-layout.ts';
import type { Source } from './graph-json-tensor.ts';
import { findOperator } from './operators/index.ts';

/** A graph from anywhere, with what a file of it would say besides. */
export type Printable = Graph & Partial<Pick<GraphFile, 'doc' | 'bases' | 'recipes'>>;

/** Keeps a tensor in this file of the graph's folder. */
export type Keep = (file: string, tensor: HostTensor) => void;

/** Weights of more elements are kept in files. */
const MAX_INLINE = 4096;

/**
 * The graph as text. Weights that came from a seed or a file are described so again; others stand
 * in the text up to 4096 elements, and above go through `keep` into `.npy` files: without it they
 * are a GraphError.
 */
export function printGraph(graph: Printable, keep?: Keep): string {
  const { name, doc = '', bases = new Map(), limits, inputs, weights, states, nodes } = graph;
  const tensor = (of: GraphInput | Weight) => [of.name, tensorOf(of, graph, keep)] as const;
  return layOut({
    schema: GRAPH_SCHEMA,
    name,
    ...(doc === '' ? {} : { doc }),
    ...(bases.size > 0 ? { bases: bases } : {}),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    inputs: new Map(inputs.map(tensor)),
    ...(weights.length > 0 ? { weights: new Map(weights.map(tensor)) } : {}),
    ...(states.length > 0 ? { states: new Map(states.map(stateOf)) } : {}),
    nodes: grouped(nodes),
    outputs: graph.outputs,
  });
}

const stateOf = ({ name, shape }: Graph['states'][number]) => [name, { shape }] as const;

function tensorOf(of: GraphInput | Weight, graph: Printable, keep: Keep | undefined): object {
  const { name, dtype, shape } = of;
  const recipe = graph.recipes?.get(name);
  const isWeight = 'read' in of;
  const names = isWeight ? { rows: of.rowNames, columns: of.colNames } : (recipe ?? NAMELESS);
  const { bases = new Map<string, readonly string[]>() } = graph;
  const shown = (list: readonly string[]): string | readonly string[] =>
    [...bases].find(([, basis]) => basis.join('\n') === list.join('\n'))?.[0] ?? list;
  const shaped = { ...names, shape: shape as readonly number[] };
  return {
    ...(dtype === 'f32' ? {} : { dtype }),
    shape,
    ...(names.rows.length > 0 ? { rows: shown(names.rows) } : {}),
    ...(names.columns.length > 0 ? { columns: shown(names.columns) } : {}),
    ...(recipe?.source ? sourceOf(recipe.source, shaped) : {}),
    ...(isWeight && !recipe ? valuesOf(of, shaped, keep) : {}),
  };
}

const NAMELESS = { rows: [], columns: [] };

/** A tensor's shape, and names of its rows and columns. */
interface Shaped {
  readonly shape: readonly number[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

function sourceOf(source: Source, shaped: Shaped): object {
  switch (source.kind) {
    case 'normal':
    case 'uniform':
      return { [source.kind]: source.range, seed: source.seed };
    case 'fill':
      return { fill: source.value };
    case 'values':
      return inText(source.values, shaped);
    case 'file': {
      const { file, tensor } = source;
      return { file, ...(tensor === undefined ? {} : { tensor }) };
    }
  }
  return source satisfies never;
}

function valuesOf({ name, dtype, read }: Weight, shaped: Shaped, keep: Keep | undefined): object {
  const tensor = read();
  const count = elementCount(shaped.shape);
  const isShort = count <= MAX_INLINE && tensor.data.every(Number.isFinite);
  if (isShort) return inText(decimals(tensor), shaped);
  if (!keep) {
    const message = `weight ${name} has ${count} elements`;
    throw new GraphError(message, `more than ${MAX_INLINE}, and infinities, belong into a file`);
  }
  const file = `${encodeURIComponent(name)}.npy`;
  // In files, bool is of whole numbers.
  const whole = { ...tensor, dtype: 'i32', data: Int32Array.from(tensor.data) } as const;
  keep(file, dtype === 'bool' ? whole : tensor);
  return { file };
}

const decimals = ({ dtype, data }: HostTensor): number[] =>
  dtype === 'f32' ? Array.from(data, shortest) : [...data];

/** The decimal of fewest digits that is read as this float32; nine always are (IEEE 754, 5.12.2). */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(short), value)) return short;
  }
  return value;
}

/** Entries where most of a named matrix is zero, one number where all are equal, else lists. */
function inText(values: readonly number[], { shape, rows, columns }: Shaped): object {
  const [first] = values;
  const isFill = values.length > 1 && values.every((value) => Object.is(value, first));
  if (isFill) return { fill: first };
  const isNamed = columns.length > 0 && (shape.length === 1 || rows.length > 0);
  const isSparse = values.filter(isEntry).length * 2 <= values.length;
  if (!isNamed || !isSparse) return { values: nested(values, shape) };
  if (shape.length === 1) return { entries: entriesOf(values, columns) };
  const width = columns.length;
  const entries = rows.map(
    (row, i) => [row, entriesOf(values.slice(i * width, (i + 1) * width), columns)] as const,
  );
  return { entries: new Map(entries.filter(([, row]) => row.size > 0)) };
}

const isEntry = (value: number): boolean => !Object.is(value, 0);

function entriesOf(values: readonly number[], names: readonly string[]): Map<string, number> {
  const entries = names.map((name, i) => [name, values[i]!] as const);
  return new Map(entries.filter(([, value]) => isEntry(value)));
}

function nested(values: readonly number[], shape: readonly number[]): unknown {
  const [length, ...rest] = shape;
  if (length === undefined) return values[0];
  const size = elementCount(rest);
  return Array.from({ length }, (_, i) => nested(values.slice(i * size, (i + 1) * size), rest));
}

/** Neighbours of one part together, so that it is named once. */
function grouped(nodes: readonly GraphNode[]): object[] {
  const groups: { readonly part: string; readonly nodes: object[] }[] = [];
  for (const node of nodes) {
    if (groups.at(-1)?.part !== node.part) groups.push({ part: node.part, nodes: [] });
    groups.at(-1)!.nodes.push(nodeOf(node));
  }
  return groups.flatMap((group) => (group.part === '' ? group.nodes : [group]));
}

function nodeOf({ name, op, inputs, outputs, attributes }: GraphNode): object {
  const operator = findOperator(op)!;
  const usual = operator.outputs.map((output, i) => (i === 0 ? name : `${name}.${output}`));
  const isUsual = usual.length === outputs.length && usual.every((each, i) => each === outputs[i]);
  const implied = outputs.find((output) => output !== '') === name;
  return {
    op,
    ...(isUsual || implied ? {} : { name }),
    inputs,
    ...(isUsual ? { output: name } : { outputs }),
    ...changed(attributes, operator.attributes),
  };
}

/** Attributes that differ from their defaults. */
function changed(
  given: Attributes,
  specs: NonNullable<ReturnType<typeof findOperator>>['attributes'],
): object {
  const isDefault = (name: string) =>
    JSON.stringify(given[name]) === JSON.stringify(specs[name]?.default);
  return Object.fromEntries(Object.entries(given).filter(([name]) => !isDefault(name)));
}
