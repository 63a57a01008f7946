/** Units and who issues on them on Tomasulo's machine (UA-16, UA-26, UA-62). */
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { CAUSE_NUMBER, NONE, UNIT_NUMBER, unitCounts } from '../event/numbers.ts';
import type { Sums } from './sums.ts';
import type { Accesses } from './tomasulo-accesses.ts';
import type { Ready } from './tomasulo-ready.ts';
import type { Results } from './tomasulo-results.ts';
import type { Ring } from './tomasulo-ring.ts';
import {
  CHAIN,
  CYCLE,
  DONE,
  FLOAT_ROW,
  ISSUE_AT,
  NEVER,
  PLACE_ROW,
  PRODUCT,
  RESOLVED,
  ROW,
  SEGMENT_ROW,
  UNIT_INDEX,
  VARIANT,
  WRITTEN,
} from './tomasulo-ring.ts';
import { COST, COSTS } from './variants.ts';

/** What those are asked of who wait while memory is open: all of them. */
const ALL = 2 ** 30;

export class Units {
  /** Who issued in this cycle; and so many of the oldest in flight found memory open. */
  issued = 0;
  openMost = 0;
  private readonly ring: Ring;
  private readonly ready: Ready;
  private readonly accesses: Accesses;
  private readonly results: Results;
  private readonly sums: Sums;
  private readonly width: number;
  private readonly toReader: number;
  private readonly counts: Int32Array;
  /** Of each kind: the first cycle in which a unit is open; and how long units were closed. */
  private readonly opensAt = new Float64Array(UNITS.length);
  private readonly occupied = new Float64Array(UNITS.length);
  /** By kind, `most` places for each: when the unit opens. */
  private readonly unitOpensAt: Float64Array;
  private readonly most: number;
  /** Of each kind, where in the list of the ready it is looked at. */
  private readonly cursor = new Int32Array(UNITS.length);
  /** When one of the blocked kinds may be free, as far as that is known. */
  private readonly blockedUntil = new Float64Array([NEVER]);

  constructor(
    machine: Machine,
    ring: Ring,
    sums: Sums,
    ready: Ready,
    accesses: Accesses,
    results: Results,
  ) {
    this.ring = ring;
    this.ready = ready;
    this.accesses = accesses;
    this.results = results;
    this.sums = sums;
    this.width = machine.pipeline.width;
    this.toReader = machine.pipeline.forwarding ? 0 : 1;
    this.counts = Int32Array.from(unitCounts(machine));
    this.most = Math.max(...this.counts);
    this.unitOpensAt = new Float64Array(UNITS.length * this.most);
  }

  /** So many of the oldest in flight find memory open from this cycle on, if nothing issues: all or none. */
  openFrom(cycle: number): number {
    return this.opensAt[UNIT_NUMBER.dma] <= cycle ? ALL : 0;
  }

  /** An access is in WB. */
  leaveMemory(slot: number): void {
    this.accesses.leave(slot);
    this.opensAt[UNIT_NUMBER.dma] = this.accesses.opensAt;
    this.ring.times[ISSUE_AT] = 0;
  }

  /** Nobody has issued in this cycle yet. */
  begin(): void {
    this.issued = 0;
    this.openMost = this.openFrom(this.ring.times[CYCLE]);
  }

  /** Whoever was blocked is looked at again. */
  unblock(): void {
    if (this.ready.blocked === 0) return;
    this.ready.blocked = 0;
    this.ring.times[ISSUE_AT] = 0;
  }

  /** UA-62: oldest first, until W have issued. */
  issue(): void {
    const { ring, ready, cursor, width } = this;
    const { list, count } = ready;
    const { mask, slots, known } = ring;
    let open = this.openKinds();
    while (open !== 0 && this.issued < width) {
      let kind = 31 - Math.clz32(open);
      let slot = list[cursor[kind]];
      for (let kinds = open ^ (1 << kind); kinds !== 0;) {
        const other = 31 - Math.clz32(kinds);
        const candidate = list[cursor[other]];
        kinds ^= 1 << other;
        if (((candidate - known) & mask) > ((slot - known) & mask)) continue;
        kind = other;
        slot = candidate;
      }
      const isOpen = this.isBlocked(slot, kind) ? this.pass(kind) : this.start(slot, kind);
      if (!isOpen) open ^= 1 << kind;
      else if (cursor[kind] >= kind * slots + count[kind]) open ^= 1 << kind;
    }
  }

  /** The kinds of which any is ready and a unit is open, as bits. */
  private openKinds(): number {
    const { ring, ready, cursor, opensAt, blockedUntil } = this;
    const { times, slots } = ring;
    const cycle = times[CYCLE];
    if (cycle >= blockedUntil[0]) ready.blocked = 0;
    if (ready.blocked === 0) blockedUntil[0] = NEVER;
    let open = 0;
    for (let kinds = ready.kinds & ~ready.blocked; kinds !== 0;) {
      const kind = 31 - Math.clz32(kinds);
      if (opensAt[kind] <= cycle) open |= 1 << kind;
      cursor[kind] = kind * slots;
      kinds ^= 1 << kind;
    }
    return open;
  }

