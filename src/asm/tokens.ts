/** The words of the language: token types, and the lexer that finds them. */
import type { IToken, TokenType } from 'chevrotain';
import { Lexer, createToken } from 'chevrotain';

export const Space = createToken({
  name: 'Space',
  pattern: /[ \t\r\f\v\u00a0\ufeff]+/,
  group: Lexer.SKIPPED,
});
/** `;; text`, three or more semicolons being an ordinary comment. */
export const DocComment = createToken({ name: 'DocComment', pattern: /;;(?!;)[^\n]*/ });
export const Comment = createToken({ name: 'Comment', pattern: /;[^\n]*/, group: Lexer.SKIPPED });

export const Newline = createToken({
  name: 'Newline',
  pattern: /\n/,
  label: 'the end of the line',
});
export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  label: 'a name',
});
/** A directive, or a flag or second half of a mnemonic; in the body of a macro `.\flag` too. */
export const Dotted = createToken({
  name: 'Dotted',
  pattern: /\.(?:[A-Za-z_][A-Za-z0-9_]*|(?=\\))/,
  label: 'a directive',
});
/** Everything that begins like a number, so that `12abc` is one mistake and not two words. */
export const Numeric = createToken({
  name: 'Numeric',
  pattern: /0[xXbB]\w*|(?:\d|\.\d)(?:[eE][+-]\d|\.\d|\w)*/,
  label: 'a number',
});
export const Text = createToken({
  name: 'Text',
  pattern: /"[^"\\\n]*(?:\\.[^"\\\n]*)*"/,
  label: 'a "text"',
});
export const OpenText = createToken({ name: 'OpenText', pattern: /"[^\n]*/, label: 'a "text"' });
/** What a macro or a repetition replaces: `\name`, `\@`, and `\()` which ends such a name. */
export const Escape = createToken({
  name: 'Escape',
  pattern: /\\(?:[A-Za-z_][A-Za-z0-9_]*|@|\(\))/,
});
/** Every operator between two values but the minus, which is a sign too. */
export const Operator = createToken({
  name: 'Operator',
  pattern: /\/\/|[+*/%]|[=!<>~]=|[<>]/,
  label: 'an operator',
});
export const Minus = createToken({ name: 'Minus', pattern: /-/, label: '-' });
export const Assign = createToken({ name: 'Assign', pattern: /=/, label: '=' });
export const Comma = createToken({ name: 'Comma', pattern: /,/, label: ',' });
export const Colon = createToken({ name: 'Colon', pattern: /:/, label: ':' });
export const LeftParen = createToken({ name: 'LeftParen', pattern: /\(/, label: '(' });
export const RightParen = createToken({ name: 'RightParen', pattern: /\)/, label: ')' });
export const LeftBracket = createToken({ name: 'LeftBracket', pattern: /\[/, label: '[' });
export const RightBracket = createToken({ name: 'RightBracket', pattern: /\]/, label: ']' });

/** In the order of trial: where two could match, the first wins. */
export const TOKENS: TokenType[] = [
  Space,
  Newline,
  Identifier,
  Comma,
  Numeric,
  Dotted,
  LeftBracket,
  RightBracket,
  LeftParen,
  RightParen,
  Operator,
  Minus,
  Assign,
  Colon,
  DocComment,
  Comment,
  Text,
  OpenText,
  Escape,
];

let lexer: Lexer | undefined;

/** The lexer, which is made when it is first needed: that takes as long as reading a small program. */
export function theLexer(): Lexer {
  lexer ??= new Lexer(TOKENS, { positionTracking: 'onlyOffset', ensureOptimizations: true });
  return lexer;
}

/** The offset behind a token. */
export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

/** The value of a number as it is written, or `undefined` when it is not one. */
export function parseNumber(image: string): number | undefined {
  const digits = image.includes('_')
    ? image.replace(/(?<=[0-9a-fA-F])_+(?=[0-9a-fA-F])/g, '')
    : image;
  const isNumber =
    /^(?:\d+|0[xX][0-9a-fA-F]+|0[bB][01]+|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)$/.test(digits);
  return isNumber ? Number(digits) : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** The text between the quotes, with the escapes of JSON. */
export function parseText(image: string): string {
  if (!image.includes('\\')) return image.slice(1, -1);
  return image
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code: string | undefined, letter: string) =>
      code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(parseInt(code, 16)),
    );
}
