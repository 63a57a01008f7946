/** Fetch and decode of the out-of-order machines (UA-3, UA-5, UA-6). */
import type { Flow } from './flow.ts';
import { NONE } from './numbers.ts';
import { NEVER } from './pool.ts';
import { SlotList } from './slots.ts';
import type { Stream } from './stream.ts';

export class FrontEnd {
  /** In IF and in ID, in program order; W of each. */
  readonly fetching: SlotList;
  readonly decoding: SlotList;
  /** Number of the next instruction to fetch. */
  nextId = 0;
  private readonly stream: Stream;
  private readonly flow: Flow;
  private readonly width: number;
  /** The branch that fetching waits for, or −1. */
  private waitedSlot = NONE;
  private isNextLate = false;

  constructor(stream: Stream, flow: Flow, width: number) {
    this.stream = stream;
    this.flow = flow;
    this.width = width;
    this.fetching = new SlotList(width);
    this.decoding = new SlotList(width);
  }

  /** No instruction will be fetched any more. */
  get isOver(): boolean {
    return this.stream.isOver && !this.isWaiting;
  }

  /** Fetching waits for a branch that has not left EX. */
  get isWaiting(): boolean {
    return this.waitedSlot >= 0;
  }

  /** The oldest instruction that is in IF or ID, or −1. */
  oldest(): number {
    return this.decoding.length > 0 ? this.decoding.first() : this.fetching.first();
  }

  /** Moves from IF to ID what fits (UA-3). */
  decode(cycle: number): void {
    const { fetching, decoding, flow, width } = this;
    while (decoding.length < width && fetching.length > 0) {
      const slot = fetching.first();
      if (flow.pool.fetched[slot] >= cycle) return;
      fetching.removeAt(0);
      decoding.push(slot);
      flow.pool.decoded[slot] = cycle;
      flow.enter(slot, cycle, 'ID');
    }
  }

  /** Fetches what fits (UA-5), unless fetching waits for a branch (UA-6). */
  fetch(cycle: number): void {
    if (this.waitedSlot >= 0 && !this.isResolved(cycle)) return;
    const { fetching, stream, flow, width } = this;
    while (fetching.length < width && !stream.isOver && !this.isWaiting) {
      if (!stream.advance()) return;
      const slot = flow.pool.take(stream, this.nextId++, cycle, this.isNextLate);
      fetching.push(slot);
      flow.fetch(slot, cycle, stream.segment);
      this.isNextLate = stream.isWaitedFor;
      if (stream.isWaitedFor) this.waitedSlot = slot;
    }
  }

  /** Whether the branch that fetching waits for has left EX. */
  private isResolved(cycle: number): boolean {
    const { pool } = this.flow;
    const { waitedSlot } = this;
    if (pool.issued[waitedSlot] === NEVER) return false;
    const resolved = pool.issued[waitedSlot] + pool.executeCycles[waitedSlot];
    if (cycle < resolved) {
      this.flow.mayHappen(resolved, cycle);
      return false;
    }
    this.waitedSlot = NONE;
    this.flow.hasHappened = true;
    return true;
  }
}
