/** Arguments from tokens, or the first thing that is wrong with them. */
import type { IRecognitionException, IToken } from 'chevrotain';
import { EOF } from 'chevrotain';
import type { Argument } from './ast.ts';
import type { SyntaxProblem } from './grammar.ts';
import { ArgumentParser, rangeOfToken } from './grammar.ts';
import { endOf } from './tokens.ts';
import * as T from './tokens.ts';

/** Brackets may nest this deep; twice as many still fit Node's stack of 984 KiB. */
const MAX_DEPTH = 128;

const parser = new ArgumentParser();

/** The first word that no grammar allows anywhere, or brackets nested too deep. */
function findWrongWord(tokens: readonly IToken[]): SyntaxProblem | undefined {
  let depth = 0;
  for (const token of tokens) {
    const range = { start: token.startOffset, end: endOf(token) };
    switch (token.tokenType) {
      case T.OpenText:
        return { code: 'unterminated', message: 'this text has no closing quote', range };
      case T.Escape:
        return {
          code: 'unknown-name',
          message: `${token.image} names no parameter of a macro or a repetition around it`,
          range,
        };
      case T.LeftParen:
      case T.LeftBracket:
        if (++depth <= MAX_DEPTH) break;
        return { code: 'too-deep', message: `more than ${MAX_DEPTH} open brackets`, range };
      case T.RightParen:
      case T.RightBracket:
        depth--;
    }
  }
  return undefined;
}

/** The bracket that is open at the end, if any; `undefined` too when a closing one is wrong. */
export function findOpenBracket(tokens: readonly IToken[]): IToken | undefined {
  const open: IToken[] = [];
  for (const token of tokens) {
    if (token.tokenType === T.LeftParen || token.tokenType === T.LeftBracket) open.push(token);
    if (token.tokenType === T.RightParen || token.tokenType === T.RightBracket) open.pop();
  }
  return open.at(-1);
}

function problemOf(error: IRecognitionException, tokens: readonly IToken[]): SyntaxProblem {
  if (error.token.tokenType !== EOF) {
    return { code: 'syntax', message: error.message, range: rangeOfToken(error.token) };
  }
  const open = findOpenBracket(tokens);
  if (open) {
    const message = `'${open.image}' is never closed`;
    return { code: 'unterminated', message, range: rangeOfToken(open) };
  }
  const end = endOf(tokens.at(-1)!);
  return { code: 'syntax', message: error.message, range: { start: end, end: end + 1 } };
}

/**
 * The arguments of a line that has only names between commas, as most have; undefined for others.
 * The grammar gives the same, at a tenth of the speed.
 */
export function parseNames(tokens: readonly IToken[]): Argument[] | undefined {
  if (tokens.length % 2 === 0) return undefined;
  const list: Argument[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { tokenType, image, startOffset: start } = tokens[i]!;
    if (tokenType !== (i % 2 === 0 ? T.Identifier : T.Comma)) return undefined;
    if (i % 2 === 1) continue;
    const value = { kind: 'name', name: image, start, end: start + image.length } as const;
    list.push({ value, assigned: undefined });
  }
  return list;
}

/** The arguments that `tokens` spell, or the first thing wrong with them. */
export function parseArguments(tokens: IToken[]): readonly Argument[] | SyntaxProblem {
  return tokens.length === 0 ? [] : (parseNames(tokens) ?? parseWithGrammar(tokens));
}

/** The same, without the shortcut for simple lines; `tokens` has at least one. */
export function parseWithGrammar(tokens: IToken[]): readonly Argument[] | SyntaxProblem {
  const wrong = findWrongWord(tokens);
  if (wrong) return wrong;
  parser.wordProblem = undefined;
  parser.input = tokens;
  const list = parser.list();
  const error = parser.errors[0];
  if (error) return problemOf(error, tokens);
  return parser.wordProblem ?? list;
}
