/** The canonical layout of `.lasm` text: spaces, columns and blank lines; never a change of meaning. */
import { findInstruction } from '../../isa/index.ts';
import type { IToken } from 'chevrotain';
import { beginsStatement, readHead } from './heads.ts';
import type { Head } from './heads.ts';
import { spaced } from './spacing.ts';
import { openBrackets } from './statements.ts';
import * as T from './tokens.ts';

/** Columns, from 0, of a mnemonic and of its operands. */
const MNEMONIC_COLUMN = 6;
const OPERAND_COLUMN = 18;

/** Columns of a line that continues the brackets of the one above. */
const CONTINUATION_COLUMN = 2;

/** Names longer than this do not push the data lines around them aside. */
const MAX_NAME_COLUMNS = 24;

/** Code longer than this does not push the comments around it aside. */
const MAX_CODE_COLUMNS = 72;

interface Row {
  /** `NAME:` of a data line, aligned with its neighbours. */
  readonly name: string;
  readonly code: string;
  readonly comment: string;
  /** What could not be read, and stays as it is. */
  readonly verbatim: boolean;
}

const BLANK: Row = { name: '', code: '', comment: '', verbatim: false };

/** A line cut at the `;` that is in no text. */
function splitComment(line: string): { code: string; comment: string } {
  for (const match of line.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|;/g)) {
    if (match[0] !== ';') continue;
    return { code: line.slice(0, match.index), comment: line.slice(match.index).trimEnd() };
  }
  return { code: line, comment: '' };
}

/** The tokens of a piece of code, or `undefined` when it is not made of tokens. */
function tokensOf(code: string): IToken[] | undefined {
  const { tokens, errors } = T.theLexer().tokenize(code);
  const readable = errors.length === 0 && !tokens.some((t) => t.tokenType === T.OpenText);
  return readable ? tokens : undefined;
}

/** What must not change: the words, and which of them touch where that has a meaning. */
function signature(tokens: readonly IToken[]): string {
  const words = tokens.map((token, i) => {
    const before = tokens[i - 1];
    const sensitive =
      [before, token].some((t) => t?.tokenType === T.Escape) ||
      (token.tokenType === T.Dotted && before?.tokenType !== T.Colon);
    const touches = before !== undefined && T.endOf(before) === token.startOffset;
    return (sensitive && touches ? '\x01' : '\x00') + token.image.toLowerCase();
  });
  return words.join('');
}

/** The mnemonic in the case of its definition, if it is one. */
function printHead({ head, flags }: Head): string {
  const written = [head!.text, ...flags.map((flag) => flag.text)].join('.');
  for (let used = flags.length; used >= 0; used--) {
    const words = [head!.text, ...flags.slice(0, used).map((flag) => flag.text)];
    if (findInstruction(words.join('.').toUpperCase())) return written.toUpperCase();
  }
  return written;
}

function instructionCode(tokens: readonly IToken[], head: Head): string {
  const { label, rest } = head;
  const start = `${label ? `${label.text}: ` : ''}`.padEnd(MNEMONIC_COLUMN) + printHead(head);
  const operands = spaced(tokens.slice(rest), { directive: undefined });
  const first = tokens[rest];
  // Behind a mnemonic that a macro completes, such as ADD\kind, nothing may come between.
  if (first && T.endOf(tokens[rest - 1]!) === first.startOffset) return start + operands;
  return operands === '' ? start : `${start} `.padEnd(OPERAND_COLUMN) + operands;
}

/** The row of a line that begins a statement. */
function statementRow(tokens: readonly IToken[], head: Head, comment: string): Row {
  const { label, head: word, rest } = head;
  if (!word) {
    const code = `${label ? `${label.text}: ` : ''}${spaced(tokens.slice(rest), { directive: undefined })}`;
    return { ...BLANK, code: code.trimEnd(), comment };
  }
  if (!word.text.startsWith('.')) return { ...BLANK, code: instructionCode(tokens, head), comment };
  const operands = spaced(tokens.slice(rest), { directive: word.text });
  const first = tokens[rest];
  const gap = first && T.endOf(tokens[rest - 1]!) === first.startOffset ? '' : ' ';
  const code = `${word.text}${operands === '' ? '' : gap + operands}`;
  return { ...BLANK, name: label ? `${label.text}:` : '', code, comment };
}

