/** Reads graph JSON: a model that a person wrote down (docs/graphs.md describes the format). */
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Count, Graph, GraphInput } from './graph.ts';
import { COUNTS } from './graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import {
  checkName,
  fieldsOf,
  listOf,
  nameOf,
  objectOf,
  required,
  staticShapeOf,
  textOf,
  wholeOf,
  wordOf,
} from './graph-json-fields.ts';
import { makeTensor } from './graph-json-make.ts';
import type { Bases } from './graph-json-names.ts';
import { readBases } from './graph-json-names.ts';
import type { Scope } from './graph-json-nodes.ts';
import { atPlace, expandName, joinParts, readNode } from './graph-json-nodes.ts';
import type { Recipe } from './graph-json-tensor.ts';
import { copyOf, readRecipe } from './graph-json-tensor.ts';
import type { Json } from './graph-json-text.ts';
import { parseJson, problem } from './graph-json-text.ts';
import type { Folder } from './sandbox.ts';

export const GRAPH_SCHEMA = 'lasm-graph/1';

/** An input with an example of its values, for runs that bring none. */
export interface FileInput extends GraphInput {
  readonly rowNames: readonly string[];
  readonly colNames: readonly string[];
  /** Throws as `Weight.read` does; absent where the file gives no values. */
  readonly example: (() => HostTensor) | undefined;
}

/** A graph, and what only its file says. */
export interface GraphFile extends Graph {
  /** What the model does, in a few sentences; '' when the file does not say. */
  readonly doc: string;
  readonly inputs: readonly FileInput[];
  readonly bases: Bases;
  /** How each input and each weight is described. */
  readonly recipes: ReadonlyMap<string, Recipe>;
}

const KEYS = [
  'schema',
  'name',
  'doc',
  'bases',
  'limits',
  'inputs',
  'weights',
  'states',
  'nodes',
  'outputs',
];
const GROUP_KEYS = ['repeat', 'part', 'weights', 'nodes'];
const MAX_COPIES = 1000;
const MAX_TENSORS = 100_000;
const MAX_COUNT = 2 ** 24;

/** What reading adds to while it goes through the file. */
interface Draft {
  readonly builder: GraphBuilder;
  readonly folder: Folder;
  readonly bases: Bases;
  readonly recipes: Map<string, Recipe>;
  /** Each description is read once, however many copies there are of it. */
  readonly read: Map<Json, Recipe>;
  readonly inputs: FileInput[];
}

/**
 * The graph in this text. `file` names it in messages; files with weights are looked for in
 * `folder`, and read when the weights are. Throws GraphError at the first mistake:
 * `mlp.json:9:14: nodes[0].inputs: …`.
 */
export function readGraph(text: string, file: string, folder: Folder): GraphFile {
  const json = parseJson({ file, text });
  const fields = fieldsOf(json, KEYS);
  wordOf(required(json, 'schema'), [GRAPH_SCHEMA]);
  const builder = new GraphBuilder(nameOf(required(json, 'name')), limitsOf(fields.get('limits')));
  const bases = readBases(fields.get('bases'));
  const draft: Draft = { builder, folder, bases, recipes: new Map(), read: new Map(), inputs: [] };
  for (const [name, input] of objectOf(required(json, 'inputs'))) readInput(draft, name, input);
  readWeights(draft, fields.get('weights'), OUTSIDE);
  for (const [name, state] of objectOf(fields.get('states') ?? emptyObject())) {
    readState(draft, name, state);
  }
  for (const node of listOf(required(json, 'nodes'))) readStep(draft, node, OUTSIDE);
  const outputs = listOf(required(json, 'outputs'));
  for (const output of outputs) atPlace(output, () => builder.typeOf(nameOf(output)));
  const { recipes, inputs } = draft;
  const doc = fields.get('doc');
  const graph = builder.finish(outputs.map(nameOf));
  return { ...graph, doc: doc ? textOf(doc) : '', inputs, bases, recipes };
}

const OUTSIDE: Scope = { copy: undefined, part: '' };

/** Stands for an object that may be left out. */
const emptyObject = () => parseJson({ file: '', text: '{}' });

function limitsOf(json: Json | undefined): Partial<Record<Count, number>> {
  const limits = [...fieldsOf(json ?? emptyObject(), COUNTS)];
  return Object.fromEntries(limits.map(([count, limit]) => [count, wholeOf(limit, 0, MAX_COUNT)]));
}

function readInput({ builder, folder, bases, recipes, inputs }: Draft, name: string, json: Json) {
  const recipe = readRecipe(json, bases);
  const { dtype, shape, rows, columns, source } = recipe;
  atPlace(json, () => builder.input(checkName(json, name), dtype, shape));
  recipes.set(name, recipe);
  const example = source && (() => makeTensor(name, recipe, source, folder));
  inputs.push({ name, dtype, shape, rowNames: rows, colNames: columns, example });
}

function readWeights(draft: Draft, json: Json | undefined, scope: Scope): void {
  for (const [name, weight] of objectOf(json ?? emptyObject())) {
    readWeight(draft, expandName(weight, name, scope), weight, scope);
  }
}

function readWeight(draft: Draft, name: string, json: Json, { copy }: Scope): void {
  const { builder, folder, bases, recipes, read: found } = draft;
  if (recipes.size >= MAX_TENSORS) throw problem(json, `more than ${MAX_TENSORS} tensors`);
  const shape = staticShapeOf(required(json, 'shape'));
  const first = found.get(json) ?? readRecipe(json, bases);
  found.set(json, first);
  const recipe = copyOf(first, copy ?? 0);
  const { dtype, rows, columns, source } = recipe;
  if (!source) throw problem(json, 'values are missing', 'give normal, values, file …');
  const read = () => makeTensor(name, recipe, source, folder);
  const weight = { name, dtype, shape, read, rowNames: rows, colNames: columns };
  atPlace(json, () => builder.weight(weight));
  recipes.set(name, recipe);
}

function readState({ builder }: Draft, name: string, json: Json): void {
  fieldsOf(json, ['shape']);
  const shape = staticShapeOf(required(json, 'shape'));
  atPlace(json, () => builder.state(name, shape));
}

/** A node, or several that are one part of the model; of a repeated part there are copies. */
function readStep(draft: Draft, json: Json, scope: Scope): void {
  if (!objectOf(json).has('nodes')) {
    readNode(json, draft.builder, scope);
    return;
  }
  const fields = fieldsOf(json, GROUP_KEYS);
  const part = nameOf(required(json, 'part'));
  const times = fields.get('repeat');
  if (!times) {
    readGroup(draft, fields, { ...scope, part: joinParts(scope.part, part) });
    return;
  }
  if (scope.copy !== undefined) throw problem(times, 'a repeat cannot be in a repeat');
  for (let copy = 0; copy < wholeOf(times, 1, MAX_COPIES); copy++) {
    readGroup(draft, fields, { copy, part: joinParts(scope.part, `${part} ${copy}`) });
  }
}

function readGroup(draft: Draft, fields: ReadonlyMap<string, Json>, scope: Scope): void {
  readWeights(draft, fields.get('weights'), scope);
  for (const node of listOf(fields.get('nodes')!)) readStep(draft, node, scope);
}
