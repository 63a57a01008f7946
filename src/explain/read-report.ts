/** Reads a report from JSON, as far as a comparison needs it; anything else is told what it lacks. */
import { entriesByCause } from '../reports/by-cause.ts';
import type { ByCause, Report } from '../reports/report.ts';

const SCHEMA: Report['schema'] = 'lasm-report/1';

/** The report, or in one phrase why it is none: `is not a report: …`. */
export type ReportResult =
  | { readonly report: Report; readonly problem: '' }
  | { readonly report: undefined; readonly problem: string };

/** Reads the text of a report. */
export function readReport(text: string): ReportResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { report: undefined, problem: 'is not JSON' };
  }
  const problem = reportProblem(value);
  return problem === '' ? { report: value as Report, problem: '' } : { report: undefined, problem };
}

type Fields = Readonly<Record<string, unknown>>;

function reportProblem(value: unknown): string {
  if (!isObject(value) || typeof value['schema'] !== 'string') {
    return 'is not a report: it names no schema';
  }
  const { schema } = value;
  if (schema !== SCHEMA) return `is a ${schema}, not a ${SCHEMA}`;
  const lacking = CHECKS.find(([, holds]) => !holds(value));
  return lacking ? `is not a whole report: ${lacking[0]}` : '';
}

const CHECKS: readonly (readonly [string, (report: Fields) => boolean])[] = [
  ['program has no name and hash', ({ program }) => hasTexts(program, 'name', 'hash')],
  ['machine has no name and hash', ({ machine }) => hasTexts(machine, 'name', 'hash')],
  ['issueWidth is no number of instructions', ({ issueWidth }) => isCount(issueWidth, 1)],
  [
    'cycles, instructions, unfinished or slotsTotal is no count',
    ({ cycles, instructions, unfinished, slotsTotal }) =>
      [cycles, instructions, unfinished, slotsTotal].every((n) => isCount(n, 0)),
  ],
  ['slots are not numbers by cause', ({ slots }) => isByCause(slots)],
  [
    'its causes do not sum to its cycles',
    ({ slots, unattributed, cycles, issueWidth, slotsTotal }) => {
      const sum = entriesByCause(slots as ByCause).reduce((total, [, n]) => total + n, 0);
      const total = (cycles as number) * (issueWidth as number);
      return slotsTotal === total && sum + (unattributed as number) === total;
    },
  ],
  [
    'a line has no place or no slots',
    ({ lines }) =>
      isList(lines, (line) => {
        const { line: number, slotsTotal } = line;
        return hasTexts(line, 'file', 'text') && isCount(number, 0) && isCount(slotsTotal, 0);
      }),
  ],
  [
    'a unit has no busy cycles',
    ({ units }) => isList(units, (u) => hasTexts(u, 'unit') && isCount(u['busyCycles'], 0)),
  ],
];

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown, holds: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isObject(item) && holds(item));
}

function isCount(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function hasTexts(value: unknown, ...keys: readonly string[]): boolean {
  return isObject(value) && keys.every((key) => typeof value[key] === 'string');
}

function isByCause(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.values(value).every((n) => isCount(n, 0) || (isObject(n) && isByCause(n)))
  );
}
