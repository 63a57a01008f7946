/** Units as text: busy, idle, waited for; then MACs, bytes and the roofline. */
import type { Column } from './format.ts';
import { bullet, decimal, grouped, percent, plural, table } from './format.ts';
import type { Report, Roofline } from './report.ts';

const COLUMNS: readonly Column[] = [
  { title: 'unit', align: 'left' },
  { title: 'count', align: 'right' },
  { title: 'instructions', align: 'right' },
  { title: 'busy', align: 'right' },
  { title: 'idle', align: 'right' },
  { title: 'utilisation', align: 'right' },
  { title: 'waited for', align: 'right' },
];

/** A row for each unit that was used, and what it all achieved. */
export function unitLines(report: Report, width: number): string[] {
  const used = report.units.filter((unit) => unit.instructions > 0);
  if (used.length === 0) return [];
  const rows = used.map((unit) => [
    unit.unit,
    grouped(unit.count),
    grouped(unit.instructions),
    grouped(unit.busyCycles),
    grouped(unit.idleCycles),
    percent(unit.utilisation * 100),
    grouped(unit.blockedCycles),
  ]);
  const unused = report.units.filter((unit) => unit.instructions === 0).map((unit) => unit.unit);
  const facts = [
    ...(unused.length > 0 ? [`not used: ${unused.join(', ')}`] : []),
    ...macFacts(report),
    ...memoryFacts(report),
    ...(report.roofline ? [rooflineText(report.roofline)] : []),
  ];
  return [...table(COLUMNS, rows), ...facts.flatMap((fact) => bullet(fact, width))];
}

function macFacts({ mac }: Report): string[] {
  if (mac.useful === 0) return [];
  const possible = `${percent(mac.utilisation * 100)} of the ${grouped(mac.capacity)} possible`;
  return [
    `useful MACs: ${grouped(mac.useful)}, ${possible}; ${grouped(mac.wasted)} more wasted while mxu was busy`,
  ];
}

function memoryFacts({ memory }: Report): string[] {
  const { bytesRead, bytesWritten, bytesPerCycle, peakBytesPerCycle } = memory;
  if (bytesRead + bytesWritten === 0) return [];
  const moved = `${plural(bytesRead, 'byte')} read, ${grouped(bytesWritten)} written`;
  const pace = `${decimal(bytesPerCycle, 2)} bytes per cycle of ${grouped(peakBytesPerCycle)} possible`;
  return [`memory: ${moved}, ${pace}`];
}

function rooflineText({ intensity, balance, bound, attained, roof }: Roofline): string {
  const per = intensity === null ? 'no bytes' : `${decimal(intensity, 2)} MACs per byte`;
  const side = `${bound}-bound (the roofs meet at ${decimal(balance, 2)})`;
  const reached = `${decimal(attained, 2)} of at most ${decimal(roof, 2)} MACs per cycle`;
  return `roofline: ${per}, ${side}; ${reached}`;
}
