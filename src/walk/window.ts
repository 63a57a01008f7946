/** What a loop has touched since some moment: byte ranges of accesses, and how comparisons came out. */
import type { Change } from './change.ts';
import type { WalkCode } from './code.ts';
import { KIND, compares } from './code.ts';
import type { Loop } from './loops.ts';

/** For each code address the lowest and the highest value seen; of accesses, bytes from and up to. */
export class Window {
  readonly low: Float64Array;
  readonly high: Float64Array;

  constructor(size: number) {
    this.low = new Float64Array(size).fill(Infinity);
    this.high = new Float64Array(size).fill(-Infinity);
  }

  see(pc: number, low: number, high: number): void {
    if (low < this.low[pc]!) this.low[pc] = low;
    if (high > this.high[pc]!) this.high[pc] = high;
  }

  /** Takes in what a loop inside has seen, and would have seen in `rounds` more. */
  include(inner: Window, { head, tail }: Loop, change: Change, rounds: number): void {
    for (let pc = head; pc <= tail; pc++) {
      const [low, high] = [inner.low[pc]!, inner.high[pc]!];
      const at = pc - head;
      const further = rounds * (change.moved[at]! + (change.compared[at]! || 0));
      this.see(pc, Math.min(low, low + further), Math.max(high, high + further));
    }
  }

  clear({ head, tail }: Loop): void {
    this.low.fill(Infinity, head, tail + 1);
    this.high.fill(-Infinity, head, tail + 1);
  }
}

/**
 * For how many more rounds all comparisons of a loop but that of its tail come out as they did in the
 * window, where each of them was the same in every round.
 */
export function roundsAlike(
  columns: WalkCode,
  { head, tail }: Loop,
  { compared }: Change,
  window: Window,
  last: Float64Array,
): number {
  let rounds = Infinity;
  for (let pc = head; pc < tail; pc++) {
    const step = compared[pc - head]!;
    const kind = columns.kind[pc]!;
    const isSeen = window.low[pc]! <= window.high[pc]!;
    if (!compares(kind) || !isSeen || step === 0 || Number.isNaN(step)) continue;
    const side = { low: window.low[pc]!, high: window.high[pc]!, step };
    rounds = Math.min(rounds, alike(kind, side, last[pc]!));
  }
  return rounds;
}

interface Side {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

function alike(kind: number, side: Side, last: number): number {
  switch (kind) {
    case KIND.imin:
    case KIND.imax:
      return last > 0 ? above(side, 0) : below(side, 0);
    case KIND.blt:
    case KIND.bge:
      return last >= 0 ? above(side, 0) : below(side, -1);
    default:
      return last > 0 ? above(side, 1) : below(side, -1);
  }
}

/** Rounds in which low + rounds · step ≥ least; all are whole numbers. */
function above({ low, step }: Side, least: number): number {
  if (low < least) return 0;
  return step > 0 ? Infinity : Math.floor((low - least) / -step);
}

/** Rounds in which high + rounds · step ≤ most. */
function below({ high, step }: Side, most: number): number {
  if (high > most) return 0;
  return step < 0 ? Infinity : Math.floor((most - high) / step);
}

/** Rounds that a loop goes on for, behind the one at whose tail the difference was `last`. */
export function roundsLeft(kind: number, last: number, step: number): number {
  const side = { low: last, high: last, step };
  switch (kind) {
    case KIND.blt:
      return below(side, -1);
    case KIND.bge:
      return above(side, 0);
    case KIND.bne:
      return last > 0 ? above(side, 1) : below(side, -1);
    default:
      return step === 0 ? Infinity : 0;
  }
}

/**
 * Whether in `rounds` more rounds no two accesses come to share a row of memory, nor ceased to, but
 * such as move alike. `rowBytes` is the size of a row.
 */
export function staysApart(
  columns: WalkCode,
  { head, tail }: Loop,
  { moved }: Change,
  window: Window,
  rounds: number,
  rowBytes: number,
): boolean {
  const ranges: { first: number; last: number; step: number }[] = [];
  for (let pc = head; pc <= tail; pc++) {
    const [low, high] = [window.low[pc]!, window.high[pc]!];
    if (columns.hasAddress[pc] === 0 || low > high) continue;
    const step = moved[pc - head]!;
    const further = rounds * step;
    const first = Math.floor(Math.min(low, low + further) / rowBytes);
    const last = Math.floor((Math.max(high, high + further) - 1) / rowBytes);
    ranges.push({ first, last, step });
  }
  ranges.sort((a, b) => a.first - b.first);
  return !hasConflict(ranges);
}

/** Whether two ranges overlap that move by different steps; sorted by their first rows. */
function hasConflict(
  ranges: readonly { readonly first: number; readonly last: number; readonly step: number }[],
): boolean {
  // Of the ranges so far: the one that ends last, and the one that ends last among other steps.
  let [end, step, otherEnd] = [-Infinity, 0, -Infinity];
  for (const range of ranges) {
    const rival = range.step === step ? otherEnd : end;
    if (range.first <= rival) return true;
    if (range.step === step) end = Math.max(end, range.last);
    else if (range.last > end) [otherEnd, end, step] = [end, range.last, range.step];
    else otherEnd = Math.max(otherEnd, range.last);
  }
  return false;
}
