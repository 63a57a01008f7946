/** Nodes of graph JSON, and `repeat`, which stands for the layers of a model. */
import type { Attribute, Attributes } from './graph.ts';
import { GraphError } from './graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import {
  checkName,
  fieldsOf,
  listOf,
  nameOf,
  objectOf,
  required,
  textOf,
  unfit,
} from './graph-json-fields.ts';
import type { Json } from './graph-json-text.ts';
import { problem } from './graph-json-text.ts';
import { findOperator } from './operators/index.ts';

/** Where a node is read: in which copy of a repeat, if in one, and in which part, or ''. */
export interface Scope {
  readonly copy: number | undefined;
  readonly part: string;
}

/** The keys of a node; all others are attributes of its operator. */
const NODE_KEYS = ['op', 'name', 'inputs', 'output', 'outputs', 'part'];

/** `h{i}`, `h{i+1}` and `h{i-1}` in copy 2 are h2, h3 and h1; outside of a repeat braces are braces. */
export function expandName(json: Json, name: string, { copy }: Scope): string {
  if (copy === undefined) return name;
  return checkName(
    json,
    name.replaceAll(/\{i(?:([+-])(\d{1,6}))?\}/g, (_, sign: string, by = '0') =>
      String(copy + Number(`${sign === '-' ? '-' : ''}${String(by)}`)),
    ),
  );
}

/** Adds one node to the graph; what the builder has against it is told with the place. */
export function readNode(json: Json, builder: GraphBuilder, scope: Scope): void {
  const fields = objectOf(json);
  const op = required(json, 'op');
  // An unknown operator has no attributes; that it is unknown is what must be told.
  if (!findOperator(textOf(op))) atPlace(op, () => builder.add(textOf(op), []));
  const attributes = Object.keys(findOperator(textOf(op))!.attributes);
  fieldsOf(json, [...NODE_KEYS, ...attributes]);
  const expand = (item: Json): string => expandName(item, textOf(item), scope);
  const inputs = listOf(required(json, 'inputs')).map(expand);
  const part = fields.get('part');
  const options = {
    ...namesOf(json, expand),
    part: part ? joinParts(scope.part, nameOf(part)) : scope.part,
  };
  const given = attributesOf(fields);
  atPlace(json, () => builder.addAll(textOf(op), inputs, given, options));
}

/** `output` names the node and its first output; `outputs` all of them, '' where one is not used. */
function namesOf(json: Json, expand: (item: Json) => string) {
  const { name, output, outputs } = Object.fromEntries(objectOf(json));
  if (output && outputs) throw problem(outputs, 'there is an output already');
  if (!output && !outputs) throw problem(json, 'output is missing', 'it names the result');
  if (output) {
    nameOf(output);
    const first = expand(output);
    return name ? { name: expand(name), outputs: [first] } : { name: first };
  }
  const all = listOf(outputs!).map(expand);
  const first = name ? expand(name) : all.find((each) => each !== '');
  if (first === undefined) throw problem(outputs!, 'one output at least must have a name');
  return { name: checkName(outputs!, first), outputs: all };
}

/** `layer 0/attention`. */
export function joinParts(outer: string, inner: string): string {
  return outer === '' ? inner : `${outer}/${inner}`;
}

function attributesOf(fields: ReadonlyMap<string, Json>): Attributes {
  const given = [...fields].filter(([key]) => !NODE_KEYS.includes(key));
  return Object.fromEntries(given.map(([key, value]) => [key, attributeOf(value)]));
}

function attributeOf(json: Json): Attribute {
  const { value } = json;
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
    return value;
  }
  const items = listOf(json).map((item) => item.value);
  const kind = typeof items[0];
  if (items.every((item) => typeof item === kind) && kind !== 'object') return items as number[];
  throw unfit(json, 'a list of numbers or of texts');
}

/** The result of the action; its GraphError says where in the file it was. */
export function atPlace<T>(json: Json, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof GraphError) throw problem(json, error.message, error.hint);
    throw error;
  }
}