/** Turns lines into rows; remembers the brackets that are open across lines. */
class RowReader {
  private depth = 0;
  private directive: string | undefined;

  read(line: string): Row {
    const { code, comment } = splitComment(line);
    if (code.trim() === '') return { ...BLANK, comment: this.indentComment(code, comment) };
    const tokens = tokensOf(code);
    const row = tokens && this.readTokens(tokens, comment);
    const result = row && tokensOf(`${row.name} ${row.code}`);
    if (row && result && signature(result) === signature(tokens)) return row;
    return { ...BLANK, code: line.trimEnd(), verbatim: true };
  }

  /** A comment that was indented stays so. */
  private indentComment(before: string, comment: string): string {
    if (before === '' || comment === '' || comment.startsWith(';;')) return comment;
    return ' '.repeat(this.depth > 0 ? CONTINUATION_COLUMN : MNEMONIC_COLUMN) + comment;
  }

  private readTokens(tokens: IToken[], comment: string): Row {
    const continues = this.depth > 0 && !beginsStatement(tokens);
    if (continues) {
      this.depth += openBrackets(tokens);
      const closes = [T.RightBracket, T.RightParen].includes(tokens[0]!.tokenType);
      const indent = ' '.repeat(closes ? 0 : CONTINUATION_COLUMN);
      const code = indent + spaced(tokens, { directive: this.directive, inside: true });
      return { ...BLANK, code, comment };
    }
    const head = readHead(tokens);
    this.directive = head.head?.text.startsWith('.') ? head.head.text : undefined;
    this.depth = this.directive === undefined ? 0 : openBrackets(tokens);
    return statementRow(tokens, head, comment);
  }
}

/** Applies `change` to each longest run of neighbours for which `belongs` holds. */
function eachRun(
  rows: readonly Row[],
  belongs: (row: Row) => boolean,
  change: (run: readonly Row[]) => readonly Row[],
): Row[] {
  const result: Row[] = [];
  for (let i = 0; i < rows.length;) {
    let end = i;
    while (end < rows.length && belongs(rows[end]!)) end++;
    const run = end > i ? change(rows.slice(i, end)) : [rows[i]!];
    for (const row of run) result.push(row);
    i = Math.max(end, i + 1);
  }
  return result;
}

/** The largest length that is not above `limit`. */
function columnsFor(texts: readonly string[], limit: number): number {
  return texts.reduce((most, { length }) => (length <= limit ? Math.max(most, length) : most), 0);
}

function alignNames(run: readonly Row[]): Row[] {
  const columns = columnsFor(
    run.map((row) => row.name),
    MAX_NAME_COLUMNS,
  );
  return run.map((row) => ({ ...row, code: `${row.name.padEnd(columns)} ${row.code}` }));
}

function alignComments(run: readonly Row[]): Row[] {
  const columns = columnsFor(
    run.map((row) => row.code),
    MAX_CODE_COLUMNS,
  );
  return run.map((row) => ({ ...row, code: row.code.padEnd(columns) }));
}

function lineOf({ code, comment, verbatim }: Row): string {
  if (verbatim || comment === '') return code;
  return code === '' ? comment : `${code}  ${comment}`;
}

/**
 * The same program in the canonical layout: labels, data and directives at the left edge,
 * mnemonics in column 6 and their operands in column 18, one space behind commas and around
 * operators, neighbouring comments under each other, one blank line where there were more. A line
 * that cannot be read stays as it is.
 */
export function formatSource(text: string): string {
  const reader = new RowReader();
  const rows = text.split(/\r?\n/).map((line) => reader.read(line));
  const named = eachRun(rows, (row) => row.name !== '', alignNames);
  const hasBoth = (row: Row) => !row.verbatim && row.code !== '' && row.comment !== '';
  const aligned = eachRun(named, hasBoth, alignComments);
  const lines = aligned.map(lineOf);
  const kept = lines.filter((line, i) => line !== '' || (i > 0 && lines[i - 1] !== ''));
  if (kept.at(-1) === '') kept.pop();
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}
