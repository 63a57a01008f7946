/**
 * Reservation stations, without names (UA-61 to UA-63). Nobody is asked again and again: who waits
 * for values sleeps until the last of them is written, and who has them is in a list of its kind of
 * unit, which is looked at when a unit is open.
 */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, UNIT_NUMBER } from '../event/numbers.ts';
import { Accesses } from './tomasulo-accesses.ts';
import type { Flight } from './tomasulo-flight.ts';
import { NEVER } from './tomasulo-flight.ts';
import type { Results } from './tomasulo-results.ts';
import type { Sums } from './sums.ts';
import { Units } from './tomasulo-units.ts';

const { raw: RAW, issue: ISSUE } = CAUSE_NUMBER;
const { dma: DMA, mxu: MXU } = UNIT_NUMBER;

export class Stations {
  /** No instruction that waits can issue before this cycle unless one is written or issues. */
  next = NEVER;
  /** The waiting instructions that are charged in this cycle, by slot, and to what. */
  readonly chargedSlot: Int32Array;
  readonly chargedCause: Uint8Array;
  private readonly flight: Flight;
  private readonly results: Results;
  private readonly sums: Sums;
  private readonly accesses: Accesses;
  private readonly units: Units;
  private readonly sources: Uint8Array;
  private readonly width: number;
  private readonly hasRaw: boolean;
  private readonly chains: boolean;
  private readonly isOneArray: boolean;
  /** From the WB of a result to the issue of a reader. */
  private readonly toReader: number;
  /** Who writes each register last, of those dispatched. */
  private readonly writer = new Float64Array(REGISTER_COUNT).fill(NONE);
  /** All that wait, in program order: a ring through the slot `end` that nobody is in. */
  private readonly following: Int32Array;
  private readonly preceding: Int32Array;
  private readonly end: number;
  /** Of each slot: values that are missing, and the product it is chained to (UA-16), or −1. */
  private readonly missing: Uint8Array;
  private readonly chainedTo: Float64Array;
  private readonly unitIndex: Uint8Array;
  /**
   * Who waits for the result of each slot, or for its issue: lists of nodes. The node of source k
   * of slot s is `s << shift | k`; it is in one list at most.
   */
  private readonly readers: Int32Array;
  private readonly chain: Int32Array;
  private readonly link: Int32Array;
  private readonly shift: number;
  /** Of each kind of unit: the numbers of those that have their values, in program order. */
  private readonly ready: readonly Float64Array[];
  private readonly readyCount = new Int32Array(UNITS.length);
  private readonly cursor = new Int32Array(UNITS.length);
  /** Kinds of which any is ready, as bits. */
  private readyKinds = 0;
  /** Accesses before this one found memory open in this cycle. */
  private openBefore = 0;

  constructor(
    machine: Machine,
    flight: Flight,
    results: Results,
    sums: Sums,
    table: { readonly sources: Uint8Array; readonly maxSources: number },
  ) {
    const { width, forwarding, dependencies } = machine.pipeline;
    const { slots } = flight;
    const integers = (length: number) => new Int32Array(length);
    this.flight = flight;
    this.results = results;
    this.sums = sums;
    this.accesses = new Accesses(machine, flight);
    this.units = new Units(machine);
    this.sources = table.sources;
    this.width = width;
    this.hasRaw = dependencies;
    this.chains = machine.mxu.accumulatorForwarding && dependencies;
    this.isOneArray = this.units.countOf(MXU) === 1;
    this.toReader = forwarding ? 0 : 1;
    this.chargedSlot = integers(width);
    this.chargedCause = new Uint8Array(width);
    this.end = slots;
    this.following = integers(slots + 1);
    this.preceding = integers(slots + 1);
    this.following[slots] = this.preceding[slots] = slots;
    this.missing = new Uint8Array(slots);
    this.chainedTo = new Float64Array(slots);
    this.unitIndex = new Uint8Array(slots);
    this.shift = 32 - Math.clz32(table.maxSources);
    this.readers = integers(slots).fill(NONE);
    this.chain = integers(slots).fill(NONE);
    this.link = integers(slots << this.shift);
    this.ready = UNITS.map(() => new Float64Array(slots));
  }

