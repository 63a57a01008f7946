/** Source lines, parts of the model and loops as text: the heaviest rows, the rest summed. */
import { entriesByCause } from './by-cause.ts';
import type { Column } from './format.ts';
import { clip, grouped, plural, table } from './format.ts';
import { nameLines } from './names.ts';
import { parentOf } from './places.ts';
import type { ByCause, LineUse, PartUse, Report } from './report.ts';
import { showShare, sumTenths } from './text-causes.ts';

/** Rows shown before the rest is summed. */
const LINES_SHOWN = 10;
const PARTS_SHOWN = 6;

function useColumns({ issueWidth }: Report): Column[] {
  return [
    { title: 'executed', align: 'right' },
    { title: issueWidth === 1 ? 'cycles' : 'slots', align: 'right' },
    { title: 'share', align: 'right' },
  ];
}

type Use = Pick<LineUse, 'instructions' | 'slotsTotal' | 'sharePercent'>;

/** Heaviest lines first. */
export function linesTable(report: Report, width: number): string[] {
  const { lines, slotsTotal } = report;
  if (lines.length === 0) return [];
  const where = nameLines(lines);
  const cells = (use: Use) => useCells(use, slotsTotal);
  const byWeight = [...lines].sort((a, b) => b.slotsTotal - a.slotsTotal || a.pc - b.pc);
  const rest = byWeight.slice(LINES_SHOWN);
  const rows = byWeight
    .slice(0, LINES_SHOWN)
    .map((line) => [where(line), ...cells(line), largestWait(line.slots), line.text]);
  if (rest.length > 0) rows.push([plural(rest.length, 'other instruction'), ...cells(sum(rest))]);
  const charged = sum(lines);
  const nobody = {
    instructions: 0,
    slotsTotal: slotsTotal - charged.slotsTotal,
    sharePercent: sumTenths([100, -charged.sharePercent]),
  };
  if (nobody.slotsTotal > 0) rows.push(['fill and drain', ...cells(nobody)]);
  rows.push(['total', ...cells({ ...charged, slotsTotal, sharePercent: 100 })]);
  const columns: Column[] = [
    { title: 'where', align: 'left' },
    ...useColumns(report),
    { title: 'largest wait', align: 'left' },
    { title: 'instruction', align: 'left' },
  ];
  return table(columns, rows).map((line) => clip(line, width));
}

function useCells(use: Use, slotsTotal: number): string[] {
  const share = showShare(use.sharePercent, slotsTotal);
  return [grouped(use.instructions), grouped(use.slotsTotal), share];
}

function sum(uses: readonly Use[]): Use {
  const add = (value: (use: Use) => number) => uses.reduce((s, use) => s + value(use), 0);
  return {
    instructions: add((use) => use.instructions),
    slotsTotal: add((use) => use.slotsTotal),
    sharePercent: sumTenths(uses.map((use) => use.sharePercent)),
  };
}

/** `raw 27`: the largest. */
function largestWait(slots: ByCause): string {
  return entriesByCause(slots)
    .filter(([cause]) => cause !== 'issue')
    .sort(([, a], [, b]) => b - a)
    .slice(0, 1)
    .map(([cause, count]) => `${cause} ${grouped(count)}`)
    .join(', ');
}

/** Parts as a tree, in program order; of many siblings the heaviest, the others summed. */
export function partsTable(report: Report): string[] {
  const { parts, slotsTotal } = report;
  if (parts.length === 0) return [];
  const rows = (parent: string | undefined, indent: string): string[][] => {
    const siblings = parts.filter((part) => parentOf(part.path) === parent);
    const shown = heaviest(siblings);
    const others = siblings.filter((part) => !shown.includes(part));
    return [
      ...shown.flatMap((part) => [
        [indent + partName(part.path), ...useCells(part, slotsTotal)],
        ...rows(part.path, `${indent}  `),
      ]),
      ...(others.length > 0
        ? [
            [
              `${indent}${plural(others.length, 'other part')}`,
              ...useCells(sum(others), slotsTotal),
            ],
          ]
        : []),
    ];
  };
  return table([{ title: 'part', align: 'left' }, ...useColumns(report)], rows(undefined, ''));
}

function heaviest(parts: readonly PartUse[]): PartUse[] {
  const byWeight = [...parts].sort((a, b) => b.slotsTotal - a.slotsTotal);
  const shown = new Set(byWeight.slice(0, PARTS_SHOWN));
  return parts.filter((part) => shown.has(part));
}

function partName(path: string): string {
  return path === '' ? '(no part)' : path.split('/').at(-1)!;
}

/** `line 12 to line 18: iterations 4–31 identical, II = 12 cycles`. */
export function loopLines({ lines, steadyState }: Report): string[] {
  const where = nameLines(lines);
  return steadyState.map(({ head, tail, firstIteration, lastIteration, intervalCycles }) => {
    const loop = head.pc === tail.pc ? where(head) : `${where(head)} to ${where(tail)}`;
    const iterations = `iterations ${grouped(firstIteration)}–${grouped(lastIteration)} identical`;
    return `  ${loop}: ${iterations}, II = ${plural(intervalCycles, 'cycle')}`;
  });
}
