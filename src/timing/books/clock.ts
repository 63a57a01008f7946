/**
 * Whether a machine in order has come back to an earlier state but for time and places, and what
 * happened in between once more. States are compared as numbers: times relative to the last issue,
 * rows and addresses relative to where the accesses of an instruction have moved, all else as it is.
 */
import type { Clock, Mark } from '../../vm/step-block.ts';
import type { Locals, Stateful } from './state.ts';
import { StateWriter } from './state.ts';
import type { Sums } from './sums.ts';
import type { Columns } from './variants.ts';

interface Counted {
  readonly byPc: Float64Array;
  readonly bySegment: Float64Array;
  readonly nobodys: Float64Array;
  readonly occupancy: Float64Array;
  readonly retired: Float64Array;
  readonly instructions: number;
}

interface FullMark extends Mark, Counted {
  readonly state: StateWriter;
}

export class BooksClock implements Clock {
  readonly periodBytes: number;
  readonly rowBytes: number;
  private readonly locals: Locals;
  private readonly parts: readonly Stateful[];
  private readonly sums: Sums;
  private readonly columns: () => Columns;

  constructor(
    { periodBytes, rowBytes }: Pick<Clock, 'periodBytes' | 'rowBytes'>,
    locals: Locals,
    parts: readonly Stateful[],
    sums: Sums,
    columns: () => Columns,
  ) {
    this.periodBytes = periodBytes;
    this.rowBytes = rowBytes;
    this.locals = locals;
    this.parts = [locals, ...parts, sums];
    this.sums = sums;
    this.columns = columns;
  }

  /** The cycle of the last issue. */
  private get now(): number {
    return this.locals.times[0]!;
  }

  private describe(): StateWriter {
    const state = new StateWriter(this.now);
    for (const part of this.parts) part.describe(state);
    return state;
  }

  private counted(): Counted {
    const { byPc, bySegment, nobodys, occupancy } = this.sums;
    return {
      byPc,
      bySegment,
      nobodys,
      occupancy,
      retired: this.columns().retired,
      instructions: this.locals.instructions,
    };
  }

  mark(): Mark {
    const { byPc, bySegment, nobodys, occupancy, retired, instructions } = this.counted();
    const state = this.describe();
    const { places, owners } = state;
    const mark: FullMark = {
      cycle: this.now,
      places,
      owners,
      state,
      byPc: byPc.slice(),
      bySegment: bySegment.slice(),
      nobodys: nobodys.slice(),
      occupancy: occupancy.slice(),
      retired: retired.slice(),
      instructions,
    };
    return mark;
  }

  isBackAt(mark: Mark, moved: Float64Array): boolean {
    const { values, places, owners } = (mark as FullMark).state;
    const now = this.describe();
    if (now.values.length !== values.length || now.places.length !== places.length) return false;
    for (let i = 0; i < values.length; i++) if (values[i] !== now.values[i]) return false;
    for (let i = 0; i < places.length; i++) {
      const owner = owners[i]!;
      const expected = places[i]! + (owner < 0 ? 0 : moved[owner]!);
      if (owner !== now.owners[i] || expected !== now.places[i]) return false;
    }
    return true;
  }

  repeat(mark: Mark, times: number, moved: Float64Array, segments: number): void {
    const before = mark as FullMark;
    const counted = this.counted();
    addAgain(counted.byPc, before.byPc, times);
    addAgain(counted.nobodys, before.nobodys, times);
    addAgain(counted.occupancy, before.occupancy, times);
    addAgain(counted.retired, before.retired, times);
    addFurther(counted.bySegment, before.bySegment, times, segments * this.sums.causeCount);
    this.locals.instructions += times * (counted.instructions - before.instructions);
    const cycles = times * (this.now - before.cycle);
    const shift = { now: this.now, cycles, times, moved };
    for (const part of this.parts) part.shift(shift);
  }
}

/** What was added since then, so many times more. */
function addAgain(counts: Float64Array, before: Float64Array, times: number): void {
  for (let i = 0; i < counts.length; i++) {
    counts[i]! += times * (counts[i]! - (before[i] ?? 0));
  }
}

/** The same, each time `step` places further on. */
function addFurther(counts: Float64Array, before: Float64Array, times: number, step: number): void {
  if (step === 0) return addAgain(counts, before, times);
  const added = counts.map((count, i) => count - before[i]!);
  added.forEach((count, i) => {
    if (count === 0) return;
    for (let time = 1; time <= times; time++) counts[i + time * step]! += count;
  });
}
