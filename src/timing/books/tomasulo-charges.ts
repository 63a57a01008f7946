/** Who the slots are charged to in which nobody issues on Tomasulo's machine (UA-30, UA-32). */
import { CAUSE_NUMBER, STRUCTURAL, UNIT_NUMBER } from '../event/numbers.ts';
import type { Sums } from './sums.ts';
import type { Accesses } from './tomasulo-accesses.ts';
import type { Ring } from './tomasulo-ring.ts';
import { FOLLOWING, IS_LATE, MISSING, PLACE_ROW, ROW, SEGMENT_ROW, UNIT } from './tomasulo-ring.ts';

const { control: CONTROL, fill: FILL, drain: DRAIN, raw: RAW } = CAUSE_NUMBER;
const QUEUE = CAUSE_NUMBER['structural.queue'];
const { dma: DMA } = UNIT_NUMBER;
const STRUCTURAL_ALU = STRUCTURAL[0]; // the others follow in the order of units

/** The oldest instruction that was not dispatched before: kept in ID by a hazard, or not; … */
export const HELD = 0;
export const COMING = 1;
/** … not fetched yet because of UA-6; or there is none. */
export const AWAITED = 2;
export const NOBODY = 3;

export class Charges {
  private readonly ring: Ring;
  private readonly ints: Int32Array;
  private readonly accesses: Accesses;
  private readonly byPc: Float64Array;
  private readonly bySegment: Float64Array;
  private readonly nobodys: Float64Array;
  /** Cycles of a successor that is not fetched yet; whether there are any. */
  hasEarly = false;
  private readonly early = new Float64Array(1);

  constructor(ring: Ring, accesses: Accesses, { byPc, bySegment, nobodys }: Sums) {
    this.ring = ring;
    this.ints = ring.ints;
    this.accesses = accesses;
    this.byPc = byPc;
    this.bySegment = bySegment;
    this.nobodys = nobodys;
  }

  /**
   * Charges `room` slots for `cycles` in which nothing changes. Of those in flight the `most` oldest
   * count, and of their accesses the `openMost` oldest found memory open.
   */
  settle(cycles: number, room: number, most: number, openMost: number, rest: number): void {
    const { ints, ring, byPc, bySegment } = this;
    const { slots, mask, known } = ring;
    let left = room;
    let slot = ints[(slots << ROW) + FOLLOWING];
    while (slot !== slots) {
      const row = slot << ROW;
      const age = (slot - known) & mask;
      if (age >= most) break;
      let cause = RAW;
      if (ints[row + MISSING] === 0) {
        const kind = ints[row + UNIT];
        cause = kind === DMA ? this.causeOf(slot, age < openMost) : STRUCTURAL_ALU + kind;
      }
      byPc[ints[row + PLACE_ROW] + cause] += cycles;
      bySegment[ints[row + SEGMENT_ROW] + cause] += cycles;
      if (--left === 0) return;
      slot = ints[row + FOLLOWING];
    }
    this.settleRest(cycles * left, (known + most) & mask, rest);
  }

  private causeOf(slot: number, foundOpen: boolean): number {
    return foundOpen ? this.accesses.causeOf(slot) : this.accesses.closedCause;
  }

  private settleRest(cycles: number, slot: number, rest: number): void {
    if (rest === HELD) this.charge(slot, QUEUE, cycles);
    else if (rest === COMING) {
      if (this.ints[(slot << ROW) + IS_LATE] === 1) this.charge(slot, CONTROL, cycles);
      else this.nobodys[FILL] += cycles;
    } else if (rest === AWAITED) {
      this.early[0] += cycles;
      this.hasEarly = true;
    } else this.nobodys[DRAIN] += cycles;
  }

  /** Charges what was early: to the successor, or to the branch if nothing comes behind it. */
  chargeEarly(slot: number): void {
    if (!this.hasEarly) return;
    this.hasEarly = false;
    this.charge(slot, CONTROL, this.early[0]);
    this.early[0] = 0;
  }

  private charge(slot: number, cause: number, cycles: number): void {
    const { ints, byPc, bySegment } = this;
    const row = slot << ROW;
    byPc[ints[row + PLACE_ROW] + cause] += cycles;
    bySegment[ints[row + SEGMENT_ROW] + cause] += cycles;
  }
}
