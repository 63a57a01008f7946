/** The difference of two runs as text: one line that sums, then causes, lines and units. */
import type { Column } from '../reports/format.ts';
import { clip, grouped, plural, table } from '../reports/format.ts';
import type { TextOptions } from '../reports/text.ts';
import type { Change, LineChange, ReportDiff, Side } from './diff.ts';

/** Lines shown before the rest is summed. */
const LINES_SHOWN = 12;

/** `+145`, `−1,203`, `0`. */
export function signed(value: number): string {
  return value === 0 ? '0' : `${value < 0 ? '−' : '+'}${grouped(Math.abs(value))}`;
}

/** `2115 → 912 (−1203): raw −1355, structural.mxu +145, issue +7`. */
export function identity({ cycles, partsPerCycle, causes }: ReportDiff): string {
  const plain = (value: number) => signed(value).replaceAll(',', '');
  const { before, after, difference } = cycles;
  const parts = causes
    .filter((row) => row.difference !== 0)
    .map((row) => `${row.cause} ${inCycles(row.difference, partsPerCycle, plain)}`);
  const why = parts.length === 0 ? 'every cause is the same' : parts.join(', ');
  return `${before} → ${after} (${plain(difference)}): ${why}`;
}

/** Parts as cycles: `−12 3/4`, always exact. */
export function inCycles(
  parts: number,
  partsPerCycle: number,
  show: (whole: number) => string = grouped,
): string {
  const size = Math.abs(parts);
  const [whole, rest] = [Math.floor(size / partsPerCycle), size % partsPerCycle];
  const sign = Math.sign(parts);
  if (rest === 0) return show(sign * whole);
  const fraction = `${rest}/${partsPerCycle}`;
  if (whole > 0) return `${show(sign * whole)} ${fraction}`;
  // The sign of a whole part that is not there.
  return show(sign).replace('1', fraction);
}

/** The whole comparison; ends with a line feed. */
export function renderDiff(diff: ReportDiff, { width, colour }: TextOptions): string {
  const heading = (text: string) => (colour ? `\u001b[1m${text}\u001b[22m` : text);
  const sections: (readonly [string, readonly string[]])[] = [
    [`${nameOf(diff.before)} → ${nameOf(diff.after)}`, opening(diff)],
    ['By cause, in cycles', causeLines(diff)],
    ['By source line, in cycles', lineLines(diff).map((line) => clip(line, width))],
    ['Busy cycles of the units', unitLines(diff)],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([name, lines]) => `${heading(name)}\n${lines.join('\n')}\n`)
    .join('\n');
}

function nameOf({ program, machine }: Side): string {
  return `${program.name} on ${machine.name}`;
}

function opening(diff: ReportDiff): string[] {
  return [`  ${identity(diff)}`, ...diff.notes.map((note) => `  note: ${note}`)];
}

const CHANGE_COLUMNS: readonly Column[] = [
  { title: 'before', align: 'right' },
  { title: 'after', align: 'right' },
  { title: 'difference', align: 'right' },
];

function cells({ before, after, difference }: Change, parts: number): string[] {
  return [inCycles(before, parts), inCycles(after, parts), inCycles(difference, parts, signed)];
}

function causeLines({ causes, cycles, partsPerCycle }: ReportDiff): string[] {
  const rows = causes.map((row) => [row.cause, ...cells(row, partsPerCycle)]);
  return table(
    [{ title: 'cause', align: 'left' }, ...CHANGE_COLUMNS],
    [...rows, ['total', ...cells(cycles, 1)]],
  );
}

function lineLines({ lines, elsewhere, cycles, partsPerCycle }: ReportDiff): string[] {
  const rows = lines
    .slice(0, LINES_SHOWN)
    .map((row) => [whereOf(row), ...cells(row, partsPerCycle), row.text]);
  const rest = lines.slice(LINES_SHOWN);
  if (rest.length > 0) {
    rows.push([plural(rest.length, 'other line'), '', '', restOf(rest, partsPerCycle)]);
  }
  if (elsewhere.difference !== 0) {
    rows.push(['fill and drain', '', '', inCycles(elsewhere.difference, partsPerCycle, signed)]);
  }
  rows.push(['total', '', '', signed(cycles.difference)]);
  return table(
    [{ title: 'where', align: 'left' }, ...CHANGE_COLUMNS, { title: 'instruction', align: 'left' }],
    rows,
  );
}

function restOf(rest: readonly LineChange[], partsPerCycle: number): string {
  const difference = rest.reduce((sum, row) => sum + row.difference, 0);
  return inCycles(difference, partsPerCycle, signed);
}

/** `line 14`, `line 14 → 16`, `only before: line 14`. */
function whereOf({ placeBefore, placeAfter }: LineChange): string {
  if (!placeAfter) return `only before: line ${placeBefore!.line}`;
  if (!placeBefore) return `only after: line ${placeAfter.line}`;
  const [before, after] = [placeBefore.line, placeAfter.line];
  return before === after ? `line ${before}` : `line ${before} → ${after}`;
}

function unitLines({ units }: ReportDiff): string[] {
  const used = units.filter(({ before, after }) => before + after > 0);
  if (used.length === 0) return [];
  return table(
    [{ title: 'unit', align: 'left' }, ...CHANGE_COLUMNS],
    used.map((row) => [row.unit, ...cells(row, 1)]),
  );
}
