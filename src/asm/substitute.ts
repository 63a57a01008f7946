/** Textual replacement of `\name` in the bodies of macros and repetitions. */
import type { Range } from './ast.ts';
import type { Piece, SourceText } from './source.ts';

export interface Substituted {
  readonly text: string;
  readonly pieces: readonly Piece[];
}

/** `\@`, or `\name` with the `\()` that may end it. */
const REFERENCE = /\\(?:(@)|([A-Za-z_][A-Za-z0-9_]*)(?:\\\(\))?)/g;

/**
 * The body with each `\name` that `values` knows replaced by its value, and `\@` by `values.get('@')`.
 * Undefined when the result would be longer than `limit` characters.
 */
export function substitute(
  body: SourceText,
  range: Range,
  values: ReadonlyMap<string, string>,
  limit: number,
): Substituted | undefined {
  const text = body.text.slice(range.start, range.end);
  const parts: string[] = [];
  const pieces: Piece[] = [];
  let length = 0;
  let copied = 0;
  const append = (part: string, from: number, to: number, isCopy: boolean) => {
    pieces.push({
      at: length,
      from: { start: range.start + from, end: range.start + to },
      copied: isCopy,
    });
    parts.push(part);
    length += part.length;
  };
  for (const match of text.matchAll(REFERENCE)) {
    const value = values.get(match[1] ?? match[2]!);
    if (value === undefined) continue;
    if (match.index > copied) append(text.slice(copied, match.index), copied, match.index, true);
    copied = match.index + match[0].length;
    if (value !== '') append(value, match.index, copied, false);
    if (length > limit) return undefined;
  }
  append(text.slice(copied), copied, text.length, true);
  return length > limit ? undefined : { text: parts.join(''), pieces };
}
