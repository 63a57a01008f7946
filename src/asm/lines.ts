/** Lines: a text cut into lines of words, a stretch at a time so that large files need little memory. */
import type { IToken } from 'chevrotain';
import type { Range } from './ast.ts';
import type { Words } from './scan.ts';
import { NEWLINE, scan, tokensOf, wordsOf } from './scan.ts';
import type { SourceText } from './source.ts';
import { theLexer } from './tokens.ts';

/** Characters that are cut into words at once (up to the end of the line). */
const STRETCH = 1 << 16;

/** A line, which is a part of the words of a stretch. */
export class TokenLine {
  readonly source: SourceText;
  readonly words: Words;
  /** Its words: from the first one up to, but not including, `to`. */
  readonly from: number;
  readonly to: number;
  /** Where the line begins, and where its line break is. */
  readonly start: number;
  readonly end: number;
  /** Characters that belong to no word. */
  readonly wrong: Range | undefined;
  private made: IToken[] | undefined;

  constructor(
    source: SourceText,
    words: Words,
    [from, to]: readonly [number, number],
    { start, end }: Range,
    wrong: Range | undefined,
  ) {
    this.source = source;
    this.words = words;
    this.from = from;
    this.to = to;
    this.start = start;
    this.end = end;
    this.wrong = wrong;
    this.made = undefined;
  }

  get range(): Range {
    return { start: this.start, end: this.end };
  }

  /** The words as tokens, for whoever wants to see or to change them; most lines need none. */
  get tokens(): IToken[] {
    this.made ??= tokensOf(this.words, this.source.text, this.from, this.to);
    return this.made;
  }
}

const NO_WORDS: Words = { kinds: new Uint8Array(), starts: new Int32Array(), ends: new Int32Array() }; // prettier-ignore

/** Hands out the lines of a text one by one. */
export class LineReader {
  readonly source: SourceText;
  private readonly end: number;
  private words = NO_WORDS;
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
    if (this.position >= this.words.kinds.length && this.stretchEnd < this.end) this.readStretch();
    if (this.lineStart >= this.end) return undefined;
    const { kinds, starts } = this.words;
    const first = this.position;
    let at = first;
    while (at < kinds.length && kinds[at] !== NEWLINE) at++;
    const start = this.lineStart;
    const end = at < kinds.length ? starts[at]! : this.stretchEnd;
    this.position = at + 1;
    this.lineStart = end + 1;
    const wrong = this.takeWrong(end);
    return new TokenLine(this.source, this.words, [first, at], { start, end }, wrong);
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
    this.position = 0;
    this.words = scan(this.source.text, base, this.stretchEnd) ?? this.tokenize(base);
  }

  /** A stretch in which characters are wrong. */
  private tokenize(base: number): Words {
    const { tokens, errors } = theLexer().tokenize(this.source.text.slice(base, this.stretchEnd));
    for (const token of tokens) token.startOffset += base;
    this.wrong = errors
      .map(({ offset, length }) => ({ start: offset + base, end: offset + length + base }))
      .reverse();
    return wordsOf(tokens);
  }
}
