/** The start of a line: its label, its mnemonic or directive, and where its arguments begin. */
import type { IToken } from 'chevrotain';
import { findInstruction } from '../../isa/index.ts';
import type { Word } from './ast.ts';
import type { TokenLine } from './lines.ts';
import { Colon, DocComment, Dotted, Identifier, Numeric, endOf } from './tokens.ts';

export interface Head {
  readonly label: Word | undefined;
  readonly head: Word | undefined;
  readonly flags: readonly Word[];
  /** Index of the first token behind head and flags. */
  readonly rest: number;
}

const NO_FLAGS: readonly Word[] = [];

/** A token as a word. */
export function wordOf(token: IToken): Word {
  return { text: token.image, start: token.startOffset, end: endOf(token) };
}

/** The text of a `;;` comment that stands alone on its line. */
export function docOf(line: TokenLine): string | undefined {
  const only = line.tokens[0];
  return only?.tokenType === DocComment ? only.image.slice(2).trim() : undefined;
}

/** Whether a line begins a statement, so that it cannot continue the brackets of the one above. */
export function beginsStatement(tokens: readonly IToken[]): boolean {
  const [first, second] = tokens;
  if (first?.tokenType === Dotted || second?.tokenType === Colon) return true;
  if (first?.tokenType !== Identifier) return false;
  if (second && NEVER_BEHIND_A_VALUE.has(second.tokenType)) return true;
  return findInstruction(first.image.toUpperCase()) !== undefined;
}

const NEVER_BEHIND_A_VALUE: ReadonlySet<unknown> = new Set([Identifier, Numeric, Dotted]);

/** Flags follow the mnemonic without a space. */
function readFlags(tokens: readonly IToken[], from: number): readonly Word[] {
  if (tokens[from]?.tokenType !== Dotted) return NO_FLAGS;
  const flags: Word[] = [];
  for (let i = from; tokens[i]?.tokenType === Dotted; i++) {
    if (tokens[i]!.startOffset !== endOf(tokens[i - 1]!)) break;
    const { text, start, end } = wordOf(tokens[i]!);
    flags.push({ text: text.slice(1), start, end });
  }
  return flags;
}

/** Reads the head of a line; `head` is undefined when a label stands alone or neither word is there. */
export function readHead(tokens: readonly IToken[]): Head {
  const labelled = tokens[0]?.tokenType === Identifier && tokens[1]?.tokenType === Colon;
  const label = labelled ? wordOf(tokens[0]!) : undefined;
  const at = labelled ? 2 : 0;
  const first = tokens[at];
  if (first?.tokenType === Dotted) {
    const { start, end } = wordOf(first);
    const head = { text: first.image.toLowerCase(), start, end };
    return { label, head, flags: NO_FLAGS, rest: at + 1 };
  }
  if (first?.tokenType !== Identifier) return { label, head: undefined, flags: NO_FLAGS, rest: at };
  const flags = readFlags(tokens, at + 1);
  return { label, head: wordOf(first), flags, rest: at + 1 + flags.length };
}
