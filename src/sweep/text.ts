/** Results as text: a table in the order of the plan, and what was learnt. */
import { entriesByCause } from '../reports/by-cause.ts';
import type { Column } from '../reports/format.ts';
import { clip, decimal, grouped, percent, table, wrap } from '../reports/format.ts';
import type { Cost } from './cost.ts';
import { showValues } from './plan.ts';
import type { Results, Row } from './results.ts';

/** Longer tables show the front only. */
const MOST_ROWS = 64;

/** The whole text; it ends without a line feed. */
export function resultsText(title: string, results: Results, width: number): string {
  const { rows } = results;
  const shown = rows.length > MOST_ROWS ? rows.filter((row) => row.isOnFront) : rows;
  const lines = tableOf(results, shown, width).map((line) => clip(line, width));
  const blocks = [title, lines.join('\n'), notes(results, shown, width).join('\n')];
  return [...blocks, wrap(results.lesson, width).join('\n')].join('\n\n');
}

/** A column of the table; those of the lowest rank go first where it is too wide. */
interface Part extends Column {
  readonly rank: number;
  readonly cells: readonly string[];
}

const ALWAYS = 9;

function tableOf(results: Results, rows: readonly Row[], width: number): string[] {
  let parts = partsOf(results, rows);
  for (;;) {
    const lines = table(parts, rows.map((_, i) => parts.map(({ cells }) => cells[i]!))); // prettier-ignore
    const least = Math.min(...parts.map(({ rank }) => rank));
    if (least === ALWAYS || lines.every((line) => line.length <= width)) return lines;
    parts = parts.filter(({ rank }) => rank > least);
  }
}

function partsOf({ plan: { axes }, resources }: Results, rows: readonly Row[]): Part[] {
  const keys = axes.map(({ key, values }, i): Part => {
    const align = values.every((value) => typeof value === 'number') ? 'right' : 'left';
    const cells = rows.map(({ point }) => String(point.values[i]));
    return { title: key.name, align, rank: ALWAYS, cells };
  });
  // What hardware costs, where no key says it already.
  const costs = resources.flatMap(({ name }, i): Part[] => {
    if (axes.some(({ key }) => key.name === name)) return [];
    const cells = rows.map(({ amounts }) => grouped(amounts[i]!));
    return [{ title: name, align: 'right', rank: 1, cells }];
  });
  const front = rows.map(({ isOnFront }) => (isOnFront ? '*' : ''));
  return [
    { title: '', align: 'left', rank: ALWAYS, cells: front },
    ...keys,
    ...costs,
    ...FIGURES.map(({ of, ...part }) => ({ ...part, cells: rows.map((row) => cellOf(row, of)) })),
  ];
}

interface Figure extends Column {
  readonly rank: number;
  readonly of: (cost: Cost, row: Row) => string;
}

const FIGURES: readonly Figure[] = [
  { title: 'cycles', align: 'right', rank: ALWAYS, of: ({ cycles }) => grouped(cycles) },
  {
    title: 'speed-up',
    align: 'right',
    rank: 6,
    of: (_, { speedUp }) => (speedUp === undefined ? '' : decimal(speedUp, 2)),
  },
  { title: 'at least', align: 'right', rank: 5, of: ({ bound }) => grouped(bound.cycles) },
  {
    title: 'set by',
    align: 'left',
    rank: 4,
    of: ({ bound }) => bound.setBy.replace('unit.', ''),
  },
  {
    title: 'MACs',
    align: 'right',
    rank: 3,
    of: ({ utilisation }) => percent(100 * utilisation.macs),
  },
  {
    title: 'memory',
    align: 'right',
    rank: 2,
    of: ({ utilisation }) => percent(100 * utilisation.memory),
  },
  { title: 'most slots lost to', align: 'left', rank: 7, of: lossOf },
];

function lossOf({ largestLoss, slots, slotsTotal }: Cost): string {
  if (largestLoss === null) return '';
  const lost = entriesByCause(slots).find(([cause]) => cause === largestLoss)![1];
  return `${largestLoss} ${percent((100 * lost) / slotsTotal)}`;
}

function cellOf(row: Row, of: Figure['of']): string {
  return row.cost ? of(row.cost, row) : '-';
}

/** How the table is to be read. */
function notes(
  { plan: { axes, impossible }, resources, rows, reference, isBase }: Results,
  shown: readonly Row[],
  width: number,
): string[] {
  const names = resources.map(({ name }) => name).join(', ');
  const than = names === '' ? 'fewer cycles' : `fewer cycles without more ${names}`;
  const rest = rows.length - shown.length;
  const against = reference && showValues(axes, reference.point.values);
  const failed = rows.flatMap(({ point, result: { outcome } }) =>
    outcome.status === 'failed' ? [[point.values, outcome.problem] as const] : [],
  );
  const sentences = [
    `* Pareto front: no other point takes ${than}.`,
    ...(against === undefined
      ? []
      : [`Speed-up is relative to ${against}${isBase ? ', the machine as it is' : ''}.`]),
    ...(rest > 0 ? [`${rest} points that are not on the front are not shown.`] : []),
    ...failed.map(([values, problem]) => `No cycles: ${showValues(axes, values)}: ${problem}.`),
    ...impossible.map(
      ({ values, problem }) => `Left out: ${showValues(axes, values)}: ${problem}.`,
    ),
  ];
  return sentences.flatMap((sentence) => wrap(sentence, width));
}
