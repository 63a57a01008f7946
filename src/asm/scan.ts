/** Words of a text in columns, found by one walk over its characters; the lexer of `tokens.ts` says what they are. */
import type { IToken, TokenType } from 'chevrotain';
import * as T from './tokens.ts';

/** Words one after the other: of each its kind, where it begins, and where it ends. */
export interface Words {
  /** Places in `T.TOKENS`. */
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const kindOf = (type: TokenType) => T.TOKENS.indexOf(type);

const SPACE = kindOf(T.Space);
export const NEWLINE = kindOf(T.Newline);
export const IDENTIFIER = kindOf(T.Identifier);
export const COMMA = kindOf(T.Comma);
export const NUMERIC = kindOf(T.Numeric);
export const DOTTED = kindOf(T.Dotted);
export const LEFT_BRACKET = kindOf(T.LeftBracket);
export const RIGHT_BRACKET = kindOf(T.RightBracket);
export const LEFT_PAREN = kindOf(T.LeftParen);
export const RIGHT_PAREN = kindOf(T.RightParen);
export const OPERATOR = kindOf(T.Operator);
export const MINUS = kindOf(T.Minus);
export const ASSIGN = kindOf(T.Assign);
export const COLON = kindOf(T.Colon);
export const DOC_COMMENT = kindOf(T.DocComment);
const COMMENT = kindOf(T.Comment);
export const TEXT = kindOf(T.Text);

/** Kinds that are told by their first character and go on, or are not told by it. */
const LONGER = 64;
const WRONG = 255;

const SINGLES = ',[]()+*%-:\n';
const SINGLE_KINDS = [COMMA, LEFT_BRACKET, RIGHT_BRACKET, LEFT_PAREN, RIGHT_PAREN, OPERATOR, OPERATOR, OPERATOR, MINUS, COLON, NEWLINE]; // prettier-ignore

/** For each ASCII character what begins with it. */
const FIRST = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[ \t\r\f\v]/.test(character)) return SPACE;
  if (/[A-Za-z_]/.test(character)) return IDENTIFIER;
  if (/[0-9]/.test(character)) return NUMERIC;
  if (character === ';') return COMMENT;
  if ('./=<>!~"\\'.includes(character)) return LONGER;
  return SINGLE_KINDS[SINGLES.indexOf(character)] ?? WRONG;
});

const isWord = (code: number) =>
  code < 128 && (FIRST[code] === IDENTIFIER || FIRST[code] === NUMERIC);
const isDigit = (code: number) => code >= 48 && code <= 57;

/** The words that begin with a character of several meanings, in the order in which the lexer tries them. */
const LONGER_TYPES = [T.Numeric, T.Dotted, T.Operator, T.Assign, T.Text, T.OpenText, T.Escape];
const LONGER_PATTERNS = LONGER_TYPES.map((type) => ({
  kind: kindOf(type),
  pattern: new RegExp((type.PATTERN as RegExp).source, 'y'),
}));
const NUMBER = LONGER_PATTERNS[0]!.pattern;

/** Where the words of the text that is being read gather; as long as the longest stretch so far. */
let room = { kinds: new Uint8Array(0), starts: new Int32Array(0), ends: new Int32Array(0) };

function makeRoom(length: number): void {
  if (room.kinds.length >= length) return;
  const ints = () => new Int32Array(length);
  room = { kinds: new Uint8Array(length), starts: ints(), ends: ints() };
}

/**
 * The words between two places, line breaks among them; undefined when a character belongs to no word, which
 * the lexer can tell more of. The walk is flat because every character of every program passes here.
 */
export function scan(text: string, from: number, to: number): Words | undefined {
  makeRoom(to - from);
  const { kinds, starts, ends } = room;
  let count = 0;
  let end = from;
  for (let at = from; at < to; at = end) {
    const code = text.charCodeAt(at);
    let kind = code < 128 ? FIRST[code]! : code === 0xa0 || code === 0xfeff ? SPACE : WRONG;
    end = at + 1;
    if (kind === SPACE) continue;
    if (kind === IDENTIFIER) {
      while (end < to && isWord(text.charCodeAt(end))) end++;
    } else if (kind === NUMERIC) {
      while (end < to && isDigit(text.charCodeAt(end))) end++;
      const next = end < to ? text.charCodeAt(end) : 0;
      if (isWord(next) || next === 46) end = endOfMatch(NUMBER, text, at);
    } else if (kind === COMMENT) {
      const lineBreak = text.indexOf('\n', at);
      end = lineBreak < 0 || lineBreak > to ? to : lineBreak;
      if (text.charCodeAt(at + 1) !== 59 || text.charCodeAt(at + 2) === 59) continue;
      kind = DOC_COMMENT;
    } else if (kind >= LONGER) {
      const longer = LONGER_PATTERNS.find(({ pattern }) => (end = endOfMatch(pattern, text, at)) > at); // prettier-ignore
      if (!longer) return undefined;
      ({ kind } = longer);
    }
    kinds[count] = kind;
    starts[count] = at;
    ends[count] = end;
    count++;
  }
  return { kinds: kinds.slice(0, count), starts: starts.slice(0, count), ends: ends.slice(0, count) }; // prettier-ignore
}

function endOfMatch(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Tokens as columns. */
export function wordsOf(tokens: readonly IToken[]): Words {
  return {
    kinds: Uint8Array.from(tokens, (token) => kindOf(token.tokenType)),
    starts: Int32Array.from(tokens, (token) => token.startOffset),
    ends: Int32Array.from(tokens, T.endOf),
  };
}

/** Some words as the tokens that the lexer makes of them. */
export function tokensOf(words: Words, text: string, from: number, to: number): IToken[] {
  const tokens: IToken[] = [];
  for (let i = from; i < to; i++) {
    const tokenType = T.TOKENS[words.kinds[i]!]!;
    const startOffset = words.starts[i]!;
    const image = text.slice(startOffset, words.ends[i]);
    tokens.push({ image, startOffset, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx! });
  }
  return tokens;
}
