/** The closed table of causes: all that this machine can produce, and a total that is the run. */
import { entriesByCause } from './by-cause.ts';
import type { Column } from './format.ts';
import { clip, grouped, percent, table } from './format.ts';
import type { Report } from './report.ts';
import { MEANING } from './sentences.ts';

/** Adds tenths of a per cent without the error of binary fractions. */
export function sumTenths(shares: readonly number[]): number {
  return shares.reduce((sum, share) => sum + Math.round(share * 10), 0) / 10;
}

/** Shares as printed; a run of no cycles has none. */
export function showShare(share: number, slotsTotal: number): string {
  return slotsTotal === 0 ? '-' : percent(share);
}

/**
 * ```
 *   cause               cycles     share   also true   what it means
 *   issue                   34     1.6 %           0   an instruction starts on its unit
 *   unattributed             0     0.0 %
 *   total                2,115   100.0 %
 * ```
 */
export function causesTable(report: Report, width: number): string[] {
  const { slotsTotal, unattributed } = report;
  const also = new Map(entriesByCause(report.alsoTrue));
  const shares = entriesByCause(report.shares);
  const shareOf = new Map(shares);
  const withAlso = [...also.values()].some((slots) => slots > 0);
  const row = (name: string, slots: number, share: number, alsoTrue: string, meaning: string) => [
    name,
    grouped(slots),
    showShare(share, slotsTotal),
    ...(withAlso ? [alsoTrue] : []),
    meaning,
  ];
  const rows = entriesByCause(report.slots).map(([cause, slots]) =>
    row(cause, slots, shareOf.get(cause)!, grouped(also.get(cause)!), MEANING[cause]),
  );
  const attributedShare = sumTenths(shares.map(([, share]) => share));
  const restShare = sumTenths([100, -attributedShare]);
  rows.push(row('unattributed', unattributed, restShare, '', ''));
  rows.push(row('total', slotsTotal, 100, '', ''));
  const lines = table(columns(report, withAlso), rows).map((line) => clip(line, width));
  if (!withAlso) return lines;
  return [...lines, '  also true: charged to a cause further up, but this one held as well'];
}

function columns({ issueWidth }: Report, withAlso: boolean): Column[] {
  return [
    { title: 'cause', align: 'left' },
    { title: issueWidth === 1 ? 'cycles' : 'slots', align: 'right' },
    { title: 'share', align: 'right' },
    ...(withAlso ? [{ title: 'also true', align: 'right' } as const] : []),
    { title: 'what it means', align: 'left' },
  ];
}
