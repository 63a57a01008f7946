/** The difference of two runs as an identity: parts by cause, and by line, that sum to it exactly. */
import type { Cause } from '../timing/causes.ts';
import { CAUSES } from '../timing/causes.ts';
import { entriesByCause } from '../reports/by-cause.ts';
import type { LineUse, Report } from '../reports/report.ts';
import type { Unit } from '../../isa/work.ts';

/** A number of both runs; difference = after − before. */
export interface Change {
  readonly before: number;
  readonly after: number;
  readonly difference: number;
}

export interface CauseChange extends Change {
  readonly cause: Cause | 'unattributed';
}

/** An instruction of either program; null where the other program does not have it. */
export interface LineChange extends Change {
  readonly text: string;
  readonly placeBefore: { readonly file: string; readonly line: number } | null;
  readonly placeAfter: { readonly file: string; readonly line: number } | null;
}

/** Busy cycles, summed over the copies of the unit. */
export interface UnitChange extends Change {
  readonly unit: Unit;
}

export interface Side {
  readonly program: Report['program'];
  readonly machine: Report['machine'];
  readonly cycles: number;
  readonly issueWidth: number;
}

/**
 * Causes and lines are counted in whole parts of a cycle, `partsPerCycle` to one: the least common
 * multiple of both issue widths. A slot of a machine that issues W instructions in a cycle is 1/W
 * of a cycle, so each side's parts sum to exactly its cycles × partsPerCycle, and no sum is rounded.
 * With equal widths parts are slots; with width 1 they are cycles.
 */
export interface ReportDiff {
  readonly schema: 'lasm-diff/1';
  readonly before: Side;
  readonly after: Side;
  readonly cycles: Change;
  readonly partsPerCycle: number;
  /** Largest difference first; those that are 0 on both sides are left out. */
  readonly causes: readonly CauseChange[];
  /** Largest difference first; those without one are left out. */
  readonly lines: readonly LineChange[];
  /** Parts charged to no instruction: fill and drain. With `lines` they sum to the difference. */
  readonly elsewhere: Change;
  readonly units: readonly UnitChange[];
  /** What makes the runs less alike than one may think. */
  readonly notes: readonly string[];
}

/** Compares two reports. */
export function diffReports(a: Report, b: Report): ReportDiff {
  const partsPerCycle = leastCommonMultiple(a.issueWidth, b.issueWidth);
  const [scaleA, scaleB] = [partsPerCycle / a.issueWidth, partsPerCycle / b.issueWidth];
  const lines = linesOf(a, b, scaleA, scaleB);
  const rest = (report: Report, scale: number) =>
    scale * (report.slotsTotal - sum(report.lines.map(({ slotsTotal }) => slotsTotal)));
  return {
    schema: 'lasm-diff/1',
    before: sideOf(a),
    after: sideOf(b),
    cycles: change(a.cycles, b.cycles),
    partsPerCycle,
    causes: causesOf(a, b, scaleA, scaleB),
    lines: byWeight(lines.filter(({ difference }) => difference !== 0)),
    elsewhere: change(rest(a, scaleA), rest(b, scaleB)),
    units: a.units.map(({ unit, busyCycles }) => {
      const other = b.units.find((use) => use.unit === unit)?.busyCycles ?? 0;
      return { unit, ...change(busyCycles, other) };
    }),
    notes: notesOn(a, b),
  };
}

function sideOf({ program, machine, cycles, issueWidth }: Report): Side {
  return { program, machine, cycles, issueWidth };
}

function change(before: number, after: number): Change {
  return { before, after, difference: after - before };
}

function causesOf(a: Report, b: Report, scaleA: number, scaleB: number): CauseChange[] {
  const [before, after] = [a, b].map(({ slots }) => new Map(entriesByCause(slots)));
  const causes = CAUSES.map((cause): CauseChange => {
    const parts = change(scaleA * (before!.get(cause) ?? 0), scaleB * (after!.get(cause) ?? 0));
    return { cause, ...parts };
  });
  const lost = change(scaleA * a.unattributed, scaleB * b.unattributed);
  const all: CauseChange[] = [...causes, { cause: 'unattributed', ...lost }];
  return byWeight(all.filter((row) => row.before !== 0 || row.after !== 0));
}

/** Largest difference first; of equals, in the order they come in. */
function byWeight<T extends Change>(rows: readonly T[]): T[] {
  return [...rows].sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference));
}

/**
 * Lines of the same program are the same where they stand in it; lines of different programs
 * where they say the same, the first with the first, the second with the second.
 */
function linesOf(a: Report, b: Report, scaleA: number, scaleB: number): LineChange[] {
  const key = a.program.hash === b.program.hash ? standing : saying;
  const [before, after] = [keyed(a.lines, key), keyed(b.lines, key)];
  return [...new Set([...before.keys(), ...after.keys()])].map((name) => {
    const [x, y] = [before.get(name), after.get(name)];
    return {
      text: (x ?? y)!.text,
      placeBefore: x ? { file: x.file, line: x.line } : null,
      placeAfter: y ? { file: y.file, line: y.line } : null,
      ...change(scaleA * (x?.slotsTotal ?? 0), scaleB * (y?.slotsTotal ?? 0)),
    };
  });
}

const standing = ({ file, line, text }: LineUse) => `${file}:${line} ${text}`;
const saying = ({ text }: LineUse) => text;

function keyed(lines: readonly LineUse[], key: (line: LineUse) => string): Map<string, LineUse> {
  const seen = new Map<string, number>();
  return new Map(
    lines.map((line) => {
      const count = (seen.get(key(line)) ?? 0) + 1;
      seen.set(key(line), count);
      return [`${key(line)} #${count}`, line];
    }),
  );
}

function notesOn(a: Report, b: Report): string[] {
  const notes: string[] = [];
  if (a.program.hash !== b.program.hash) {
    notes.push(`the programs differ (${a.program.hash} and ${b.program.hash})`);
  }
  if (a.issueWidth !== b.issueWidth) {
    notes.push(
      `${a.issueWidth} and ${b.issueWidth} instructions can issue in a cycle: a slot counts as that fraction of it`,
    );
  }
  if (a.instructions !== b.instructions) {
    notes.push(`${a.instructions} and ${b.instructions} instructions were executed`);
  }
  if (a.unfinished + b.unfinished > 0) notes.push('a run was cut off before its end');
  return notes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
