/** Names of rows and columns in graph JSON: a list, or the name of a list that several share. */
import type { Dim } from './graph.ts';
import { checkName, listOf, nameOf, objectOf, textOf } from './graph-json-fields.ts';
import type { Json } from './graph-json-text.ts';
import { problem } from './graph-json-text.ts';
import { didYouMean } from '../diagnostics/suggest.ts';

/** Named directions, such as those of the residual stream, by the name of the list. */
export type Bases = ReadonlyMap<string, readonly string[]>;

/** The member `bases`. */
export function readBases(json: Json | undefined): Bases {
  const entries = json ? [...objectOf(json)] : [];
  return new Map(entries.map(([name, list]) => [checkName(list, name), namesIn(list)]));
}

/** Names for a dimension of this length; none when there is nothing to read. */
export function readNames(json: Json | undefined, length: Dim, bases: Bases): readonly string[] {
  if (!json) return [];
  const names = typeof json.value === 'string' ? basisOf(json, bases) : namesIn(json);
  if (names.length === length) return names;
  throw problem(json, `${names.length} names for a dimension of ${length}`);
}

function basisOf(json: Json, bases: Bases): readonly string[] {
  const names = bases.get(textOf(json));
  if (names) return names;
  const hint = didYouMean(textOf(json), bases.keys());
  throw problem(json, `there is no basis ${JSON.stringify(textOf(json))}`, hint);
}

function namesIn(json: Json): readonly string[] {
  const seen = new Set<string>();
  for (const item of listOf(json)) {
    const name = nameOf(item);
    if (seen.has(name)) throw problem(item, `the name ${JSON.stringify(name)} stands here twice`);
    seen.add(name);
  }
  return [...seen];
}
