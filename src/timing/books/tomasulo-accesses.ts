/** Memory accesses on Tomasulo's machine, from dispatch to WB (UA-28, UA-62, UA-63). */
import type { Machine } from '../../machine/machine.ts';
import { MemoryModel } from '../event/memory.ts';
import { CAUSE_NUMBER, NONE } from '../event/numbers.ts';
import type { Flight } from './tomasulo-flight.ts';
import { NEVER } from './tomasulo-flight.ts';

const QUEUE = CAUSE_NUMBER['structural.queue'];
const BANDWIDTH = CAUSE_NUMBER['memory.bandwidth'];
const BANK = CAUSE_NUMBER['structural.bank'];
const ORDER = CAUSE_NUMBER['memory.order'];

export class Accesses {
  /** When the bank that an access waited for last is ready. */
  bankReady = NEVER;
  /** Of the access that issued last. */
  doneCycle = 0;
  occupancyCycles = 0;
  private readonly flight: Flight;
  private readonly memory: MemoryModel;
  private readonly most: number;
  private readonly hasOrder: boolean;
  /** Without row misses no bank is busy when the bus is free; with a cache banks are not asked. */
  private readonly hasBanks: boolean;
  /** Dispatched and not in WB, in program order; and how many of them have issued. */
  private readonly ids: Float64Array;
  private count = 0;
  private issued = 0;
  /** The first cycle in which the way to memory is open again. */
  private openAt = 0;
  /** Of each slot: an earlier access that it waits for, or −1; and why it did not issue. */
  private readonly blocker: Float64Array;
  private readonly cause: Uint8Array;

  constructor(machine: Machine, flight: Flight) {
    const { memory, cache, pipeline } = machine;
    this.flight = flight;
    this.memory = new MemoryModel(machine);
    this.most = memory.requestsInFlight;
    this.hasOrder = pipeline.dependencies;
    this.hasBanks = cache === null && memory.rowMissCycles > 0;
    this.ids = new Float64Array(flight.slots);
    this.blocker = new Float64Array(flight.slots);
    this.cause = new Uint8Array(flight.slots);
  }

  /** The first cycle in which any access may issue; not known while the queue is full. */
  get opensAt(): number {
    return this.issued < this.most ? this.openAt : NEVER;
  }

  /** Why accesses wait while memory is closed. */
  get closedCause(): number {
    return this.issued < this.most ? BANDWIDTH : QUEUE;
  }

  /** What `isFree` found. */
  causeOf(slot: number): number {
    return this.cause[slot];
  }

  enter(id: number, slot: number): void {
    this.ids[this.count++] = id;
    this.blocker[slot] = NONE;
  }

  /** Whether an access may issue, where memory is open; if not, notes why. */
  isFree(id: number, slot: number, cycle: number): boolean {
    if (this.hasBanks && this.isBankBusy(slot, cycle)) {
      this.cause[slot] = BANK;
      return false;
    }
    this.cause[slot] = ORDER;
    return !this.hasOrder || !this.isBehind(id, slot);
  }

  private isBankBusy(slot: number, cycle: number): boolean {
    const { memory } = this;
    this.bankReady = memory.bankReadyAt(memory.firstBank(this.flight.access[slot]!)) - 1;
    return this.bankReady > cycle;
  }

  /** UA-63; looks for another access to wait for only when the one that it waited for is over. */
  private isBehind(id: number, slot: number): boolean {
    const { ids, flight, blocker } = this;
    const { mask, low, end } = flight;
    if (blocker[slot] >= 0 && !this.isOver(slot, blocker[slot] & mask)) return true;
    let i = this.count - 1;
    while (ids[i] !== id) i--;
    while (--i >= 0) {
      const earlier = ids[i] & mask;
      if (low[earlier] >= end[slot] || low[slot] >= end[earlier]) continue;
      if (this.isOver(slot, earlier)) continue;
      blocker[slot] = ids[i];
      return true;
    }
    return false;
  }

  /**
   * Whether an access need not wait for an earlier one any more: a write when that has issued, a
   * read when it is a read or is done. One that issues in this cycle has closed memory for it.
   */
  private isOver(slot: number, earlier: number): boolean {
    const { isWrite, hasIssued, written } = this.flight;
    if (isWrite[slot] === 1) return hasIssued[earlier] === 1;
    return isWrite[earlier] === 0 || written[earlier] !== NEVER;
  }

  issue(slot: number, cycle: number): void {
    const { memory } = this;
    memory.plan(this.flight.access[slot]!);
    memory.request(cycle + 1, NONE); // UA-14
    this.doneCycle = memory.doneCycle;
    this.occupancyCycles = memory.occupancyCycles;
    this.openAt = cycle + memory.occupancyCycles;
    this.issued++;
  }

  /** An access is in WB. */
  leave(id: number): void {
    const { ids } = this;
    let i = 0;
    while (ids[i] !== id) i++;
    this.count--;
    this.issued--;
    for (; i < this.count; i++) ids[i] = ids[i + 1];
  }
}
