/** Values of known kinds out of JSON; whatever is of another kind is a mistake with a place. */
import type { Dim, ElementType } from './graph.ts';
import { COUNTS } from './graph.ts';
import type { Json } from './graph-json-text.ts';
import { problem } from './graph-json-text.ts';
import { didYouMean } from '../diagnostics/suggest.ts';

/** Elements of one tensor, so that a few characters cannot ask for all memory. */
const MAX_ELEMENTS = 2 ** 26;
const MAX_DIMENSIONS = 8;
const MAX_NAME = 200;

/** The members of an object. */
export function objectOf(json: Json): ReadonlyMap<string, Json> {
  if (json.value instanceof Map) return json.value as ReadonlyMap<string, Json>;
  throw unfit(json, 'an object');
}

/** The members of an object that has these keys and no others; throws at the first other one. */
export function fieldsOf(json: Json, known: readonly string[]): ReadonlyMap<string, Json> {
  const members = objectOf(json);
  for (const [key, member] of members) {
    if (known.includes(key)) continue;
    const hint = didYouMean(key, known) ?? `there are ${known.join(', ')}`;
    throw problem(member, 'there is no such key here', hint);
  }
  return members;
}

/** A member that must be there. */
export function required(json: Json, key: string): Json {
  const member = objectOf(json).get(key);
  if (member) return member;
  throw problem(json, `${key} is missing`);
}

export function listOf(json: Json): readonly Json[] {
  if (Array.isArray(json.value)) return json.value as readonly Json[];
  throw unfit(json, 'a list');
}

export function textOf(json: Json): string {
  if (typeof json.value === 'string') return json.value;
  throw unfit(json, 'a text');
}

/** A name: one line of 1 to 200 characters. */
export function nameOf(json: Json): string {
  return checkName(json, textOf(json));
}

export function checkName(json: Json, name: string): string {
  if (name !== '' && name.length <= MAX_NAME && !/\p{Cc}/u.test(name)) return name;
  const message = `the name ${JSON.stringify(name.slice(0, 40))} is not good`;
  throw problem(json, message, `a name is one line of 1 to ${MAX_NAME} characters`);
}

export function numberOf(json: Json): number {
  if (typeof json.value === 'number') return json.value;
  throw unfit(json, 'a number');
}

/** A whole number from `low` to `high`. */
export function wholeOf(json: Json, low: number, high: number): number {
  const { value } = json;
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) {
    return value as number;
  }
  throw unfit(json, `a whole number from ${low} to ${high}`);
}

/** A pair of numbers, such as [mean, standard deviation]. */
export function pairOf(json: Json): readonly [number, number] {
  const items = listOf(json).map(numberOf);
  if (items.length === 2) return items as unknown as readonly [number, number];
  throw unfit(json, 'a list of two numbers');
}

/** One of these words. */
export function wordOf<Word extends string>(json: Json, words: readonly Word[]): Word {
  const text = textOf(json);
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw problem(json, `there is no ${JSON.stringify(text)} here`, `there are ${words.join(', ')}`);
}

export function dtypeOf(json: Json | undefined): ElementType {
  return json ? wordOf(json, ['f32', 'i32', 'bool']) : 'f32';
}

/** Dimensions: whole numbers; the first may be a count, such as `rows`. */
export function shapeOf(json: Json): readonly Dim[] {
  const dims = listOf(json);
  if (dims.length > MAX_DIMENSIONS) throw unfit(json, `at most ${MAX_DIMENSIONS} dimensions`);
  const shape = dims.map((dim) =>
    typeof dim.value === 'string' ? wordOf(dim, COUNTS) : wholeOf(dim, 0, MAX_ELEMENTS),
  );
  const known = shape.filter((dim) => typeof dim === 'number');
  if (known.reduce((product, dim) => product * dim, 1) <= MAX_ELEMENTS) return shape;
  throw problem(json, `a tensor has at most ${MAX_ELEMENTS} elements`);
}

/** Dimensions that are numbers all. */
export function staticShapeOf(json: Json): readonly number[] {
  const shape = shapeOf(json);
  const count = shape.find((dim) => typeof dim === 'string');
  if (count === undefined) return shape as readonly number[];
  throw problem(json, `${count} is known only when running`, 'whole numbers are needed here');
}

/** What a value should have been, and what it is. */
export function unfit(json: Json, wanted: string): Error {
  return problem(json, `must be ${wanted}, is ${show(json)}`);
}

function show({ value }: Json): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value instanceof Map ? 'an object' : JSON.stringify(value).slice(0, 60);
}
