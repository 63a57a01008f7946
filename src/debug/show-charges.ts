/** The books so far: how many slots of how many cycles each cause has taken. */
import type { Column } from '../reports/format.ts';
import { grouped, percent, table } from '../reports/format.ts';
import { MEANING } from '../reports/sentences.ts';
import type { Debugger } from './debugger.ts';

const COLUMNS: readonly Column[] = [
  { title: 'cause', align: 'left' },
  { title: 'charged', align: 'right' },
  { title: 'share', align: 'right' },
  { title: 'what it means', align: 'left' },
];

/** The charges of cycles 0 to the current one; their total is slots × cycles (UA-34). */
export function chargesText({ recording, cycle }: Debugger): string {
  const totals = [...recording.books.totals(cycle)].filter(([, charged]) => charged > 0);
  const total = totals.reduce((sum, [, charged]) => sum + charged, 0);
  const rows = totals.map(([cause, charged]) => [
    cause,
    grouped(charged),
    percent((100 * charged) / total),
    MEANING[cause],
  ]);
  const share = percent(total === 0 ? 0 : 100);
  const lines = table(COLUMNS, [...rows, ['total', grouped(total), share, '']]);
  return [`the books of cycles 0 to ${cycle}`, ...lines].join('\n');
}
