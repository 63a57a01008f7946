/** Arguments from tokens, or the first thing that is wrong with them. */
import type { IRecognitionException, IToken } from 'chevrotain';
import { EOF } from 'chevrotain';
import type { Argument } from './ast.ts';
import type { SyntaxProblem } from './grammar.ts';
import { ArgumentParser, rangeOfToken } from './grammar.ts';
import { readQuickly } from './quick.ts';
import { wordsOf } from './scan.ts';
import { endOf } from './tokens.ts';
import * as T from './tokens.ts';

/** Brackets may nest this deep; twice as many still fit Node's stack of 984 KiB. */
const MAX_DEPTH = 128;

let parser: ArgumentParser | undefined;

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

/** The arguments that the tokens of a text spell, or the first thing wrong with them. */
export function parseArguments(
  tokens: IToken[],
  text: string,
): readonly Argument[] | SyntaxProblem {
  return readQuickly(text, wordsOf(tokens), 0, tokens.length) ?? parseWithGrammar(tokens);
}

/** The same, without the shortcut for what is right; `tokens` has at least one. */
export function parseWithGrammar(tokens: IToken[]): readonly Argument[] | SyntaxProblem {
  const wrong = findWrongWord(tokens);
  if (wrong) return wrong;
  // Made when it is first needed: that takes as long as reading a small program.
  parser ??= new ArgumentParser();
  parser.wordProblem = undefined;
  parser.input = tokens;
  const list = parser.list();
  const error = parser.errors[0];
  if (error) return problemOf(error, tokens);
  return parser.wordProblem ?? list;
}
