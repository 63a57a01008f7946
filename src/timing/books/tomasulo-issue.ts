/** Who issues on Tomasulo's machine (UA-62): of those that have their values, the oldest. */
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { CAUSE_NUMBER, UNIT_NUMBER } from '../event/numbers.ts';
import type { Sums } from './sums.ts';
import type { Accesses } from './tomasulo-accesses.ts';
import type { Ready } from './tomasulo-ready.ts';
import type { Results } from './tomasulo-results.ts';
import type { Ring } from './tomasulo-ring.ts';
import {
  CHAIN,
  CYCLE,
  DONE,
  FOLLOWING,
  HAS_ISSUED,
  ISSUE_AT,
  NEVER,
  PLACE_ROW,
  PRECEDING,
  RESOLVED,
  ROW,
  SEGMENT_ROW,
} from './tomasulo-ring.ts';
import type { Units } from './tomasulo-units.ts';

const { dma: DMA, mxu: MXU } = UNIT_NUMBER;
const { issue: ISSUE } = CAUSE_NUMBER;

/** The parts of the machine that issue has to do with. */
interface Neighbours {
  readonly ring: Ring;
  readonly ready: Ready;
  readonly accesses: Accesses;
  readonly results: Results;
  readonly units: Units;
}

export class Issue {
  /** So many of the oldest in flight found memory open in this cycle. */
  openMost = 0;
  private readonly ring: Ring;
  private readonly ints: Int32Array;
  private readonly times: Float64Array;
  private readonly ready: Ready;
  private readonly accesses: Accesses;
  private readonly results: Results;
  private readonly units: Units;
  private readonly byPc: Float64Array;
  private readonly bySegment: Float64Array;
  private readonly width: number;
  /** Of each kind, how many of the ready have been looked at. */
  private readonly cursor = new Int32Array(UNITS.length);
  /** When one of the blocked kinds may be free, as far as that is known. */
  private readonly blockedUntil = new Float64Array([NEVER]);

  constructor(machine: Machine, parts: Neighbours, { byPc, bySegment }: Sums) {
    this.ring = parts.ring;
    this.ints = parts.ring.ints;
    this.times = parts.ring.times;
    this.ready = parts.ready;
    this.accesses = parts.accesses;
    this.results = parts.results;
    this.units = parts.units;
    this.byPc = byPc;
    this.bySegment = bySegment;
    this.width = machine.pipeline.width;
  }

  /** UA-62: oldest first, until W have issued; how many have. */
  run(): number {
    const { ring, ready, cursor, width, units, times } = this;
    this.openMost = units.openFrom(times[CYCLE]);
    if (times[CYCLE] < times[ISSUE_AT]) return 0;
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
    const { ready, cursor, blockedUntil, times } = this;
    const { opensAt } = this.units;
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
    const { accesses, units } = this;
    if (kind === DMA) {
      if (accesses.isFree(slot)) return false;
      this.noteBlocked(accesses.bankReady);
      return true;
    }
    if (units.counts[MXU] === 1) return false;
    const unit = units.chainedUnit(slot);
    if (unit < 0) return false;
    const opens = units.unitOpensAt[unit];
    this.noteBlocked(opens);
    return opens > this.times[CYCLE];
  }

  private noteBlocked(until: number): void {
    const { blockedUntil } = this;
    if (until > this.times[CYCLE] && until < blockedUntil[0]) blockedUntil[0] = until;
  }

  /** An instruction issues; whether a unit of its kind is open for others. */
  private start(slot: number, kind: number): boolean {
    const { ring, ints, times, byPc, bySegment, units } = this;
    const row = slot << ROW;
    const following = ints[row + FOLLOWING];
    const preceding = ints[row + PRECEDING];
    ints[(preceding << ROW) + FOLLOWING] = following;
    ints[(following << ROW) + PRECEDING] = preceding;
    ints[row + HAS_ISSUED] = 1;
    byPc[ints[row + PLACE_ROW] + ISSUE]++;
    bySegment[ints[row + SEGMENT_ROW] + ISSUE]++;
    if (kind === DMA) {
      this.openMost = (slot - ring.known) & ring.mask;
      units.startAccess(slot);
    } else units.startWork(slot, kind);
    this.results.add(slot);
    if (slot === ring.waitedSlot) times[RESOLVED] = times[DONE];
    if (ints[row + CHAIN] >= 0) this.ready.wake(row + CHAIN);
    return units.opensAt[kind] <= times[CYCLE];
  }

  /** The first cycle in which one of the ready may issue. */
  nextCycle(): number {
    const { ready, blockedUntil } = this;
    const { opensAt } = this.units;
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

  /** Whoever was blocked is looked at again. */
  unblock(): void {
    if (this.ready.blocked === 0) return;
    this.ready.blocked = 0;
    this.times[ISSUE_AT] = 0;
  }
}
