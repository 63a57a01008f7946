/** Results as text: a table in the order of the plan, and what was learnt. */
import { entriesByCause } from '../reports/by-cause.ts';
import type { Column } from '../reports/format.ts';
import { clip, decimal, grouped, percent, table, wrap } from '../reports/format.ts';
import type { Results, Row } from './results.ts';
import { showValues } from './plan.ts';

/** Longer tables show the front only. */
const MOST_ROWS = 64;

const FIGURES: readonly Column[] = [
  { title: 'cycles', align: 'right' },
  { title: 'speed-up', align: 'right' },
  { title: 'at least', align: 'right' },
  { title: 'set by', align: 'left' },
  { title: 'MACs', align: 'right' },
  { title: 'memory', align: 'right' },
  { title: 'most slots lost to', align: 'left' },
];

/** The whole text; it ends without a line feed. */
export function resultsText(title: string, results: Results, width: number): string {
  const { rows } = results;
  const shown = rows.length > MOST_ROWS ? rows.filter((row) => row.isOnFront) : rows;
  const lines = tableOf(results, shown).map((line) => clip(line, width));
  const blocks = [title, lines.join('\n'), notes(results, shown, width).join('\n')];
  return [...blocks, wrap(results.lesson, width).join('\n')].join('\n\n');
}

function tableOf({ plan: { axes }, resources }: Results, rows: readonly Row[]): string[] {
  const extra = extraResources(axes.map(({ key }) => key.name), resources); // prettier-ignore
  const keys = axes.map(({ key, values }): Column => {
    const isNumber = values.every((value) => typeof value === 'number');
    return { title: key.name, align: isNumber ? 'right' : 'left' };
  });
  const sums = extra.map(([, name]): Column => ({ title: name, align: 'right' }));
  const cells = rows.map((row) => [
    row.isOnFront ? '*' : '',
    ...row.point.values.map(String),
    ...extra.map(([i]) => grouped(row.amounts[i]!)),
    ...figures(row),
  ]);
  return table([{ title: '', align: 'left' }, ...keys, ...sums, ...FIGURES], cells);
}

/** Resources that no column shows yet, with their places. */
function extraResources(keys: readonly string[], resources: Results['resources']) {
  return resources.flatMap(({ name }, i) => (keys.includes(name) ? [] : [[i, name] as const]));
}

function figures({ cost, speedUp, result }: Row): string[] {
  if (!cost) {
    const problem = result.outcome.status === 'failed' ? result.outcome.problem : '';
    return ['-', '', '', '', '', '', problem];
  }
  const { cycles, bound, utilisation, largestLoss, slots, slotsTotal } = cost;
  const lost = entriesByCause(slots).find(([cause]) => cause === largestLoss)?.[1] ?? 0;
  return [
    grouped(cycles),
    speedUp === undefined ? '' : decimal(speedUp, 2),
    grouped(bound.cycles),
    bound.setBy.replace('unit.', ''),
    percent(100 * utilisation.macs),
    percent(100 * utilisation.memory),
    largestLoss === null ? '' : `${largestLoss} ${percent((100 * lost) / slotsTotal)}`,
  ];
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
  const sentences = [
    `* Pareto front: no other point takes ${than}.`,
    ...(against === undefined
      ? []
      : [`Speed-up is relative to ${against}${isBase ? ', the machine as it is' : ''}.`]),
    ...(rest > 0 ? [`${rest} points that are not on the front are not shown.`] : []),
    ...impossible.map(
      ({ values, problem }) => `Left out: ${showValues(axes, values)}: ${problem}.`,
    ),
  ];
  return sentences.flatMap((sentence) => wrap(sentence, width));
}
