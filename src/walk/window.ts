/** What a loop has touched since some moment: byte ranges of accesses, differences of operands, results. */
import type { Mark } from '../vm/step-block.ts';
import { MAX_EXACT } from '../vm/state.ts';
import type { Change } from './change.ts';
import type { WalkCode } from './code.ts';
import { KIND, computes } from './code.ts';
import type { Loop } from './loops.ts';

/** For each code address the lowest and the highest value noted; of accesses, bytes from and up to. */
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
      if (rounds === 0 || low > high) this.see(pc, low, high);
      else if (Number.isNaN(change.noted[at]!)) this.see(pc, -Infinity, Infinity);
      else {
        const further = rounds * (change.moved[at]! || change.noted[at]!);
        this.see(pc, Math.min(low, low + further), Math.max(high, high + further));
      }
    }
  }

  clear({ head, tail }: Loop): void {
    this.low.fill(Infinity, head, tail + 1);
    this.high.fill(-Infinity, head, tail + 1);
  }
}

/** Between what values something noted stays what it is. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * For how many more rounds all instructions of a loop do what they did in the window: comparisons
 * come out alike, where each of them was the same in every round; results are exact; and accesses lie
 * in `memory`, bytes from its least up to its most.
 */
export function roundsAlike(
  columns: WalkCode,
  { head, tail }: Loop,
  { moved, noted }: Change,
  window: Window,
  last: Float64Array,
  memory: Bounds,
): number {
  let rounds = Infinity;
  for (let pc = head; pc <= tail; pc++) {
    const kind = columns.kind[pc]!;
    const bounds = columns.hasAddress[pc] === 1 ? memory : boundsOf(kind, last[pc]!);
    const [low, high] = [window.low[pc]!, window.high[pc]!];
    if (!bounds || low > high) continue;
    const step = bounds === memory ? moved[pc - head]! : noted[pc - head]!;
    const within = roundsWithin(bounds, { low, high, step });
    // Where the next round would trap, one is left: what the run ends with is walked.
    const isTrap = bounds === memory || computes(kind);
    rounds = Math.min(rounds, isTrap ? Math.max(0, within - 1) : within);
  }
  return rounds;
}

/** Undefined for what may have any value; what a minimum or maximum of others picks is not known. */
function boundsOf(kind: number, last: number): Bounds | undefined {
  if (computes(kind)) return { least: -MAX_EXACT, most: MAX_EXACT };
  switch (kind) {
    case KIND.imin:
    case KIND.imax:
      return last > 0 ? { least: 0, most: MAX_EXACT } : { least: -MAX_EXACT, most: 0 };
    case KIND.blt:
    case KIND.bge:
      return last >= 0 ? { least: 0, most: MAX_EXACT } : { least: -MAX_EXACT, most: -1 };
    case KIND.beq:
    case KIND.bne:
      if (last === 0) return { least: 0, most: 0 };
      return last > 0 ? { least: 1, most: MAX_EXACT } : { least: -MAX_EXACT, most: -1 };
  }
  return undefined;
}

interface Side {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** Rounds in which low + rounds · step ≥ least and high + rounds · step ≤ most; all are whole numbers. */
function roundsWithin({ least, most }: Bounds, { low, high, step }: Side): number {
  if (step === 0) return Infinity;
  if (Number.isNaN(step) || low < least || high > most) return 0;
  return step > 0 ? Math.floor((most - high) / step) : Math.floor((low - least) / -step);
}

/**
 * Rounds that a loop goes on for, behind the one at whose tail the difference was `last`: infinite
 * where it goes on whatever happens.
 */
export function roundsLeft(kind: number, last: number, step: number): number {
  const grows = kind === KIND.bge || (kind === KIND.bne && last > 0);
  if (step === 0 || (grows ? step > 0 : step < 0)) return Infinity;
  return roundsWithin(boundsOf(kind, last)!, { low: last, high: last, step });
}

/**
 * Whether in `rounds` more rounds no two accesses come to share a row of memory, nor ceased to, but
 * such as move alike: those in the window, and those before it of which the machine still knew at
 * its begin. `rowBytes` is the size of a row.
 */
export function staysApart(
  columns: WalkCode,
  { head, tail }: Loop,
  { moved }: Change,
  window: Window,
  { places, owners }: Pick<Mark, 'places' | 'owners'>,
  rounds: number,
  rowBytes: number,
): boolean {
  const ranges: { first: number; last: number; step: number }[] = [];
  const add = (low: number, high: number, step: number) => {
    const further = rounds * step;
    const first = Math.floor(Math.min(low, low + further) / rowBytes);
    const last = Math.floor((Math.max(high, high + further) - 1) / rowBytes);
    ranges.push({ first, last, step });
  };
  places.forEach((place, i) => {
    const pc = owners[i]!;
    if (pc >= head && pc <= tail) add(place, place + 1, moved[pc - head]!);
  });
  for (let pc = head; pc <= tail; pc++) {
    const [low, high] = [window.low[pc]!, window.high[pc]!];
    if (columns.hasAddress[pc] === 0 || low > high) continue;
    add(low, high, moved[pc - head]!);
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
