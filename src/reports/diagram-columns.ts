/** Columns of the diagram: a cycle each, or a run of cycles in which no row changes. */
import { cellAt, changesOf } from './diagram-cells.ts';
import type { Flight } from './flights.ts';

export interface DiagramColumn {
  readonly firstCycle: number;
  /** Above 1 for a run that is drawn once. */
  readonly cycles: number;
  /** `8`, or `8–29`. */
  readonly title: string;
  /** One for each row: `EX`, or `EX*22`. */
  readonly cells: readonly string[];
}

/** Shorter runs are drawn cycle by cycle. */
const SHORTEST_FOLD = 3;

interface Interval {
  readonly start: number;
  readonly end: number;
  readonly cells: readonly string[];
}

/** The columns of cycles `from` … `to` in which any of the rows is in flight. */
export function columnsOf(rows: readonly Flight[], from: number, to: number): DiagramColumn[] {
  return intervalsOf(rows, from, to).flatMap(({ start, end, cells }) => {
    const cycles = end - start;
    if (cycles < SHORTEST_FOLD) {
      return Array.from({ length: cycles }, (_, i) => ({
        firstCycle: start + i,
        cycles: 1,
        title: `${start + i}`,
        cells,
      }));
    }
    const folded = cells.map((cell) => (/^[A-Za-z]/.test(cell) ? `${cell}*${cycles}` : cell));
    return [{ firstCycle: start, cycles, title: `${start}–${end - 1}`, cells: folded }];
  });
}

/** The cycles between two changes, joined where the change cannot be seen. */
function intervalsOf(rows: readonly Flight[], from: number, to: number): Interval[] {
  const changes = [...new Set(rows.flatMap(changesOf))].sort((a, b) => a - b);
  const last = changes.at(-1) ?? 0;
  const start = Math.max(from, changes[0] ?? 0);
  const end = Math.min(to + 1, last);
  const cuts = [start, ...changes.filter((cycle) => cycle > start && cycle < end), end];
  const intervals: Interval[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    if (cuts[i]! >= cuts[i + 1]!) continue;
    const cells = rows.map((row) => cellAt(row, cuts[i]!));
    const before = intervals.at(-1);
    const isSame = before?.cells.every((cell, row) => cell === cells[row]) ?? false;
    if (isSame) intervals.pop();
    intervals.push({ start: isSame ? before!.start : cuts[i]!, end: cuts[i + 1]!, cells });
  }
  return intervals;
}
