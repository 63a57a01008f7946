/** From the units to the end on Tomasulo's machine: done, WB and CT (UA-64, UA-65). */
import type { Machine } from '../../machine/machine.ts';
import { NONE } from '../event/numbers.ts';
import type { Ring } from './tomasulo-ring.ts';
import {
  COMMITTED,
  CYCLE,
  DONE,
  FLOAT_ROW,
  LIMIT,
  NEVER,
  NEXT_DONE,
  ROW,
  VARIANT,
  WRITES,
  WRITTEN,
} from './tomasulo-ring.ts';
import { COST, COSTS, FIELD } from './variants.ts';

const { retired: RETIRED } = COST;

export class Results {
  /** Those that enter WB in this cycle. */
  readonly leaving: Int32Array;
  leavingCount = 0;
  /** The code address of the oldest that has not retired at the limit, or −1. */
  latePc = NONE;
  private readonly ring: Ring;
  private readonly width: number;
  private readonly buses: number;
  private readonly ints: Int32Array;
  private readonly floats: Float64Array;
  private readonly times: Float64Array;
  /** On their units, by the cycle in which they are done, in a ring from `first` up to `end`. */
  private readonly executing: Int32Array;
  private readonly doneAt: Float64Array;
  private first = 0;
  private end = 0;
  /** Done and waiting for a bus, the oldest last. */
  private readonly queue: Int32Array;
  private queued = 0;
  /** The CT that is known last. */
  private readonly last = new Float64Array(1);
  /** Variants that retire in just the cycle in which the run is cut off. */
  private readonly atLimit: number[] = [];

  constructor({ pipeline }: Machine, ring: Ring) {
    this.ring = ring;
    this.width = pipeline.width;
    this.buses = pipeline.writePorts;
    this.ints = ring.ints;
    this.floats = ring.floats;
    this.times = ring.times;
    this.executing = new Int32Array(ring.slots);
    this.doneAt = new Float64Array(ring.slots);
    this.queue = new Int32Array(ring.slots);
    this.leaving = new Int32Array(ring.slots);
  }

  /** The CT of the last instruction. */
  get committed(): number {
    return this.last[0];
  }

  /** An instruction has issued that is done in `times[DONE]`. */
  add(slot: number): void {
    const { doneAt, executing, times, first } = this;
    const { mask } = this.ring;
    const done = times[DONE];
    let i = this.end;
    this.end = (i + 1) & mask;
    while (i !== first) {
      const before = (i - 1) & mask;
      if (doneAt[before] <= done) break;
      doneAt[i] = doneAt[before];
      executing[i] = executing[before];
      i = before;
    }
    doneAt[i] = done;
    executing[i] = slot;
    if (done < times[NEXT_DONE]) times[NEXT_DONE] = done;
  }

  /** UA-64: results need a bus, the oldest first; the others enter WB when they are done. */
  write(): void {
    const { leaving, executing, doneAt, queue, ints, times, end, floats } = this;
    const { mask } = this.ring;
    const cycle = times[CYCLE];
    let first = this.first;
    let leavingCount = 0;
    for (; first !== end && doneAt[first] <= cycle; first = (first + 1) & mask) {
      const slot = executing[first];
      if (ints[(slot << ROW) + WRITES] < 0) leaving[leavingCount++] = slot;
      else this.enterQueue(slot);
    }
    let queued = this.queued;
    for (let bus = this.buses; bus > 0 && queued > 0; bus--) {
      leaving[leavingCount++] = queue[--queued];
    }
    for (let i = 0; i < leavingCount; i++) floats[(leaving[i] << FLOAT_ROW) + WRITTEN] = cycle;
    times[NEXT_DONE] = queued > 0 ? cycle + 1 : first !== end ? doneAt[first] : NEVER;
    this.first = first;
    this.queued = queued;
    this.leavingCount = leavingCount;
  }

  private enterQueue(slot: number): void {
    const { queue } = this;
    const { known, mask } = this.ring;
    const age = (slot - known) & mask;
    let i = this.queued++;
    for (; i > 0 && ((queue[i - 1] - known) & mask) < age; i--) queue[i] = queue[i - 1];
    queue[i] = slot;
  }

  /** UA-65, as soon as WB is known of all that are older. */
  commit(): void {
    const { ring, width, ints, floats, times } = this;
    const { mask } = ring;
    const { costs } = ring.variants;
    const end = times[LIMIT] - 1;
    let known = ring.known;
    let left = ring.inFlight;
    let last = this.last[0];
    for (; left > 0; left--) {
      const at = known << FLOAT_ROW;
      const written = floats[at + WRITTEN];
      if (written === NEVER) break;
      const before = floats[(((known - width) & mask) << FLOAT_ROW) + COMMITTED] + 1;
      if (written + 1 > last) last = written + 1;
      if (before > last) last = before;
      floats[at + COMMITTED] = last;
      const variant = ints[(known << ROW) + VARIANT];
      if (last < end) costs[variant * COSTS + RETIRED]++;
      else this.noteAtLimit(variant, last + 1);
      known = (known + 1) & mask;
    }
    ring.known = known;
    ring.inFlight = left;
    this.last[0] = last;
  }

  /** Notes one that retires at the limit or later. */
  private noteAtLimit(variant: number, retires: number): void {
    const { ring, latePc } = this;
    const { variants, times } = ring;
    if (latePc < 0) this.latePc = variants.fields[variant * variants.stride + FIELD.pc];
    if (retires === times[LIMIT]) this.atLimit.push(variant);
  }

  /** The run is over just at its limit or before: all have retired. */
  retireAtLimit(): void {
    const { costs } = this.ring.variants;
    for (const variant of this.atLimit) costs[variant * COSTS + RETIRED]++;
  }
}
