/** Numbers by cause: flat while counting, nested in the report, and apportioned into shares. */
import type { Cause } from '../timing/causes.ts';
import { CAUSES, CAUSE_BIT, causesIn } from '../timing/causes.ts';
import type { ChargeEvent } from '../timing/events.ts';
import type { ByCause } from './report.ts';

/** Counters indexed by the position of the cause in CAUSES. */
export type CauseCounts = Float64Array;

export const CAUSE_INDEX = Object.fromEntries(CAUSES.map((cause, i) => [cause, i])) as Readonly<
  Record<Cause, number>
>;

export function zeroCounts(): CauseCounts {
  return new Float64Array(CAUSES.length);
}

/** Adds the slots of a charge to each cause that held in them beside the charged one. */
export function addAlsoTrue(counts: CauseCounts, { cause, causes, cycles }: ChargeEvent): void {
  if (causes === CAUSE_BIT[cause]) return;
  for (const other of causesIn(causes)) {
    if (other !== cause) counts[CAUSE_INDEX[other]]! += cycles;
  }
}

/** Sum over all causes. */
export function sumCounts(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}

/** The numbers of these causes: `{ raw: 3, structural: { mxu: 2 } }`. */
export function nest(counts: ArrayLike<number>, causes: readonly Cause[]): ByCause {
  const nested: Record<string, number | Record<string, number>> = {};
  for (const cause of causes) {
    const [group, member] = cause.split('.') as [string, string | undefined];
    const value = counts[CAUSE_INDEX[cause]]!;
    if (member === undefined) nested[group] = value;
    else
      nested[group] = { ...(nested[group] as Record<string, number> | undefined), [member]: value };
  }
  return nested as ByCause;
}

/** The numbers above 0. */
export function nestNonZero(counts: ArrayLike<number>): ByCause {
  return nest(
    counts,
    CAUSES.filter((_, i) => counts[i]! !== 0),
  );
}

/** The opposite of `nest`: what is there, in order of priority. */
export function entriesByCause(nested: ByCause): [Cause, number][] {
  const groups = nested as Readonly<Record<string, number | Readonly<Record<string, number>>>>;
  return CAUSES.flatMap((cause): [Cause, number][] => {
    const [group, member] = cause.split('.') as [string, string | undefined];
    const found = groups[group];
    const value = typeof found === 'object' ? found[member!] : found;
    return value === undefined ? [] : [[cause, value]];
  });
}

/**
 * Shares of a total in tenths of a per cent that sum to exactly 100.0 when the values sum to the
 * total: each is rounded down, and the tenths left over go to the largest remainders (Hamilton's
 * method). All 0 when the total is 0.
 */
export function apportion(values: readonly number[], total: number): number[] {
  if (total === 0) return values.map(() => 0);
  const exact = values.map((value) => (value * 1000) / total);
  const tenths = exact.map(Math.floor);
  const left = Math.round(sumCounts(exact)) - sumCounts(tenths);
  const byRemainder = exact
    .map((value, i) => ({ i, remainder: value - tenths[i]! }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (const { i } of byRemainder.slice(0, left)) tenths[i]! += 1;
  return tenths.map((t) => t / 10);
}
