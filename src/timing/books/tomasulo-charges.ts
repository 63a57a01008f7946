/** Who the slots are charged to in which nobody issues on Tomasulo's machine (UA-30, UA-32). */
import { CAUSE_NUMBER, STRUCTURAL, UNIT_NUMBER } from '../event/numbers.ts';
import type { Sums } from './sums.ts';
import type { Accesses } from './tomasulo-accesses.ts';
import type { Ring } from './tomasulo-ring.ts';
import { FOLLOWING, IS_LATE, MISSING, PC, ROW, SEGMENT, UNIT } from './tomasulo-ring.ts';

const { control: CONTROL, fill: FILL, drain: DRAIN, raw: RAW } = CAUSE_NUMBER;
const QUEUE = CAUSE_NUMBER['structural.queue'];
const { dma: DMA } = UNIT_NUMBER;

/** The oldest instruction that was not dispatched before: kept in ID by a hazard, or not; … */
export const HELD = 0;
export const COMING = 1;
/** … not fetched yet because of UA-6; or there is none. */
export const AWAITED = 2;
export const NOBODY = 3;

export class Charges {
  private readonly ring: Ring;
  private readonly accesses: Accesses;
  private readonly sums: Sums;
  private readonly limit: number;
  /** Cycles of a successor that is not fetched yet. */
  private early = 0;

  constructor(ring: Ring, accesses: Accesses, sums: Sums, limit: number) {
    this.ring = ring;
    this.accesses = accesses;
    this.sums = sums;
    this.limit = limit;
  }

  /**
   * Charges `room` slots for `cycles` in which nothing changes. Of those that wait in stations the
   * ones before the number `oldest` count, of accesses the ones before `openBefore` found memory
   * open; `known` is the number of one that is not behind any in flight.
   */
  settle(
    cycles: number,
    room: number,
    known: number,
    oldest: number,
    openBefore: number,
    rest: number,
  ): void {
    const { ring, sums } = this;
    const { ints, slots, mask } = ring;
    const most = oldest - known;
    let left = room;
    let slot = ints[(slots << ROW) + FOLLOWING];
    for (; slot !== slots && left > 0; left--) {
      const row = slot << ROW;
      const age = (slot - known) & mask;
      if (age >= most) break;
      const cause = ints[row + MISSING] > 0 ? RAW : this.causeOf(slot, age < openBefore - known);
      sums.charge(ints[row + PC], ints[row + SEGMENT], cause, 0, cycles);
      slot = ints[row + FOLLOWING];
    }
    if (left > 0) this.settleRest(cycles * left, oldest & mask, rest);
  }

  private causeOf(slot: number, foundOpen: boolean): number {
    const { accesses, ring } = this;
    const kind = ring.ints[(slot << ROW) + UNIT];
    if (kind !== DMA) return STRUCTURAL[kind];
    return foundOpen ? accesses.causeOf(slot) : accesses.closedCause;
  }

  private settleRest(cycles: number, slot: number, rest: number): void {
    if (rest === HELD) this.charge(slot, QUEUE, cycles);
    else if (rest === COMING) {
      if (this.ring.ints[(slot << ROW) + IS_LATE] === 1) this.charge(slot, CONTROL, cycles);
      else this.chargeNobody(FILL, cycles);
    } else if (rest === AWAITED) this.early += cycles;
    else this.chargeNobody(DRAIN, cycles);
  }

  /** Charges what was early: to the successor, or to the branch if nothing comes behind it. */
  chargeEarly(slot: number): void {
    if (this.early === 0) return;
    this.charge(slot, CONTROL, this.early);
    this.early = 0;
  }

  /** Charges an instruction with cycles of all slots, of which each has `limit` at most. */
  private charge(slot: number, cause: number, cycles: number): void {
    const { ring, sums, limit } = this;
    const row = slot << ROW;
    let left = cycles;
    for (; left > limit; left -= limit) {
      sums.charge(ring.ints[row + PC], ring.ints[row + SEGMENT], cause, 0, limit);
    }
    sums.charge(ring.ints[row + PC], ring.ints[row + SEGMENT], cause, 0, left);
  }

  chargeNobody(cause: number, cycles: number): void {
    const { sums, limit } = this;
    let left = cycles;
    for (; left > limit; left -= limit) sums.chargeNobody(cause, 0, limit);
    sums.chargeNobody(cause, 0, left);
  }
}