  /** Takes a dispatched instruction in. */
  enter(id: number): void {
    const { flight, following, preceding, end } = this;
    const slot = id & flight.mask;
    const last = preceding[end];
    following[last] = preceding[end] = slot;
    preceding[slot] = last;
    following[slot] = end;
    if (flight.access[slot]) this.accesses.enter(id, slot);
    this.missing[slot] = 0;
    this.chainedTo[slot] = NONE;
    if (this.hasRaw) this.findWriters(slot);
    if (this.missing[slot] === 0) this.makeReady(id, flight.unit[slot]);
    const register = flight.writes[slot];
    if (register >= 0) this.writer[register] = id;
  }

  /** UA-61: it sleeps until the last of its values is written. */
  private findWriters(slot: number): void {
    const { flight, sources, writer, results } = this;
    const from = flight.from[slot];
    const to = flight.to[slot];
    for (let k = from; k < to; k++) {
      const id = writer[sources[k]];
      if (id < results.known) continue;
      const at = id & flight.mask;
      if (flight.written[at] !== NEVER) continue;
      const node = (slot << this.shift) | (k - from);
      if (this.chains && sources[k] === flight.accumulates[slot] && flight.unit[at] === MXU) {
        this.chainedTo[slot] = id;
        if (flight.hasIssued[at] === 0) this.await(this.chain, at, node);
      } else this.await(this.readers, at, node);
    }
  }

  private await(heads: Int32Array, at: number, node: number): void {
    this.link[node] = heads[at];
    heads[at] = node;
    this.missing[node >> this.shift]++;
  }

  /** The value that a list waits for is there. */
  private wake(heads: Int32Array, at: number): void {
    const { link, missing, shift, flight } = this;
    let node = heads[at];
    if (node < 0) return;
    heads[at] = NONE;
    for (; node >= 0; node = link[node]) {
      const slot = node >> shift;
      if (--missing[slot] > 0) continue;
      this.makeReady(this.idOf(slot), flight.unit[slot]);
    }
  }

  /** The number of the instruction in a slot that has not committed. */
  private idOf(slot: number): number {
    const { known } = this.results;
    return known + ((slot - known) & this.flight.mask);
  }

  private makeReady(id: number, kind: number): void {
    const ids = this.ready[kind];
    let i = this.readyCount[kind]++;
    for (; i > 0 && ids[i - 1] > id; i--) ids[i] = ids[i - 1];
    ids[i] = id;
    this.readyKinds |= 1 << kind;
  }

  private removeReady(kind: number, at: number): void {
    const ids = this.ready[kind];
    const count = --this.readyCount[kind];
    for (let i = at; i < count; i++) ids[i] = ids[i + 1];
    if (count === 0) this.readyKinds &= ~(1 << kind);
  }

  /** The result of a slot can be read. */
  publish(slot: number): void {
    this.wake(this.readers, slot);
  }

  /** An access is in WB. */
  leave(id: number): void {
    this.accesses.leave(id);
  }

  /** UA-62: oldest first, until W have issued; returns how many have. */
  issue(cycle: number): number {
    const { cursor, ready, readyCount, width, flight } = this;
    let issued = 0;
    this.next = NEVER;
    let open = this.readyKinds === 0 ? 0 : this.openKinds(cycle);
    while (open !== 0 && issued < width) {
      const kind = (open & (open - 1)) === 0 ? 31 - Math.clz32(open) : this.oldestKind(open);
      const at = cursor[kind];
      const id = ready[kind][at];
      const slot = id & flight.mask;
      if (this.isFree(id, slot, kind, cycle)) {
        this.removeReady(kind, at);
        this.start(id, slot, kind, cycle);
        issued++;
        const opens = kind === DMA ? this.accesses.opensAt : this.units.opensAt[kind];
        if (opens > cycle) open &= ~(1 << kind);
      } else cursor[kind]++;
      if (cursor[kind] >= readyCount[kind]) open &= ~(1 << kind);
    }
    return issued;
  }

