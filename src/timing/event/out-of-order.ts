/** Machines that issue out of order: from one cycle in which something can change to the next. */
import type { TimingResult } from '../engine.ts';
import { CAUSES } from '../causes.ts';
import type { Ledger } from './books.ts';
import type { Flow } from './flow.ts';
import type { FrontEnd } from './front-end.ts';
import { IssueSlots, setPlain } from './issue-slots.ts';
import { CAUSE_NUMBER, NONE } from './numbers.ts';
import type { Outlet } from './outlet.ts';
import { Wait } from './wait.ts';

/** What sets the out-of-order machines apart: everything behind ID. */
export interface Core {
  /** Lets instructions leave, finish and issue in a cycle; fills the issue slots. */
  advance(cycle: number, slots: IssueSlots): void;
  /** Dispatches an instruction, or says in `wait` why not. */
  dispatch(slot: number, cycle: number, wait: Wait): boolean;
  /** The oldest instruction that has been dispatched and has not retired, or −1. */
  oldest(): number;
  /** Whether all of them are in their last stage in the cycle before. */
  isLeaving(cycle: number): boolean;
}

export class OutOfOrder {
  private readonly core: Core;
  private readonly flow: Flow;
  private readonly front: FrontEnd;
  private readonly books: Ledger;
  private readonly outlet: Outlet | undefined;
  private readonly limit: number;
  private readonly width: number;
  private readonly slots: IssueSlots;
  /** Who was kept in ID by a dispatch hazard, and why: in this cycle, and in the one before. */
  private held = new Wait();
  private heldId = NONE;
  private heldBefore = new Wait();
  private heldBeforeId = NONE;
  private readonly rest = new Wait();
  private restId = NONE;

  constructor(
    core: Core,
    flow: Flow,
    front: FrontEnd,
    books: Ledger,
    outlet: Outlet | undefined,
    { limit, width }: { readonly limit: number; readonly width: number },
  ) {
    this.core = core;
    this.flow = flow;
    this.front = front;
    this.books = books;
    this.outlet = outlet;
    this.limit = limit;
    this.width = width;
    this.slots = new IssueSlots(books, width);
  }

  /** Runs to the end of the stream or to the limit. */
  run(): TimingResult {
    const { flow, core, front, slots, limit } = this;
    let cycle = 0;
    while (cycle < limit) {
      flow.beginCycle();
      slots.clear();
      core.advance(cycle, slots);
      const oldest = front.oldest();
      this.dispatch(cycle);
      front.decode(cycle);
      front.fetch(cycle);
      if (this.isEmpty()) return this.finish(cycle, false);
      this.chargeRest(oldest);
      const next = this.nextCycle(cycle);
      slots.settle(cycle, next, this.rest, this.restId);
      this.outlet?.emitBefore(cycle);
      cycle = next;
    }
    return this.finish(limit, !this.endsWith(limit));
  }

  private isEmpty(): boolean {
    return this.front.isOver && this.front.oldest() < 0 && this.core.oldest() < 0;
  }

  /** Whether the last instruction leaves just when the limit is reached. */
  private endsWith(limit: number): boolean {
    const { front, core } = this;
    return front.isOver && front.oldest() < 0 && core.isLeaving(limit);
  }

  /** Dispatches up to W instructions in program order, up to the first that has to wait. */
  private dispatch(cycle: number): void {
    const { decoding } = this.front;
    const { pool } = this.flow;
    [this.held, this.heldBefore] = [this.heldBefore, this.held];
    this.heldBeforeId = this.heldId;
    this.heldId = NONE;
    for (let n = 0; n < this.width && decoding.length > 0; n++) {
      const slot = decoding.first();
      if (pool.decoded[slot] >= cycle) return;
      if (!this.core.dispatch(slot, cycle, this.held)) {
        this.heldId = pool.id[slot];
        return;
      }
      decoding.removeAt(0);
    }
  }

  /** UA-32: what the slots are charged to that no dispatched instruction takes. */
  private chargeRest(oldest: number): void {
    const { rest, front, flow } = this;
    const first = oldest >= 0 ? oldest : front.fetching.first();
    const id = first >= 0 ? flow.pool.id[first] : front.nextId;
    if (id === this.heldId || id === this.heldBeforeId) {
      rest.copy(id === this.heldId ? this.held : this.heldBefore);
      this.restId = id;
      return;
    }
    const isControl = first >= 0 ? flow.pool.isLate[first] === 1 : front.isWaiting;
    this.restId = isControl ? id : NONE;
    if (isControl) setPlain(rest, CAUSE_NUMBER.control, id - 1);
    else setPlain(rest, first >= 0 || !front.isOver ? CAUSE_NUMBER.fill : CAUSE_NUMBER.drain);
  }

  /** The next cycle in which anything can be different. */
  private nextCycle(cycle: number): number {
    const { flow } = this;
    if (flow.hasHappened) return cycle + 1;
    flow.noteExecuting(cycle);
    if (flow.next === Infinity) throw this.stuck(cycle);
    return Math.min(flow.next, this.limit);
  }

  /** By the rules something always moves. */
  private stuck(cycle: number): Error {
    const what: string = CAUSES[this.rest.cause];
    return new Error(`invariant: from cycle ${cycle} nothing moves; the next waits for ${what}`);
  }

  private finish(cycles: number, isCutOff: boolean): TimingResult {
    const { books, outlet, core, front, flow } = this;
    if (!isCutOff && core.oldest() >= 0) core.advance(cycles, this.slots);
    books.finish();
    outlet?.finish(cycles, isCutOff);
    const oldest = core.oldest() >= 0 ? core.oldest() : front.oldest();
    const pc = oldest >= 0 ? flow.pool.pc[oldest] : 0;
    return { cycles, instructions: front.nextId, cutOffAt: isCutOff ? pc : undefined };
  }
}
