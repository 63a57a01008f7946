/** Memory accesses on Tomasulo's machine, from dispatch to WB (UA-28, UA-62, UA-63). */
import type { Machine } from '../../machine/machine.ts';
import { CAUSE_NUMBER, NONE } from '../event/numbers.ts';
import { DONE as MEMORY_DONE, Memory, OCCUPANCY } from './memory.ts';
import type { Ring } from './tomasulo-ring.ts';
import {
  CYCLE,
  DONE,
  FLOAT_ROW,
  HAS_ISSUED,
  NEVER,
  ROW,
  VARIANT,
  WRITTEN,
} from './tomasulo-ring.ts';
import { COST, COSTS, FIELD } from './variants.ts';

const QUEUE = CAUSE_NUMBER['structural.queue'];
const BANDWIDTH = CAUSE_NUMBER['memory.bandwidth'];
const BANK = CAUSE_NUMBER['structural.bank'];
const ORDER = CAUSE_NUMBER['memory.order'];

/** Places of cycles: the first in which the way to memory is open again, … */
const OPEN_AT = 0;
const OCCUPIED = 1;
const BANK_READY = 2;

export class Accesses {
  private readonly ring: Ring;
  private readonly memory: Memory;
  private readonly most: number;
  private readonly hasOrder: boolean;
  /** Without row misses no bank is busy when the bus is free; with a cache banks are not asked. */
  private readonly hasBanks: boolean;
  /** Slots of those dispatched and not in WB, in program order, in a ring; and how many have issued. */
  private readonly queue: Int32Array;
  private first = 0;
  private last = 0;
  private issued = 0;
  private readonly cycles = new Float64Array(3);
  /** Of each slot: whether it writes, and the bytes from `low` up to, not including, `end`. */
  private readonly isWrite: Uint8Array;
  private readonly low: Float64Array;
  private readonly end: Float64Array;
  /** Of each slot: an earlier access that it waits for, or −1; and why it did not issue. */
  private readonly blocker: Int32Array;
  private readonly cause: Uint8Array;

  constructor(machine: Machine, ring: Ring) {
    const { memory, cache, pipeline } = machine;
    const { slots } = ring;
    this.ring = ring;
    this.memory = new Memory(machine, ring.variants.works);
    this.most = memory.requestsInFlight;
    this.hasOrder = pipeline.dependencies;
    this.hasBanks = cache === null && memory.rowMissCycles > 0;
    this.queue = new Int32Array(slots);
    this.isWrite = new Uint8Array(slots);
    this.low = new Float64Array(slots);
    this.end = new Float64Array(slots);
    this.blocker = new Int32Array(slots);
    this.cause = new Uint8Array(slots);
  }

  /** The first cycle in which any access may issue; not known while the queue is full. */
  get opensAt(): number {
    return this.issued < this.most ? this.cycles[OPEN_AT] : NEVER;
  }

  /** Why accesses wait while memory is closed. */
  get closedCause(): number {
    return this.issued < this.most ? BANDWIDTH : QUEUE;
  }

  /** When the bank that an access was asked for last is ready for it. */
  get bankReady(): number {
    return this.cycles[BANK_READY];
  }

  /** Of the access that issued last. */
  get occupancy(): number {
    return this.cycles[OCCUPIED];
  }

  /** What `isFree` found. */
  causeOf(slot: number): number {
    return this.cause[slot];
  }

  enter(slot: number): void {
    const { ring } = this;
    const { fields, costs, stride } = ring.variants;
    const variant = ring.ints[(slot << ROW) + VARIANT];
    const address = ring.address[slot];
    this.isWrite[slot] = fields[variant * stride + FIELD.isWrite];
    this.low[slot] = address + costs[variant * COSTS + COST.low];
    this.end[slot] = address + costs[variant * COSTS + COST.end];
    this.blocker[slot] = NONE;
    this.queue[this.last] = slot;
    this.last = (this.last + 1) & ring.mask;
  }

  /** Whether an access may issue, where memory is open; if not, notes why. */
  isFree(slot: number): boolean {
    if (this.hasBanks && this.isBankBusy(slot)) {
      this.cause[slot] = BANK;
      return false;
    }
    this.cause[slot] = ORDER;
    return !this.hasOrder || !this.isBehind(slot);
  }

  private isBankBusy(slot: number): boolean {
    const { memory, cycles } = this;
    this.prepare(slot);
    cycles[BANK_READY] = memory.firstBankReadyAt() - 1;
    return cycles[BANK_READY] > this.ring.times[CYCLE];
  }

  private prepare(slot: number): void {
    const { ring } = this;
    const { fields, stride } = ring.variants;
    const variant = ring.ints[(slot << ROW) + VARIANT];
    this.memory.prepare(fields[variant * stride + FIELD.access], ring.address[slot]);
  }

  /** UA-63; looks for another access to wait for only when the one that it waited for is over. */
  private isBehind(slot: number): boolean {
    const { queue, low, end, blocker, first } = this;
    const { mask } = this.ring;
    if (blocker[slot] >= 0 && !this.isOver(slot, blocker[slot])) return true;
    const from = low[slot];
    const to = end[slot];
    let i = (this.last - 1) & mask;
    while (queue[i] !== slot) i = (i - 1) & mask;
    while (i !== first) {
      i = (i - 1) & mask;
      const earlier = queue[i];
      if (low[earlier] >= to || from >= end[earlier] || this.isOver(slot, earlier)) continue;
      blocker[slot] = earlier;
      return true;
    }
    return false;
  }

  /**
   * Whether an access need not wait for an earlier one any more: a write when that has issued, a
   * read when it is a read or is done. One that issues in this cycle has closed memory for it.
   */
  private isOver(slot: number, earlier: number): boolean {
    const { isWrite, ring } = this;
    if (isWrite[slot] === 1) return ring.ints[(earlier << ROW) + HAS_ISSUED] === 1;
    return isWrite[earlier] === 0 || ring.floats[(earlier << FLOAT_ROW) + WRITTEN] !== NEVER;
  }

  /** Requests an access that is free. */
  issue(slot: number): void {
    const { memory, cycles } = this;
    const { times } = this.ring;
    if (!this.hasBanks) this.prepare(slot);
    memory.request(times[CYCLE] + 1, NONE); // UA-14
    times[DONE] = memory.latest[MEMORY_DONE];
    cycles[OCCUPIED] = memory.latest[OCCUPANCY];
    cycles[OPEN_AT] = times[CYCLE] + cycles[OCCUPIED];
    this.issued++;
  }

  /** An access is in WB. */
  leave(slot: number): void {
    const { queue, first } = this;
    const { mask } = this.ring;
    this.issued--;
    let i = first;
    while (queue[i] !== slot) i = (i + 1) & mask;
    for (; i !== first; i = (i - 1) & mask) queue[i] = queue[(i - 1) & mask];
    this.first = (first + 1) & mask;
  }
}
