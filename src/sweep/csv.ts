/** Results as comma-separated values (RFC 4180), one line for each point. */
import { UNITS } from '../../isa/work.ts';
import { CAUSES } from '../timing/causes.ts';
import { entriesByCause } from '../reports/by-cause.ts';
import type { Results, Row } from './results.ts';

/** How every such file begins. */
export const CSV_START = 'point,';

/** The table with its header; lines end in CR LF. */
export function resultsCsv({ plan: { axes }, resources, rows }: Results): string {
  const header = [
    'point',
    ...axes.map(({ key }) => key.name),
    ...resources.map(({ name }) => `cost ${name}`),
    'pareto',
    'status',
    'cycles',
    'speed-up',
    'instructions',
    'bound cycles',
    'bound set by',
    'MAC utilisation',
    'memory utilisation',
    ...UNITS.map((unit) => `${unit} utilisation`),
    'MACs',
    'bytes read',
    'bytes written',
    'largest loss',
    'slots',
    ...CAUSES.map((cause) => `slots ${cause}`),
    'problem',
  ];
  const lines = [header, ...rows.map(lineOf)];
  return lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

type Cell = string | number | boolean;

function lineOf({ point, amounts, isOnFront, result, cost, speedUp }: Row): Cell[] {
  const { outcome } = result;
  const head = [point.index, ...point.values, ...amounts, isOnFront ? 1 : 0, outcome.status];
  if (!cost) {
    const empty = new Array<string>(FIGURES).fill('');
    return [...head, ...empty, outcome.status === 'failed' ? outcome.problem : ''];
  }
  const slots = new Map(entriesByCause(cost.slots));
  const { bound, utilisation } = cost;
  return [
    ...head,
    cost.cycles,
    speedUp ?? '',
    cost.instructions,
    bound.cycles,
    bound.setBy,
    utilisation.macs,
    utilisation.memory,
    ...UNITS.map((unit) => utilisation[unit]),
    cost.macs,
    cost.bytesRead,
    cost.bytesWritten,
    cost.largestLoss ?? '',
    cost.slotsTotal,
    ...CAUSES.map((cause) => slots.get(cause) ?? ''),
    '',
  ];
}

/** Cells of a cost, between the status and the problem. */
const FIGURES = 12 + UNITS.length + CAUSES.length;

function quoted(cell: Cell): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
