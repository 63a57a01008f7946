/** Tensors in graph JSON: where their values come from. */
import type { Dim, ElementType } from './graph.ts';
import { showType } from './graph.ts';
import {
  dtypeOf,
  fieldsOf,
  nameOf,
  pairOf,
  required,
  shapeOf,
  textOf,
  unfit,
  wholeOf,
} from './graph-json-fields.ts';
import type { Bases } from './graph-json-names.ts';
import { readNames } from './graph-json-names.ts';
import { checkNumber, checkValue, readEntries, readValues } from './graph-json-values.ts';
import type { Json } from './graph-json-text.ts';
import { problem } from './graph-json-text.ts';

/** Where values come from. */
export type Source =
  | {
      readonly kind: 'normal' | 'uniform';
      readonly range: readonly [number, number];
      readonly seed: number;
    }
  | { readonly kind: 'fill'; readonly value: number }
  | { readonly kind: 'values'; readonly values: readonly number[] }
  | { readonly kind: 'file'; readonly file: string; readonly tensor: string | undefined };

/** A tensor as a file describes it. */
export interface Recipe {
  readonly dtype: ElementType;
  readonly shape: readonly Dim[];
  /** Names of rows and columns; empty where there are none. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Absent: an input without an example. */
  readonly source: Source | undefined;
}

/** What values may come from; a tensor has one of them. */
const SOURCES = ['normal', 'uniform', 'fill', 'values', 'entries', 'file'] as const;
type SourceKey = (typeof SOURCES)[number];

const KEYS = ['shape', 'dtype', 'rows', 'columns', ...SOURCES, 'seed', 'tensor'];

/** Copies of a repeat differ in the upper word of the generator's key (random.ts). */
const COPY = 2 ** 32;
const MAX_SEED = 2 ** 52;

/** One entry of `inputs` or `weights`. */
export function readRecipe(json: Json, bases: Bases): Recipe {
  const fields = fieldsOf(json, KEYS);
  const dtype = dtypeOf(fields.get('dtype'));
  const shape = shapeOf(required(json, 'shape'));
  const named = {
    dtype,
    shape,
    rows: shape.length === 2 ? readNames(fields.get('rows'), shape[0]!, bases) : noRows(fields),
    columns: readNames(fields.get('columns'), shape.at(-1) ?? 1, bases),
  };
  const [key, second] = SOURCES.filter((source) => fields.has(source));
  if (second !== undefined) throw problem(json, `values come from ${key} and from ${second}`);
  needKey(fields, 'seed', key, ['normal', 'uniform']);
  needKey(fields, 'tensor', key, ['file']);
  if (key === undefined) return { ...named, source: undefined };
  if (shape.some((dim) => typeof dim === 'string')) {
    throw problem(json, `${showType(named)} cannot have values`, 'its dimensions must be known');
  }
  return { ...named, source: readSource(json, key, named) };
}

/** The recipe of a repeat's copy, from 0: its random numbers are others. */
export function copyOf(recipe: Recipe, copy: number): Recipe {
  const { source } = recipe;
  if (source?.kind !== 'normal' && source?.kind !== 'uniform') return recipe;
  return { ...recipe, source: { ...source, seed: source.seed + copy * COPY } };
}

function noRows(fields: ReadonlyMap<string, Json>): readonly string[] {
  const rows = fields.get('rows');
  if (!rows) return [];
  throw problem(rows, 'only matrices have names of rows', 'names of a vector are its columns');
}

/** Keys that go with some sources only. */
function needKey(
  fields: ReadonlyMap<string, Json>,
  key: string,
  source: SourceKey | undefined,
  allowed: readonly SourceKey[],
): void {
  const member = fields.get(key);
  if (!member || (source !== undefined && allowed.includes(source))) return;
  throw problem(member, `${key} goes with ${allowed.join(' or ')} only`);
}

function readSource(json: Json, key: SourceKey, named: Omit<Recipe, 'source'>): Source {
  const member = required(json, key);
  switch (key) {
    case 'normal':
      if (named.dtype !== 'f32') throw problem(member, `normal numbers are not ${named.dtype}`);
      return { kind: key, range: pairOf(member), seed: seedOf(json) };
    case 'uniform':
      return { kind: key, range: boundsOf(member, named.dtype), seed: seedOf(json) };
    case 'fill':
      return { kind: key, value: checkValue(member, named.dtype) };
    case 'values':
      return {
        kind: key,
        values: readValues(member, named.shape as readonly number[], named.dtype),
      };
    case 'entries':
      return { kind: 'values', values: readEntries(member, named) };
    case 'file': {
      const tensor = (json.value as ReadonlyMap<string, Json>).get('tensor');
      return { kind: key, file: nameOf(member), tensor: tensor && textOf(tensor) };
    }
  }
  return key satisfies never;
}

function seedOf(json: Json): number {
  return wholeOf(required(json, 'seed'), 0, MAX_SEED);
}

/** [from, to], in that order; whole numbers where the elements are. */
function boundsOf(json: Json, dtype: ElementType): readonly [number, number] {
  const [low, high] = pairOf(json);
  const fits = low <= high && (dtype === 'f32' || (Number.isInteger(low) && low < high));
  if (!fits || (dtype !== 'f32' && !Number.isInteger(high))) {
    throw unfit(json, dtype === 'f32' ? '[from, to]' : '[from, to] of whole numbers, from < to');
  }
  const last = dtype === 'f32' ? high : high - 1;
  for (const bound of [low, last]) checkNumber(json, bound, dtype);
  return [low, high];
}
