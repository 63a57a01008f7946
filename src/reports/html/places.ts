/** Source lines and loops as tables: the heaviest rows, the rest summed. */
import { entriesByCause } from '../by-cause.ts';
import { grouped, plural } from '../format.ts';
import { nameLines } from '../names.ts';
import type { ByCause, LineUse, Report } from '../report.ts';
import type { Markup } from '../svg/markup.ts';
import { block, tag } from '../svg/markup.ts';
import { showShare, sumTenths } from '../text-causes.ts';
import { slotNoun } from './causes.ts';
import type { Cell, Column } from './table.ts';
import { tableOf } from './table.ts';

/** Rows before the rest is summed; the JSON in the page has them all. */
const LINES_SHOWN = 250;

type Use = Pick<LineUse, 'instructions' | 'slotsTotal' | 'sharePercent'>;

/** Heaviest lines first; with what is charged to nobody they sum to the run. */
export function linesSection(report: Report): Markup | undefined {
  const { lines, slotsTotal } = report;
  if (lines.length === 0) return undefined;
  const where = nameLines(lines);
  const cells = (use: Use): Cell[] => useCells(use, slotsTotal);
  const byWeight = [...lines].sort((a, b) => b.slotsTotal - a.slotsTotal || a.pc - b.pc);
  const rest = byWeight.slice(LINES_SHOWN);
  const body = byWeight
    .slice(0, LINES_SHOWN)
    .map((line) => [where(line), ...cells(line), line.text, waits(line.slots)]);
  const charged = sum(lines);
  const nobody = {
    instructions: 0,
    slotsTotal: slotsTotal - charged.slotsTotal,
    sharePercent: sumTenths([100, -charged.sharePercent]),
  };
  const foot: Cell[][] = [
    ...(rest.length > 0 ? [[plural(rest.length, 'other instruction'), ...cells(sum(rest))]] : []),
    ...(nobody.slotsTotal > 0 ? [['fill and drain', ...cells(nobody)]] : []),
    ['total', ...totalCells(charged, slotsTotal)],
  ];
  const table = tableOf('By source line', lineColumns(report), { body, foot });
  return block('section', {}, tag('h2', {}, 'By source line'), table);
}

function lineColumns(report: Report): Column[] {
  return [
    { title: 'where', kind: 'text' },
    { title: 'executed', kind: 'number' },
    { title: `${slotNoun(report)}s`, kind: 'number' },
    { title: 'share', kind: 'share' },
    { title: 'instruction', kind: 'code' },
    { title: 'waits', kind: 'text' },
  ];
}

function useCells({ instructions, slotsTotal, sharePercent }: Use, total: number): Cell[] {
  const share = { share: sharePercent, text: showShare(sharePercent, total) };
  return [grouped(instructions), grouped(slotsTotal), share];
}

/** Without the bar, which would be full. */
function totalCells({ instructions }: Use, slotsTotal: number): Cell[] {
  return [grouped(instructions), grouped(slotsTotal), showShare(100, slotsTotal)];
}

function sum(uses: readonly Use[]): Use {
  const add = (value: (use: Use) => number) => uses.reduce((s, use) => s + value(use), 0);
  return {
    instructions: add((use) => use.instructions),
    slotsTotal: add((use) => use.slotsTotal),
    sharePercent: sumTenths(uses.map((use) => use.sharePercent)),
  };
}

/** `raw 27, structural.mxu 20`: all of them, the largest first. */
export function waits(slots: ByCause): string {
  return entriesByCause(slots)
    .filter(([cause]) => cause !== 'issue')
    .sort(([, a], [, b]) => b - a)
    .map(([cause, count]) => `${cause} ${grouped(count)}`)
    .join(', ');
}

/** Rounds with the same schedule. */
export function loopsSection({ lines, steadyState }: Report): Markup | undefined {
  if (steadyState.length === 0) return undefined;
  const where = nameLines(lines);
  const body = steadyState.map(({ head, tail, firstIteration, lastIteration, intervalCycles }) => [
    head.pc === tail.pc ? where(head) : `${where(head)} to ${where(tail)}`,
    `${grouped(firstIteration)}–${grouped(lastIteration)}`,
    plural(intervalCycles, 'cycle'),
  ]);
  const columns: Column[] = [
    { title: 'loop', kind: 'text' },
    { title: 'identical iterations', kind: 'text' },
    { title: 'initiation interval', kind: 'text' },
  ];
  return block('section', {}, tag('h2', {}, 'Loops'), tableOf('Loops', columns, { body }));
}
