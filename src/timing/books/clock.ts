/**
 * Whether a machine in order has come back to an earlier state but for time and places, and what
 * happened in between once more. States are compared as numbers: times relative to the last issue,
 * rows and addresses relative to where the accesses of an instruction have moved, all else as it is.
 */
import type { Clock, Mark } from '../../vm/step-block.ts';
import type { Feed } from './feed.ts';
import type { Memory } from './memory.ts';
import type { Stateful } from './state.ts';
import { StateWriter } from './state.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';
import { COST, COSTS } from './variants.ts';

/** What a clock is made of. */
export interface Clockwork {
  readonly feed: Feed;
  readonly memory: Memory;
  readonly sums: Sums;
  /** Everything that has a state. */
  readonly parts: readonly Stateful[];
  /** Everything that only counts, beside `sums`. */
  readonly counts: readonly Float64Array[];
  /** The cycle of the last issue. */
  readonly now: () => number;
  /** Told before the first mark: the sums must be whole from then on. */
  readonly begin: () => void;
}

/** The clock of a machine; none where states do not come back, or where a run may be cut off. */
export function makeClock(work: Clockwork, limit: number): Clock | undefined {
  const isWhole = limit >= Number.MAX_SAFE_INTEGER;
  return isWhole && work.memory.isPeriodic ? new BooksClock(work) : undefined;
}

interface FullMark extends Mark {
  readonly state: StateWriter;
  readonly counts: readonly Float64Array[];
  readonly bySegment: Float64Array;
  readonly retired: Float64Array;
}

class BooksClock implements Clock {
  private readonly work: Clockwork;
  private readonly counts: readonly Float64Array[];

  constructor(work: Clockwork) {
    const { byPc, nobodys } = work.sums;
    this.work = work;
    this.counts = [byPc, nobodys, ...work.counts];
  }

  get periodBytes(): number {
    return this.work.memory.periodBytes;
  }

  get rowBytes(): number {
    return this.work.memory.rowBytes;
  }

  mark(): Mark {
    const { sums, now, begin } = this.work;
    begin();
    sums.endSegment();
    const state = this.describe();
    const { places, owners } = state;
    const mark: FullMark = {
      cycle: now(),
      places,
      owners,
      state,
      counts: this.counts.map((table) => table.slice()),
      bySegment: sums.bySegment.slice(),
      retired: this.retired(),
    };
    return mark;
  }

  isBackAt(mark: Mark, moved: Float64Array): boolean {
    return this.describe().isLike((mark as FullMark).state, moved);
  }

  repeat(mark: Mark, times: number, moved: Float64Array, segments: number): void {
    const { feed, sums, parts, now } = this.work;
    const before = mark as FullMark;
    sums.endSegment();
    feed.skipSegments(times * segments, sums);
    this.counts.forEach((table, i) => addAgain(table, before.counts[i], times));
    addFurther(sums.bySegment, before.bySegment, times, segments * CAUSE_COUNT);
    this.retireAgain(before.retired, times);
    const shift = { now: now(), cycles: times * (now() - before.cycle), times, moved };
    for (const part of parts) part.shift(shift);
  }

  private describe(): StateWriter {
    const { parts, now } = this.work;
    const state = new StateWriter(now());
    for (const part of parts) part.describe(state);
    return state;
  }

  /** How often each variant has retired. */
  private retired(): Float64Array {
    const { costs, count } = this.work.feed.variants;
    return Float64Array.from({ length: count }, (_, i) => costs[i * COSTS + COST.retired]);
  }

  private retireAgain(before: Float64Array, times: number): void {
    const { costs, count } = this.work.feed.variants;
    for (let variant = 0; variant < count; variant++) {
      const at = variant * COSTS + COST.retired;
      costs[at] += times * (costs[at] - (before[variant] ?? 0));
    }
  }
}

/** What was added since then, so many times more. */
function addAgain(counts: Float64Array, before: Float64Array, times: number): void {
  for (let i = 0; i < counts.length; i++) counts[i] += times * (counts[i] - before[i]);
}

/** The same, each time `step` places further on. */
function addFurther(counts: Float64Array, before: Float64Array, times: number, step: number): void {
  if (step === 0) return addAgain(counts, before, times);
  const added = counts.map((count, i) => count - before[i]);
  added.forEach((count, i) => {
    if (count === 0) return;
    for (let time = 1; time <= times; time++) counts[i + time * step] += count;
  });
}