  /** UA-16, UA-28, UA-63; notes until when, where that is known. */
  private isBlocked(slot: number, kind: number): boolean {
    const { accesses } = this;
    const { dma: DMA, mxu: MXU } = UNIT_NUMBER;
    if (kind === DMA) {
      if (accesses.isFree(slot)) return false;
      this.noteBlocked(accesses.bankReady);
      return true;
    }
    if (kind !== MXU || this.counts[MXU] === 1) return false;
    const unit = this.chainedUnit(slot);
    if (unit < 0) return false;
    const opens = this.unitOpensAt[unit];
    this.noteBlocked(opens);
    return opens > this.ring.times[CYCLE];
  }

  private noteBlocked(until: number): void {
    const { blockedUntil } = this;
    if (until > this.ring.times[CYCLE] && until < blockedUntil[0]) blockedUntil[0] = until;
  }

  /** The place of the unit in which the sums stay that a product adds to (UA-16), or −1. */
  private chainedUnit(slot: number): number {
    const { ints, floats, times } = this.ring;
    const product = ints[(slot << ROW) + PRODUCT];
    if (product < 0) return NONE;
    if (times[CYCLE] >= floats[(product << FLOAT_ROW) + WRITTEN] + this.toReader) return NONE;
    return UNIT_NUMBER.mxu * this.most + ints[(product << ROW) + UNIT_INDEX];
  }

  /** Whoever is looked at stays; whether there is another of its kind. */
  private pass(kind: number): boolean {
    const { ready, cursor } = this;
    if (++cursor[kind] < kind * this.ring.slots + ready.count[kind]) return true;
    ready.blocked |= 1 << kind;
    return false;
  }

  /** Whoever is looked at issues; whether a unit of the kind is open for others. */
  private start(slot: number, kind: number): boolean {
    const { ring, ready, opensAt } = this;
    const { ints, times } = ring;
    const { byPc, bySegment } = this.sums;
    const ISSUE = CAUSE_NUMBER.issue;
    const row = slot << ROW;
    this.issued++;
    ready.remove(kind, this.cursor[kind]);
    ring.leaveStation(slot);
    byPc[ints[row + PLACE_ROW] + ISSUE]++;
    bySegment[ints[row + SEGMENT_ROW] + ISSUE]++;
    if (kind === UNIT_NUMBER.dma) this.startAccess(slot);
    else this.startWork(slot, kind);
    this.results.add(slot);
    if (slot === ring.waitedSlot) times[RESOLVED] = times[DONE];
    if (ints[row + CHAIN] >= 0) ready.wake(row + CHAIN);
    return opensAt[kind] <= times[CYCLE];
  }

  private startAccess(slot: number): void {
    const { ring, accesses, unitOpensAt, most } = this;
    const DMA = UNIT_NUMBER.dma;
    this.openMost = (slot - ring.known) & ring.mask;
    accesses.issue(slot);
    const occupancy = accesses.occupancy;
    unitOpensAt[DMA * most] = ring.times[CYCLE] + occupancy;
    this.opensAt[DMA] = accesses.opensAt;
    this.occupied[DMA] += occupancy;
  }

  private startWork(slot: number, kind: number): void {
    const { executeCycles: EXECUTE, occupancyCycles: OCCUPIED } = COST;
    const { ring, unitOpensAt, opensAt } = this;
    const { ints, times } = ring;
    const { costs } = ring.variants;
    const c = ints[(slot << ROW) + VARIANT] * COSTS;
    const cycle = times[CYCLE];
    const first = kind * this.most;
    const count = this.counts[kind];
    times[DONE] = cycle + costs[c + EXECUTE];
    this.occupied[kind] += costs[c + OCCUPIED];
    let unit = first;
    if (count > 1) {
      const chained = kind === UNIT_NUMBER.mxu ? this.chainedUnit(slot) : NONE;
      if (chained >= 0) unit = chained;
      else while (unitOpensAt[unit] > cycle) unit++;
    }
    ints[(slot << ROW) + UNIT_INDEX] = unit - first;
    unitOpensAt[unit] = cycle + costs[c + OCCUPIED];
    let opens = unitOpensAt[first];
    for (let at = first + 1; at < first + count; at++) {
      if (unitOpensAt[at] < opens) opens = unitOpensAt[at];
    }
    opensAt[kind] = opens;
  }

  /** The first cycle in which one of the ready may issue. */
  issueAt(): number {
    const { ready, opensAt, blockedUntil } = this;
    let first = NEVER;
    for (let kinds = ready.kinds; kinds !== 0;) {
      const kind = 31 - Math.clz32(kinds);
      let until = opensAt[kind];
      const isBlocked = (ready.blocked & (1 << kind)) !== 0;
      if (isBlocked && blockedUntil[0] > until) until = blockedUntil[0];
      if (until < first) first = until;
      kinds ^= 1 << kind;
    }
    return first;
  }

  /** Tells what the units did. */
  finish(): void {
    this.sums.occupyAll(this.occupied, this.unitOpensAt, this.most);
  }
}
