/** The units of Tomasulo's machine: when they are open, and what occupies them (UA-10, UA-16, UA-26). */
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { NONE, UNIT_NUMBER, unitCounts } from '../event/numbers.ts';
import type { Sums } from './sums.ts';
import type { Accesses } from './tomasulo-accesses.ts';
import type { Ring } from './tomasulo-ring.ts';
import {
  CYCLE,
  DONE,
  FLOAT_ROW,
  ISSUE_AT,
  MEMORY_OPENS,
  PRODUCT,
  ROW,
  UNIT_INDEX,
  VARIANT,
  WRITTEN,
} from './tomasulo-ring.ts';
import { COST, COSTS } from './variants.ts';

const { dma: DMA, mxu: MXU } = UNIT_NUMBER;
const { executeCycles: EXECUTE, occupancyCycles: OCCUPIED } = COST;

/** What those are asked of who wait while memory is open: all of them. */
const ALL = 2 ** 30;

export class Units {
  /** How many there are of each kind; and the first cycle in which one is open. */
  readonly counts: Int32Array;
  readonly opensAt = new Float64Array(UNITS.length);
  /** By kind, `most` places for each: when the unit opens. */
  readonly unitOpensAt: Float64Array;
  private readonly most: number;
  /** Of each kind: how long units were closed. */
  private readonly occupied = new Float64Array(UNITS.length);
  private readonly ring: Ring;
  private readonly ints: Int32Array;
  private readonly floats: Float64Array;
  private readonly times: Float64Array;
  private readonly accesses: Accesses;
  private readonly sums: Sums;
  /** From WB to the issue of a reader. */
  private readonly toReader: number;

  constructor(machine: Machine, ring: Ring, accesses: Accesses, sums: Sums) {
    this.ring = ring;
    this.ints = ring.ints;
    this.floats = ring.floats;
    this.times = ring.times;
    this.accesses = accesses;
    this.sums = sums;
    this.toReader = machine.pipeline.forwarding ? 0 : 1;
    this.counts = Int32Array.from(unitCounts(machine));
    this.most = Math.max(...this.counts);
    this.unitOpensAt = new Float64Array(UNITS.length * this.most);
  }

  /** So many of the oldest in flight find memory open from a cycle on, if nothing issues: all or none. */
  openFrom(cycle: number): number {
    return this.times[MEMORY_OPENS] <= cycle ? ALL : 0;
  }

  /** An access is in WB. */
  leaveMemory(slot: number): void {
    const { accesses, opensAt, times } = this;
    accesses.leave(slot);
    opensAt[DMA] = times[MEMORY_OPENS] = accesses.opensAt;
    times[ISSUE_AT] = 0;
  }

  /** The place of the unit in which the sums stay that a product adds to (UA-16), or −1. */
  chainedUnit(slot: number): number {
    const { ints, floats, times } = this;
    const product = ints[(slot << ROW) + PRODUCT];
    if (product < 0) return NONE;
    if (times[CYCLE] >= floats[(product << FLOAT_ROW) + WRITTEN] + this.toReader) return NONE;
    return MXU * this.most + ints[(product << ROW) + UNIT_INDEX];
  }

  startAccess(slot: number): void {
    const { accesses, unitOpensAt, most, times } = this;
    accesses.issue(slot);
    const occupancy = accesses.occupancy;
    unitOpensAt[DMA * most] = times[CYCLE] + occupancy;
    this.opensAt[DMA] = times[MEMORY_OPENS] = accesses.opensAt;
    this.occupied[DMA] += occupancy;
  }

  startWork(slot: number, kind: number): void {
    const { ints, times, most, unitOpensAt } = this;
    const { costs } = this.ring.variants;
    const c = ints[(slot << ROW) + VARIANT] * COSTS;
    const cycle = times[CYCLE];
    const occupancy = costs[c + OCCUPIED];
    times[DONE] = cycle + costs[c + EXECUTE];
    this.occupied[kind] += occupancy;
    if (this.counts[kind] > 1) return this.startOneOf(slot, kind, cycle + occupancy);
    ints[(slot << ROW) + UNIT_INDEX] = 0;
    unitOpensAt[kind * most] = this.opensAt[kind] = cycle + occupancy;
  }

  /** On the unit that it is bound to (UA-16), or the first that is open. */
  private startOneOf(slot: number, kind: number, until: number): void {
    const { ints, times, unitOpensAt } = this;
    const first = kind * this.most;
    const end = first + this.counts[kind];
    let unit = kind === MXU ? this.chainedUnit(slot) : NONE;
    if (unit < 0) for (unit = first; unitOpensAt[unit] > times[CYCLE];) unit++;
    ints[(slot << ROW) + UNIT_INDEX] = unit - first;
    unitOpensAt[unit] = until;
    let opens = until;
    for (let at = first; at < end; at++) if (unitOpensAt[at] < opens) opens = unitOpensAt[at];
    this.opensAt[kind] = opens;
  }

  /** Tells what the units did. */
  finish(): void {
    this.sums.occupyAll(this.occupied, this.unitOpensAt, this.most);
  }
}
