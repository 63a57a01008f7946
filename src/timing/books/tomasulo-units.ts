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
  FOLLOWING,
  HAS_ISSUED,
  ISSUE_AT,
  MEMORY_OPENS,
  NEVER,
  PLACE_ROW,
  PRECEDING,
  PRODUCT,
  RESOLVED,
  ROW,
  SEGMENT_ROW,
  UNIT_INDEX,
  VARIANT,
  WRITTEN,
} from './tomasulo-ring.ts';
import { COST, COSTS } from './variants.ts';

const { dma: DMA, mxu: MXU } = UNIT_NUMBER;
const { issue: ISSUE } = CAUSE_NUMBER;
const { executeCycles: EXECUTE, occupancyCycles: OCCUPIED } = COST;

/** What those are asked of who wait while memory is open: all of them. */
const ALL = 2 ** 30;

export class Units {
  /** So many of the oldest in flight found memory open in this cycle. */
  openMost = 0;
  private readonly ring: Ring;
  private readonly ints: Int32Array;
  private readonly floats: Float64Array;
  private readonly times: Float64Array;
  private readonly ready: Ready;
  private readonly accesses: Accesses;
  private readonly results: Results;
  private readonly sums: Sums;
  private readonly byPc: Float64Array;
  private readonly bySegment: Float64Array;
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
    this.ints = ring.ints;
    this.floats = ring.floats;
    this.times = ring.times;
    this.ready = ready;
    this.accesses = accesses;
    this.results = results;
    this.sums = sums;
    this.byPc = sums.byPc;
    this.bySegment = sums.bySegment;
    this.width = machine.pipeline.width;
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

  /** Whoever was blocked is looked at again. */
  unblock(): void {
    if (this.ready.blocked === 0) return;
    this.ready.blocked = 0;
    this.times[ISSUE_AT] = 0;
  }

  /** UA-62: oldest first, until W have issued; how many have. */
  issue(): number {
    const { ring, ready, cursor, width } = this;
    const { list, count, head } = ready;
    const { mask, slots, known } = ring;
    let issued = 0;
    let open = this.openKinds();
    while (open !== 0 && issued < width) {
      let kind = 31 - Math.clz32(open);
      let slot = list[kind * slots + ((head[kind] + cursor[kind]) & mask)];
      for (let kinds = open ^ (1 << kind); kinds !== 0;) {
        const other = 31 - Math.clz32(kinds);
        const candidate = list[other * slots + ((head[other] + cursor[other]) & mask)];
        kinds ^= 1 << other;
        if (((candidate - known) & mask) > ((slot - known) & mask)) continue;
        kind = other;
        slot = candidate;
      }
      if ((kind === DMA || kind === MXU) && this.isBlocked(slot, kind)) {
        if (++cursor[kind] < count[kind]) continue;
        open ^= 1 << kind;
        ready.blocked |= 1 << kind;
        continue;
      }
      issued++;
      ready.remove(kind, cursor[kind]);
      if (!this.start(slot, kind) || cursor[kind] >= count[kind]) open ^= 1 << kind;
    }
    return issued;
  }

  /** The kinds of which any is ready and a unit is open, as bits. */
  private openKinds(): number {
    const { ready, cursor, opensAt, blockedUntil, times } = this;
    const cycle = times[CYCLE];
    if (ready.blocked !== 0 && cycle >= blockedUntil[0]) ready.blocked = 0;
    if (ready.blocked === 0) blockedUntil[0] = NEVER;
    let open = 0;
    for (let kinds = ready.kinds & ~ready.blocked; kinds !== 0;) {
      const kind = 31 - Math.clz32(kinds);
      if (opensAt[kind] <= cycle) open |= 1 << kind;
      cursor[kind] = 0;
      kinds ^= 1 << kind;
    }
    return open;
  }

  /** UA-16, UA-28, UA-63; notes until when, where that is known. */
  private isBlocked(slot: number, kind: number): boolean {
    const { accesses } = this;
    if (kind === DMA) {
      if (accesses.isFree(slot)) return false;
      this.noteBlocked(accesses.bankReady);
      return true;
    }
    if (this.counts[MXU] === 1) return false;
    const unit = this.chainedUnit(slot);
    if (unit < 0) return false;
    const opens = this.unitOpensAt[unit];
    this.noteBlocked(opens);
    return opens > this.times[CYCLE];
  }

  private noteBlocked(until: number): void {
    const { blockedUntil } = this;
    if (until > this.times[CYCLE] && until < blockedUntil[0]) blockedUntil[0] = until;
  }

  /** The place of the unit in which the sums stay that a product adds to (UA-16), or −1. */
  private chainedUnit(slot: number): number {
    const { ints, floats, times } = this;
    const product = ints[(slot << ROW) + PRODUCT];
    if (product < 0) return NONE;
    if (times[CYCLE] >= floats[(product << FLOAT_ROW) + WRITTEN] + this.toReader) return NONE;
    return MXU * this.most + ints[(product << ROW) + UNIT_INDEX];
  }

  /** An instruction issues; whether a unit of its kind is open for others. */
  private start(slot: number, kind: number): boolean {
    const { ring, ints, times, byPc, bySegment, opensAt } = this;
    const row = slot << ROW;
    const following = ints[row + FOLLOWING];
    const preceding = ints[row + PRECEDING];
    ints[(preceding << ROW) + FOLLOWING] = following;
    ints[(following << ROW) + PRECEDING] = preceding;
    ints[row + HAS_ISSUED] = 1;
    byPc[ints[row + PLACE_ROW] + ISSUE]++;
    bySegment[ints[row + SEGMENT_ROW] + ISSUE]++;
    if (kind === DMA) this.startAccess(slot);
    else this.startWork(slot, kind);
    this.results.add(slot);
    if (slot === ring.waitedSlot) times[RESOLVED] = times[DONE];
    if (ints[row + CHAIN] >= 0) this.ready.wake(row + CHAIN);
    return opensAt[kind] <= times[CYCLE];
  }

  private startAccess(slot: number): void {
    const { ring, accesses, unitOpensAt, most, times } = this;
    this.openMost = (slot - ring.known) & ring.mask;
    accesses.issue(slot);
    const occupancy = accesses.occupancy;
    unitOpensAt[DMA * most] = times[CYCLE] + occupancy;
    this.opensAt[DMA] = times[MEMORY_OPENS] = accesses.opensAt;
    this.occupied[DMA] += occupancy;
  }

  private startWork(slot: number, kind: number): void {
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