  /** Kinds of which any is ready and a unit is open. */
  private openKinds(cycle: number): number {
    let open = 0;
    this.openBefore = NONE;
    for (let kinds = this.readyKinds; kinds !== 0; kinds &= kinds - 1) {
      const kind = 31 - Math.clz32(kinds & -kinds);
      const opens = kind === DMA ? this.accesses.opensAt : this.units.opensAt[kind];
      if (opens > cycle) {
        if (opens < this.next) this.next = opens;
        continue;
      }
      open |= 1 << kind;
      this.cursor[kind] = 0;
      if (kind === DMA) this.openBefore = NEVER;
    }
    return open;
  }

  /** The kind whose next ready instruction is the oldest. */
  private oldestKind(open: number): number {
    const { ready, cursor } = this;
    let oldest = 31 - Math.clz32(open);
    let id = ready[oldest][cursor[oldest]];
    for (let kinds = open & ~(1 << oldest); kinds !== 0; kinds &= kinds - 1) {
      const kind = 31 - Math.clz32(kinds & -kinds);
      const other = ready[kind][cursor[kind]];
      if (other > id) continue;
      oldest = kind;
      id = other;
    }
    return oldest;
  }

  /** Whether one that has its values, of a kind that is open, can issue. */
  private isFree(id: number, slot: number, kind: number, cycle: number): boolean {
    if (kind === DMA) {
      const { accesses } = this;
      if (accesses.isFree(id, slot, cycle)) return true;
      if (accesses.bankReady > cycle && accesses.bankReady < this.next) {
        this.next = accesses.bankReady;
      }
      return false;
    }
    const product = kind === MXU && !this.isOneArray ? this.chainOf(slot, cycle) : NONE;
    if (product < 0) return true;
    const opens = this.units.oneOpensAt(MXU, this.unitIndex[product & this.flight.mask]);
    if (opens > cycle && opens < this.next) this.next = opens;
    return opens <= cycle;
  }

  /** UA-16: the product whose sums stay inside the array, or −1. */
  private chainOf(slot: number, cycle: number): number {
    const product = this.chainedTo[slot];
    if (product < 0) return NONE;
    const { written, mask } = this.flight;
    return cycle < written[product & mask] + this.toReader ? product : NONE;
  }

  private start(id: number, slot: number, kind: number, cycle: number): void {
    const { flight, following, preceding, results, sums } = this;
    following[preceding[slot]] = following[slot];
    preceding[following[slot]] = preceding[slot];
    flight.hasIssued[slot] = 1;
    sums.charge(flight.pc[slot], flight.segment[slot], ISSUE, cycle, cycle + 1);
    if (kind === DMA) {
      const { accesses } = this;
      accesses.issue(slot, cycle);
      this.openBefore = id;
      sums.occupy(kind, cycle, accesses.occupancyCycles);
      results.start(id, accesses.doneCycle);
      return;
    }
    const done = cycle + flight.executeCycles[slot];
    this.close(slot, kind, cycle);
    sums.occupy(kind, cycle, flight.occupancyCycles[slot]);
    results.start(id, done);
    flight.done[slot] = done;
    if (kind === MXU) this.wake(this.chain, slot);
  }

  private close(slot: number, kind: number, cycle: number): void {
    const { units, flight } = this;
    let index = 0;
    if (units.countOf(kind) > 1) {
      const product = kind === MXU ? this.chainOf(slot, cycle) : NONE;
      if (product >= 0) index = this.unitIndex[product & flight.mask];
      else index = units.lowestOpen(kind, cycle);
    }
    this.unitIndex[slot] = index;
    units.close(kind, index, cycle + flight.occupancyCycles[slot]);
  }

  /** UA-32: fills in who is charged of those that wait, oldest first; returns how many. */
  charge(most: number): number {
    const { following, end, missing, chargedSlot, chargedCause } = this;
    let count = 0;
    for (let slot = following[end]; slot !== end && count < most; slot = following[slot]) {
      chargedSlot[count] = slot;
      chargedCause[count++] = missing[slot] > 0 ? RAW : this.causeOf(slot);
    }
    return count;
  }

  private causeOf(slot: number): number {
    const kind = this.flight.unit[slot];
    if (kind !== DMA) return STRUCTURAL[kind];
    const { accesses } = this;
    return this.idOf(slot) < this.openBefore ? accesses.causeOf(slot) : accesses.closedCause;
  }
}
