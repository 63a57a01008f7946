/** How much of the machine was used: multiply-accumulates, memory and each unit, as bars. */
import { percent } from '../format.ts';
import type { Report } from '../report.ts';
import { sumTenths } from '../text-causes.ts';
import type { Area } from './bar.ts';
import { sharesInWords, stackedBar } from './bar.ts';
import type { Fill } from './fills.ts';
import type { Markup } from './markup.ts';
import type { Panel } from './panel.ts';
import { MARGIN, label } from './panel.ts';

const TOP = 4;
const ROW_HEIGHT = 26;
const BAR = { x: 90, width: 320, height: 16, named: false };

interface Row {
  readonly name: string;
  /** What the amounts count. */
  readonly noun: string;
  readonly areas: readonly Area[];
}

/** A bar for the array, one for memory, one for each unit of the machine. */
export function usePanel(report: Report, id: string): Panel {
  const rows = [macRow(report), memoryRow(report), ...unitRows(report)];
  return {
    heading: 'How much of the machine was used',
    height: TOP + rows.length * ROW_HEIGHT + MARGIN,
    content: [...rows.flatMap((row, i) => drawRow(row, TOP + i * ROW_HEIGHT, id))],
    fills: rows.flatMap(({ areas }) => areas.map(({ fill }) => fill)),
    words: rows
      .map(({ name, areas }) => `${name}: ${sharesInWords(areas) || 'nothing'}.`)
      .join(' '),
  };
}

/** What could be done is what was useful, what was wasted while busy, and the rest. */
function macRow({ mac: { useful, wasted, capacity } }: Report): Row {
  const areas = areasOf([
    ['useful', 'useful', useful],
    ['wasted', 'wasted', wasted],
    ['idle', 'idle', capacity - useful - wasted],
  ]);
  return { name: 'MACs', noun: 'MAC', areas };
}

function memoryRow({ memory, cycles }: Report): Row {
  const { bytesRead, bytesWritten, peakBytesPerCycle } = memory;
  const moved = bytesRead + bytesWritten;
  const areas = areasOf([
    ['useful', 'moved', moved],
    ['idle', 'unused', peakBytesPerCycle * cycles - moved],
  ]);
  return { name: 'memory', noun: 'byte', areas };
}

function unitRows({ units }: Report): Row[] {
  return units.map(({ unit, count, busyCycles, idleCycles }) => {
    const areas = areasOf([
      ['useful', 'busy', busyCycles],
      ['idle', 'idle', idleCycles],
    ]);
    return { name: count === 1 ? unit : `${unit} × ${count}`, noun: 'cycle', areas };
  });
}

/** The last area is the rest, in its share too: the shares sum to 100.0. */
function areasOf(parts: readonly (readonly [Fill, string, number])[]): Area[] {
  const total = parts.reduce((sum, [, , amount]) => sum + amount, 0);
  const told = parts.slice(0, -1).map(([, , amount]) => tenths(amount, total));
  const shares = [...told, sumTenths([100, ...told.map((share) => -share)])];
  return parts.map(([fill, name, amount], i) => ({ fill, name, amount, share: shares[i]! }));
}

/** Per cent, rounded as tables round it. */
function tenths(amount: number, total: number): number {
  return total === 0 ? 0 : Number(((amount / total) * 100).toFixed(1));
}

function drawRow({ name, noun, areas }: Row, y: number, id: string): Markup[] {
  const beside = areas.map((area) => `${percent(area.share)} ${area.name}`).join(', ');
  const isEmpty = areas.every(({ amount }) => amount <= 0);
  return [
    label(MARGIN, y + 12, name),
    ...stackedBar(areas, { ...BAR, id, y, noun }),
    label(BAR.x + BAR.width + 12, y + 12, isEmpty ? '-' : beside),
  ];
}
