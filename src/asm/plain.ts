/** Plain instructions: lines that are kept as a place in the columns of their words, and read again when needed. */
import type { Argument, Statement, Word } from './ast.ts';
import type { TokenLine } from './lines.ts';
import { readQuickly } from './quick.ts';
import type { Words } from './scan.ts';
import { COLON, DOTTED, IDENTIFIER } from './scan.ts';
import type { SourceText } from './source.ts';

const NO_FLAGS: readonly Word[] = [];

/**
 * A statement whose head is a mnemonic and whose arguments are right as far as the grammar goes. A tree for each
 * line of a large program would be most of what its assembler has to keep, so it is made when it is asked for.
 */
export class PlainInstruction implements Statement {
  readonly source: SourceText;
  doc = '';
  private readonly words: Words;
  /** The first word of the line, its head, the first word behind its flags, and the end. */
  private readonly first: number;
  private readonly at: number;
  private readonly rest: number;
  private readonly to: number;

  constructor(
    source: SourceText,
    words: Words,
    first: number,
    at: number,
    rest: number,
    to: number,
  ) {
    this.source = source;
    this.words = words;
    this.first = first;
    this.at = at;
    this.rest = rest;
    this.to = to;
  }

  get start(): number {
    return this.words.starts[this.at]!;
  }

  get end(): number {
    return this.words.ends[this.to - 1]!;
  }

  /** The head and its flags, as they stand in the text. */
  get written(): string {
    return this.source.text.slice(this.words.starts[this.at], this.words.ends[this.rest - 1]);
  }

  get label(): Word | undefined {
    return this.first === this.at ? undefined : this.word(this.first);
  }

  get head(): Word {
    return this.word(this.at);
  }

  get flags(): readonly Word[] {
    if (this.rest === this.at + 1) return NO_FLAGS;
    return Array.from({ length: this.rest - this.at - 1 }, (_, i) => {
      const { text, start, end } = this.word(this.at + 1 + i);
      return { text: text.slice(1), start, end };
    });
  }

  get arguments(): readonly Argument[] {
    return readQuickly(this.source.text, this.words, this.rest, this.to)!;
  }

  get subject(): Word | undefined {
    const { kinds } = this.words;
    return this.rest < this.to && kinds[this.rest] === IDENTIFIER
      ? this.word(this.rest)
      : undefined;
  }

  private word(i: number): Word {
    const [start, end] = [this.words.starts[i]!, this.words.ends[i]!];
    return { text: this.source.text.slice(start, end), start, end };
  }
}

/** The line as a plain instruction, if it is one; `macros` are names that mean something else. */
export function plainInstruction(
  { source, words, from, to }: TokenLine,
  macros: ReadonlyMap<string, unknown>,
): PlainInstruction | undefined {
  const { kinds, starts, ends } = words;
  if (to - from < 1 || kinds[from] !== IDENTIFIER) return undefined;
  const at = to - from > 2 && kinds[from + 1] === COLON ? from + 2 : from;
  if (kinds[at] !== IDENTIFIER) return undefined;
  let rest = at + 1;
  while (rest < to && kinds[rest] === DOTTED && starts[rest] === ends[rest - 1]) rest++;
  if (macros.size > 0 && macros.has(source.text.slice(starts[at], ends[at]))) return undefined;
  if (!readQuickly(source.text, words, rest, to)) return undefined;
  return new PlainInstruction(source, words, from, at, rest, to);
}
