/** Places: to which instruction, source line and part of the model each slot was charged. */
import type { ListingLine } from '../timing/events.ts';
import type { CauseCounts } from './by-cause.ts';
import { CAUSE_INDEX, apportion, nestNonZero, sumCounts, zeroCounts } from './by-cause.ts';
import type { ChargeEvent } from '../timing/events.ts';
import type { Names } from './names.ts';
import type { LineUse, PartUse } from './report.ts';

interface Counters {
  instructions: number;
  readonly slots: CauseCounts;
}

const noCounters = (): Counters => ({ instructions: 0, slots: zeroCounts() });

/** Counts for each code address. */
export class PlaceFold {
  readonly #names: Names;
  readonly #counters: readonly Counters[];

  constructor(names: Names) {
    this.#names = names;
    this.#counters = names.listing.map(noCounters);
  }

  issue(pc: number): void {
    this.#counters[pc]!.instructions++;
  }

  charge({ cause, cycles }: ChargeEvent, pc: number): void {
    this.#counters[pc]!.slots[CAUSE_INDEX[cause]]! += cycles;
  }

  lines(slotsTotal: number): LineUse[] {
    const sites = new Map<number, Counters>();
    this.#counters.forEach((counters, pc) => {
      const site = this.#names.site(pc);
      if (!sites.has(site)) sites.set(site, noCounters());
      addTo(sites.get(site)!, counters);
    });
    const totals = [...sites.values()].map(({ slots }) => sumCounts(slots));
    const shares = sharesOf(totals, slotsTotal);
    return [...sites].map(([pc, { instructions, slots }], i) => ({
      ...this.#names.place(pc),
      part: this.#names.line(pc).part,
      instructions,
      slotsTotal: totals[i]!,
      sharePercent: shares[i]!,
      slots: nestNonZero(slots),
    }));
  }

  parts(slotsTotal: number): PartUse[] {
    const listing = this.#names.listing;
    if (listing.every((line) => line.part === '')) return [];
    const totals = new Map(partPaths(listing).map((path) => [path, noCounters()]));
    const own = new Map<string, number>();
    this.#counters.forEach((counters, pc) => {
      const { part } = listing[pc]!;
      own.set(part, (own.get(part) ?? 0) + sumCounts(counters.slots));
      for (const path of ancestors(part)) addTo(totals.get(path)!, counters);
    });
    return [...totals].map(([path, { instructions, slots }]) => ({
      path,
      instructions,
      slotsTotal: sumCounts(slots),
      sharePercent: sharesOf([sumCounts(slots)], slotsTotal)[0]!,
      slots: nestNonZero(slots),
      ownSlots: own.get(path) ?? 0,
    }));
  }
}

/** Shares of rows that may leave a part of the total to others. */
function sharesOf(totals: readonly number[], slotsTotal: number): number[] {
  return apportion([...totals, slotsTotal - sumCounts(totals)], slotsTotal).slice(0, -1);
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
export function ancestors(path: string): string[] {
  const names = path.split('/');
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}

/** The path one step up; undefined for one at the top. */
export function parentOf(path: string): string | undefined {
  return ancestors(path).at(-2);
}

/** Every path and those above it, each before what is below it, otherwise in order of appearance. */
function partPaths(listing: readonly ListingLine[]): string[] {
  const seen = new Set(listing.flatMap((line) => ancestors(line.part)));
  const below = (parent: string | undefined): string[] =>
    [...seen].filter((path) => parentOf(path) === parent).flatMap((path) => [path, ...below(path)]);
  return below(undefined);
}

function addTo(total: Counters, { instructions, slots }: Counters): void {
  total.instructions += instructions;
  slots.forEach((value, i) => (total.slots[i]! += value));
}
