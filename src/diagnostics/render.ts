/** Diagnostics as text for people: the place, the message, the line with the mistake underlined. */
import type { Diagnostic, Severity, Span } from './diagnostic.ts';

/** Columns of a source line that are shown; longer ones are cut around the mistake. */
const LINE_COLUMNS = 100;

/** Columns to the left of the mistake that stay visible when a line is cut. */
const CONTEXT_COLUMNS = 30;

const TAB_COLUMNS = 8;

const COLOURS = { error: 31, warning: 33, hint: 36, bold: 1 } as const;

type Paint = (text: string, colour: keyof typeof COLOURS) => string;

/** Control characters as pictures of themselves (U+2400…), those that turn the text about as U+FFFD. */
function printable(text: string): string {
  return text
    .replace(/[\0-\x1f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/\x7f/g, '\u2421')
    .replace(/[\x80-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** Characters of two columns: East Asian Wide and Fullwidth, and emoji (Unicode TR 11), by block. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a character takes in a terminal. */
function columnsOf(character: string): number {
  if (/[\p{Mn}\p{Me}\u200b-\u200d]/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** A piece of a line as it is shown: tabs expanded, nothing invisible. */
interface Shown {
  readonly text: string;
  readonly columns: number;
}

function show(text: string, startColumn: number): Shown {
  let shown = '';
  let column = startColumn;
  for (const character of text) {
    const tab = character === '\t';
    const width = tab ? TAB_COLUMNS - (column % TAB_COLUMNS) : columnsOf(character);
    shown += tab ? ' '.repeat(width) : printable(character);
    column += width;
  }
  return { text: shown, columns: column - startColumn };
}

/** The half of a surrogate pair is never shown alone. */
function characterBoundary(line: string, at: number): number {
  const code = line.charCodeAt(at);
  return at > 0 && code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

/** Hands out lines of texts, each of which is cut once. */
function lineReader(sources: ReadonlyMap<string, string>) {
  const cut = new Map<string, string[]>();
  return ({ file, line }: Span): string | undefined => {
    const text = sources.get(file);
    if (text === undefined) return undefined;
    const lines = cut.get(file) ?? text.split('\n');
    cut.set(file, lines);
    return (lines[line - 1] ?? '').replace(/\r$/, '');
  };
}

/** The source line, and below it the underline. */
function excerpt(line: string, span: Span): [string, string] {
  const start = characterBoundary(line, Math.min(span.column - 1, line.length));
  const cut = line.length > LINE_COLUMNS;
  const from = cut ? characterBoundary(line, Math.max(0, start - CONTEXT_COLUMNS)) : 0;
  const to = cut
    ? characterBoundary(line, Math.min(line.length, from + LINE_COLUMNS))
    : line.length;
  const end = characterBoundary(line, Math.min(to, start + span.length));
  const lead = from > 0 ? '…' : '';
  const before = show(line.slice(from, start), lead.length);
  const marked = show(line.slice(start, end), lead.length + before.columns);
  const after = show(line.slice(end, to), lead.length + before.columns + marked.columns);
  const tail = to < line.length ? '…' : '';
  return [
    `${lead}${before.text}${marked.text}${after.text}${tail}`.trimEnd(),
    ' '.repeat(lead.length + before.columns) + '^'.repeat(Math.max(1, marked.columns)),
  ];
}

function place({ file, line, column }: Span): string {
  return `${printable(file)}:${line}:${column}`;
}

function renderOne(
  diagnostic: Diagnostic,
  lineAt: (span: Span) => string | undefined,
  paint: Paint,
): string[] {
  const { severity, code, message, span, hint, notes = [] } = diagnostic;
  const label = paint(`${severity}[${code}]:`, severity);
  const lines = [`${paint(`${place(span)}:`, 'bold')} ${label} ${printable(message)}`];
  const line = lineAt(span);
  if (line !== undefined) {
    const [source, underline] = excerpt(line, span);
    lines.push(`  ${source}`, `  ${paint(underline, severity)}`);
  }
  if (hint !== undefined) lines.push(`  ${paint('hint:', 'hint')} ${printable(hint)}`);
  for (const note of notes) {
    lines.push(`  ${paint('note:', 'hint')} ${place(note.span)}: ${printable(note.message)}`);
  }
  return lines;
}

function count(diagnostics: readonly Diagnostic[], severity: Severity): string[] {
  const n = diagnostics.filter((d) => d.severity === severity).length;
  if (n === 0) return [];
  return [`${n} ${severity}${n === 1 ? '' : 's'}`];
}

/**
 * The diagnostics one below the other, and their number; empty when there are none:
 *
 *     head.lasm:7:7: error[unknown-instruction]: unknown instruction SOFTMX
 *             SOFTMX t5, t5
 *             ^^^^^^
 *       hint: did you mean SOFTMAX?
 *
 *     1 error
 *
 * `sources` gives the text of each file by the name that spans use; without a text the line is left
 * out. Safe to print whatever the sources contain.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  { colour }: { readonly colour: boolean },
): string {
  if (diagnostics.length === 0) return '';
  const paint: Paint = (text, name) => (colour ? `\x1b[${COLOURS[name]}m${text}\x1b[0m` : text);
  const lineAt = lineReader(sources);
  const blocks = diagnostics.map((diagnostic) => renderOne(diagnostic, lineAt, paint).join('\n'));
  const total = [...count(diagnostics, 'error'), ...count(diagnostics, 'warning')].join(', ');
  return `${blocks.join('\n\n')}\n\n${total}\n`;
}
