/** Lines: a text cut into lines of tokens, a stretch at a time so that large files need little memory. */
import type { IToken } from 'chevrotain';
import type { Range } from './ast.ts';
import type { SourceText } from './source.ts';
import { Newline, lexer } from './tokens.ts';

/** Characters that are cut into tokens at once (up to the end of the line). */
const STRETCH = 1 << 16;

export interface TokenLine {
  readonly source: SourceText;
  /** Where the line begins, and where its line break is. */
  readonly range: Range;
  readonly tokens: IToken[];
  /** Characters that belong to no token. */
  readonly wrong: Range | undefined;
}

/** Hands out the lines of a part of a text one by one. */
export class LineReader {
  readonly source: SourceText;
  private readonly end: number;
  private tokens: IToken[] = [];
  private wrong: Range[] = [];
  private position = 0;
  private stretchEnd: number;
  private lineStart: number;
  private peeked: TokenLine | undefined;

  constructor(source: SourceText) {
    this.source = source;
    this.end = source.text.length;
    this.stretchEnd = 0;
    this.lineStart = 0;
  }

  /** The next line, which stays the next one. */
  peek(): TokenLine | undefined {
    this.peeked ??= this.read();
    return this.peeked;
  }

  /** The next line, or `undefined` at the end of the text. */
  next(): TokenLine | undefined {
    const line = this.peek();
    this.peeked = undefined;
    return line;
  }

  private read(): TokenLine | undefined {
    if (this.position >= this.tokens.length && this.stretchEnd < this.end) this.readStretch();
    if (this.lineStart >= this.end) return undefined;
    const first = this.position;
    while (
      this.position < this.tokens.length &&
      this.tokens[this.position]!.tokenType !== Newline
    ) {
      this.position++;
    }
    const tokens = this.tokens.slice(first, this.position);
    const newline = this.tokens[this.position++];
    const range = { start: this.lineStart, end: newline?.startOffset ?? this.stretchEnd };
    this.lineStart = range.end + 1;
    return { source: this.source, range, tokens, wrong: this.takeWrong(range.end) };
  }

  private takeWrong(lineEnd: number): Range | undefined {
    let first: Range | undefined;
    while (this.wrong.length > 0 && this.wrong.at(-1)!.start < lineEnd) {
      const range = this.wrong.pop()!;
      first ??= range;
    }
    return first;
  }

  private readStretch(): void {
    const base = this.stretchEnd;
    const lineBreak = this.source.text.indexOf('\n', Math.min(base + STRETCH, this.end));
    this.stretchEnd = lineBreak < 0 ? this.end : lineBreak + 1;
    const result = lexer.tokenize(this.source.text.slice(base, this.stretchEnd));
    if (base > 0) for (const token of result.tokens) token.startOffset += base;
    this.tokens = result.tokens;
    this.position = 0;
    this.wrong = result.errors
      .map(({ offset, length }) => ({ start: offset + base, end: offset + length + base }))
      .reverse();
  }
}
