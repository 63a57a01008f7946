/** Units: busy, idle, waited for; multiply-accumulates, bytes and the roofline. */
import { decimal, grouped, percent } from '../format.ts';
import type { Report, Roofline } from '../report.ts';
import type { Markup } from '../svg/markup.ts';
import { block, tag } from '../svg/markup.ts';
import { unitsFigure } from '../svg/roofline.ts';
import type { Column } from './table.ts';
import { definitions, tableOf } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'unit', kind: 'text' },
  { title: 'count', kind: 'number' },
  { title: 'instructions', kind: 'number' },
  { title: 'busy', kind: 'number' },
  { title: 'idle', kind: 'number' },
  { title: 'utilisation', kind: 'share' },
  { title: 'waited for', kind: 'number' },
];

export function unitsSection(report: Report): Markup {
  const body = report.units.map((use) => [
    use.unit,
    grouped(use.count),
    grouped(use.instructions),
    grouped(use.busyCycles),
    grouped(use.idleCycles),
    { share: use.utilisation * 100, text: percent(use.utilisation * 100) },
    grouped(use.blockedCycles),
  ]);
  return block(
    'section',
    {},
    tag('h2', {}, 'Units'),
    tableOf('Units', COLUMNS, { body }),
    definitions({}, [...macFacts(report), ...memoryFacts(report), ...rooflineFacts(report)]),
    unitsFigure(report),
  );
}

function macFacts({ mac }: Report): [string, string][] {
  const { useful, utilisation, capacity, wasted } = mac;
  const possible = `${percent(utilisation * 100)} of the ${grouped(capacity)} possible`;
  return [
    ['useful MACs', `${grouped(useful)}, ${possible}`],
    ['wasted MACs', `${grouped(wasted)} while mxu was busy`],
  ];
}

function memoryFacts({ memory }: Report): [string, string][] {
  const { bytesRead, bytesWritten, bytesPerCycle, peakBytesPerCycle } = memory;
  const pace = `${decimal(bytesPerCycle, 2)} per cycle of ${grouped(peakBytesPerCycle)} possible`;
  return [['bytes', `${grouped(bytesRead)} read, ${grouped(bytesWritten)} written; ${pace}`]];
}

function rooflineFacts({ roofline }: Report): [string, string][] {
  return [['roofline', roofline ? rooflineText(roofline) : 'no multiply-accumulates']];
}

function rooflineText({ intensity, balance, bound, attained, roof }: Roofline): string {
  const per = intensity === null ? 'no bytes' : `${decimal(intensity, 2)} MACs per byte`;
  const side = `${bound}-bound (the roofs meet at ${decimal(balance, 2)})`;
  const reached = `${decimal(attained, 2)} of at most ${decimal(roof, 2)} MACs per cycle`;
  return `${per}, ${side}; ${reached}`;
}
