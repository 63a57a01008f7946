/** What reading any line needs: its unknown characters, its brackets and its arguments. */
import type { IToken } from 'chevrotain';
import type { Argument } from './ast.ts';
import type { TokenLine } from './lines.ts';
import { fail } from './mistakes.ts';
import { parseArguments } from './parser.ts';
import type { SourceText } from './source.ts';
import * as T from './tokens.ts';

/** The arguments that tokens spell; throws Mistake. */
export function readArguments(tokens: IToken[], source: SourceText): readonly Argument[] {
  const list = parseArguments(tokens, source.text);
  if (!('code' in list)) return list;
  return fail(list.code, source, list.range, list.message, list.hint);
}

/** Throws a mistake when a line has characters that belong to no word. */
export function rejectWrong({ source, wrong }: TokenLine): void {
  if (!wrong) return;
  const shown = JSON.stringify(source.text.slice(wrong.start, wrong.end).slice(0, 10));
  fail('bad-character', source, wrong, `no word contains ${shown}`);
}

/** How many more brackets are opened than closed. */
export function openBrackets(tokens: readonly IToken[]): number {
  let depth = 0;
  for (const { tokenType } of tokens) {
    if (tokenType === T.LeftBracket || tokenType === T.LeftParen) depth++;
    else if (tokenType === T.RightBracket || tokenType === T.RightParen) depth--;
  }
  return depth;
}
