/** The explanation as text: what waits cost, what bounds the run, its critical path, what would help. */
import type { Column } from '../reports/format.ts';
import { bullet, clip, decimal, grouped, plural, table } from '../reports/format.ts';
import { nameLines } from '../reports/names.ts';
import type { TextOptions } from '../reports/text.ts';
import { signed } from './diff-text.ts';
import type { Explanation } from './explain.ts';
import type { PathRow } from './fold-path.ts';

/** A longer path is shown from both of its ends. */
const ROWS_AT_EACH_END = 12;

/** The whole explanation; ends with a line feed. */
export function renderExplanation(told: Explanation, { width, colour }: TextOptions): string {
  const heading = (text: string) => (colour ? `\u001b[1m${text}\u001b[22m` : text);
  const { program, machine, cycles, instructions, note } = told;
  const sections: (readonly [string, readonly string[]])[] = [
    [`${program.name} on ${machine.name} (${machine.title})`, opening(cycles, instructions, note)],
    ['What each wait costs, by running without it', waitLines(told, width)],
    ['If only one thing limited you', told.bounds.flatMap((b) => bullet(b.sentence, width))],
    ['The critical path', pathLines(told, width)],
    ['What would help, by running on a changed machine', sensitivityLines(told)],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([name, lines]) => `${heading(name)}\n${lines.join('\n')}\n`)
    .join('\n');
}

function opening(cycles: number, instructions: number, note: string): string[] {
  const line = `  ${plural(cycles, 'cycle')}, ${plural(instructions, 'instruction')}`;
  return note === '' ? [line] : [line, `  note: ${note}`];
}

function waitLines({ waits, otherWaits }: Explanation, width: number): string[] {
  const told = waits.flatMap(({ sentence }) => bullet(sentence, width));
  if (told.length === 0) return ['  - nothing waited for anything'];
  const rest = otherWaits === 0 ? [] : [`  - not measured: ${plural(otherWaits, 'other pair')}`];
  return [...told, ...rest];
}

const PATH_COLUMNS: readonly Column[] = [
  { title: 'at cycle', align: 'right' },
  { title: 'cycles', align: 'right' },
  { title: 'times', align: 'right' },
  { title: 'because', align: 'left' },
  { title: 'instruction', align: 'left' },
];

/** Cycles from one issue to the next; with the drain they are those of the run. */
function pathLines({ path, cycles }: Explanation, width: number): string[] {
  if (!path) return ['  not followed: the run has too many instructions'];
  const where = nameLines(path.rows.map(({ place }) => place));
  const cells = (row: PathRow) => [
    grouped(row.issueCycle),
    grouped(row.cycles),
    grouped(row.times),
    row.register === null ? row.cause : `${row.cause} ${row.register}`,
    `${'  '.repeat(row.depth)}${where(row.place)} ${row.place.text}`,
  ];
  const { rows, drainCycles } = path;
  const drain = [grouped(cycles - drainCycles), grouped(drainCycles), '', 'drain', ''];
  const total = ['', grouped(cycles), '', 'total', ''];
  const shown = [...shorten(rows).map((row) => ('omitted' in row ? gap(row) : cells(row)))];
  return table(PATH_COLUMNS, [...shown, drain, total]).map((line) => clip(line, width));
}

interface Omitted {
  readonly omitted: number;
  readonly issueCycle: number;
  readonly cycles: number;
}

function shorten(rows: readonly PathRow[]): readonly (PathRow | Omitted)[] {
  const omitted = rows.slice(ROWS_AT_EACH_END, -ROWS_AT_EACH_END);
  if (omitted.length < 2) return rows;
  const cycles = omitted.reduce((sum, row) => sum + row.cycles, 0);
  const { issueCycle } = omitted[0]!;
  return [
    ...rows.slice(0, ROWS_AT_EACH_END),
    { omitted: omitted.length, issueCycle, cycles },
    ...rows.slice(-ROWS_AT_EACH_END),
  ];
}

function gap({ omitted, issueCycle, cycles }: Omitted): string[] {
  return [grouped(issueCycle), grouped(cycles), '', '…', plural(omitted, 'other row')];
}

function sensitivityLines({ sensitivity, cycles }: Explanation): string[] {
  const columns: Column[] = [
    { title: 'with', align: 'left' },
    { title: 'cycles', align: 'right' },
    { title: 'change', align: 'right' },
    { title: '%', align: 'right' },
  ];
  const rows = sensitivity.map(({ change, cycles: taken, difference }) => [
    change,
    grouped(taken),
    signed(difference),
    signedShare((100 * difference) / cycles),
  ]);
  return table(columns, rows);
}

/** `−12.3`, `0.0`. */
function signedShare(value: number): string {
  const text = decimal(Math.abs(value), 1);
  if (Number(text.replaceAll(',', '')) === 0) return text;
  return value < 0 ? `−${text}` : `+${text}`;
}
