/** JSON that knows where it stands: every value has a place in its text, which mistakes can name. */
import { GraphError } from './graph.ts';

export interface JsonSource {
  /** The name of the file, for messages. */
  readonly file: string;
  readonly text: string;
}

export type JsonValue =
  null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>;

/** A value, and the list or object that it is in. */
export interface Json {
  readonly source: JsonSource;
  /** Offset of its first character. */
  readonly at: number;
  readonly parent: Json | undefined;
  /** Its key in an object or its index in a list; '' at the top. */
  readonly key: string | number;
  readonly value: JsonValue;
}

/** Text in characters: larger weights belong into files of their own. */
const MAX_TEXT = 2 ** 22;

/** Objects and lists in one another: nothing in a graph is nested more deeply. */
const MAX_DEPTH = 16;

/** RFC 8259, sections 2, 6 and 7. */
const BLANK = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

interface Cursor {
  readonly source: JsonSource;
  at: number;
}

/** The value of a JSON text; throws GraphError for text that is not JSON, and for equal keys. */
export function parseJson(source: JsonSource): Json {
  if (source.text.length > MAX_TEXT) {
    const message = `${source.text.length} characters, but at most ${MAX_TEXT} are read`;
    throw problemAt(source, 0, message, 'large weights belong into .npy or .safetensors files');
  }
  const cursor = { source, at: 0 };
  const root = readValue(cursor, undefined, '', 0);
  skipBlank(cursor);
  if (cursor.at === source.text.length) return root;
  throw problemAt(source, cursor.at, 'the value has ended, but the text goes on');
}

/** A mistake at this value: `mlp.json:4:9: nodes[1].heads: …`. */
export function problem(json: Json, message: string, hint?: string): GraphError {
  const path = pathOf(json);
  return problemAt(json.source, json.at, path === '' ? message : `${path}: ${message}`, hint);
}

function problemAt({ file, text }: JsonSource, at: number, message: string, hint?: string) {
  const lines = text.slice(0, at).split('\n');
  return new GraphError(`${file}:${lines.length}:${lines.at(-1)!.length + 1}: ${message}`, hint);
}

/** `weights.w1.shape[0]`; keys that are not plain words are quoted. */
function pathOf({ parent, key }: Json): string {
  if (!parent) return '';
  if (typeof key === 'number') return `${pathOf(parent)}[${key}]`;
  const before = pathOf(parent);
  if (!/^[\w-]+$/.test(key)) return `${before}[${JSON.stringify(key)}]`;
  return before === '' ? key : `${before}.${key}`;
}

function readValue(
  cursor: Cursor,
  parent: Json | undefined,
  key: string | number,
  depth: number,
): Json {
  skipBlank(cursor);
  const { source, at } = cursor;
  const json = { source, at, parent, key, value: null as JsonValue };
  if (depth > MAX_DEPTH) throw problem(json, `more than ${MAX_DEPTH} lists in one another`);
  const mark = source.text[at];
  if (mark === '{') json.value = readObject(cursor, json, depth + 1);
  else if (mark === '[') json.value = readList(cursor, json, depth + 1);
  else if (mark === '"') json.value = readString(cursor);
  else json.value = readScalar(cursor);
  return json;
}

function readObject(cursor: Cursor, object: Json, depth: number): ReadonlyMap<string, Json> {
  const members = new Map<string, Json>();
  readItems(cursor, '}', () => {
    const { at } = cursor;
    const key = readString(cursor);
    if (members.has(key)) {
      throw problemAt(cursor.source, at, `there are two keys ${JSON.stringify(key)}`);
    }
    skipBlank(cursor);
    if (!accept(cursor, ':')) throw unexpected(cursor, 'a colon');
    members.set(key, readValue(cursor, object, key, depth));
  });
  return members;
}

function readList(cursor: Cursor, list: Json, depth: number): readonly Json[] {
  const items: Json[] = [];
  readItems(cursor, ']', () => {
    items.push(readValue(cursor, list, items.length, depth));
  });
  return items;
}

/** What stands between brackets, separated by commas. */
function readItems(cursor: Cursor, close: '}' | ']', readItem: () => void): void {
  cursor.at++;
  skipBlank(cursor);
  if (accept(cursor, close)) return;
  do {
    skipBlank(cursor);
    readItem();
    skipBlank(cursor);
  } while (accept(cursor, ','));
  if (!accept(cursor, close)) throw unexpected(cursor, `a comma or ${close}`);
}

function readString(cursor: Cursor): string {
  return JSON.parse(match(cursor, STRING) ?? fail(cursor, 'a text in quotes')) as string;
}

function readScalar(cursor: Cursor): number | boolean | null {
  const { source, at } = cursor;
  const value = JSON.parse(match(cursor, SCALAR) ?? fail(cursor, 'a value')) as number;
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  throw problemAt(source, at, 'the number is too large');
}

function skipBlank(cursor: Cursor): void {
  match(cursor, BLANK);
}

/** The text at the cursor that a sticky pattern matches; the cursor moves behind it. */
function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.source.text)?.[0];
  cursor.at += found?.length ?? 0;
  return found;
}

function accept(cursor: Cursor, mark: string): boolean {
  if (cursor.source.text[cursor.at] !== mark) return false;
  cursor.at++;
  return true;
}

function fail(cursor: Cursor, wanted: string): never {
  throw unexpected(cursor, wanted);
}

function unexpected({ source, at }: Cursor, wanted: string): GraphError {
  const mark = String.fromCodePoint(source.text.codePointAt(at) ?? 0);
  const found = at < source.text.length ? JSON.stringify(mark) : 'the end';
  return problemAt(source, at, `${wanted} must stand here, found ${found}`);
}
