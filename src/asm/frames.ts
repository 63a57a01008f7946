/** The texts that are being read: a file, what it includes, what its macros and repetitions expand to. */
import type { Range, Word } from './ast.ts';
import { Conditions } from './conditions.ts';
import { beginsStatement, readHead } from './heads.ts';
import type { TokenLine } from './lines.ts';
import { LineReader } from './lines.ts';
import type { Mistakes } from './mistakes.ts';
import { fail } from './mistakes.ts';
import type { SourceText } from './source.ts';
import { openBrackets } from './statements.ts';
import { DocComment } from './tokens.ts';

type FrameKind = 'file' | 'macro' | 'repetition';

interface Frame {
  readonly kind: FrameKind;
  readonly reader: LineReader;
  readonly conditions: Conditions;
  /** What happens when the text has been read. */
  readonly atEnd: () => void;
}

/** A stack of texts; lines come from the one that was pushed last. */
export class Frames {
  private readonly stack: Frame[] = [];
  private readonly mistakes: Mistakes;
  private readonly maxLines: number;
  private lineCount = 0;

  constructor(mistakes: Mistakes, maxLines: number) {
    this.mistakes = mistakes;
    this.maxLines = maxLines;
  }

  get depth(): number {
    return this.stack.length;
  }

  /** The conditions of the text that is being read. */
  get conditions(): Conditions {
    return this.stack.at(-1)!.conditions;
  }

  /** How many macros are being expanded inside each other. */
  get macroDepth(): number {
    return this.stack.filter(({ kind }) => kind === 'macro').length;
  }

  /** The files that include each other, the main file first. */
  get files(): string[] {
    return this.stack.filter(({ kind }) => kind === 'file').map((f) => f.reader.source.file);
  }

  push(kind: FrameKind, source: SourceText, atEnd: () => void = () => undefined): void {
    this.stack.push({ kind, reader: new LineReader(source), conditions: new Conditions(), atEnd });
  }

  /** Reads nothing more at all. */
  stop(): void {
    this.stack.length = 0;
  }

  /** Reads nothing more of what the current file expands to. */
  dropExpansions(): void {
    while (this.stack.at(-1)!.kind !== 'file') this.stack.pop();
  }

  /** The next line, or `undefined` at the end of everything. */
  next(): TokenLine | undefined {
    if (this.mistakes.full) return undefined;
    for (let frame = this.stack.at(-1); frame; frame = this.stack.at(-1)) {
      const line = frame.reader.next();
      if (line) return this.counted(line);
      this.leave(frame);
    }
    return undefined;
  }

  private counted(line: TokenLine): TokenLine | undefined {
    if (++this.lineCount <= this.maxLines) return line;
    const { source, range } = line;
    const message = `more than ${this.maxLines} lines after expansion`;
    this.mistakes.add({ code: 'too-many-lines', message, source, range });
    this.stop();
    return undefined;
  }

  private leave({ reader: { source }, conditions, atEnd }: Frame): void {
    for (const range of conditions.takeOpen()) {
      this.mistakes.add({ code: 'unterminated', message: '.if without .endif', source, range });
    }
    this.stack.pop();
    this.mistakes.attempt(atEnd);
  }

  /** Adds to a line the tokens of those below it while a bracket is open. */
  continueLine({ tokens }: TokenLine): void {
    const { reader } = this.stack.at(-1)!;
    let depth = openBrackets(tokens);
    while (depth > 0) {
      const below = reader.peek();
      if (!below || below.wrong || beginsStatement(below.tokens)) break;
      reader.next();
      this.lineCount++;
      if (below.tokens.at(-1)?.tokenType === DocComment) below.tokens.pop();
      for (const token of below.tokens) tokens.push(token);
      depth += openBrackets(below.tokens);
    }
  }

  /** Reads past a block, whose lines mean something only when they are expanded; throws Mistake. */
  readBody({ range, source }: TokenLine, opener: Word, closer: string): Range {
    const { reader } = this.stack.at(-1)!;
    const start = Math.min(range.end + 1, source.text.length);
    let depth = 1;
    for (let below = reader.next(); below; below = reader.next()) {
      this.lineCount++;
      const word = readHead(below.tokens).head?.text;
      if (word === opener.text) depth++;
      else if (word === closer && --depth === 0) return { start, end: below.range.start };
    }
    return fail('unterminated', source, opener, `${opener.text} without ${closer}`);
  }
}
