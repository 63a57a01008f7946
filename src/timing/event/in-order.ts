/** Machines that issue in order: every stage of an instruction follows from those before it. */
import { UNITS, bytesOf, macsOf } from '../../../isa/work.ts';
import type { TimingResult } from '../engine.ts';
import type { StageEvent } from '../events.ts';
import type { Books } from './books.ts';
import { CAUSE_NUMBER, NONE } from './numbers.ts';
import type { Outlet } from './outlet.ts';
import type { Stream } from './stream.ts';
import type { Wait } from './wait.ts';
import { requireEnd } from './wait.ts';

/** What sets the in-order machines apart: when an instruction may issue, and what follows. */
export interface Issuer {
  readonly wait: Wait;
  /** Called when the stream has come to another instruction. */
  prepare(): void;
  /** Whether a hazard holds in a cycle; `wait` says which, and until when. */
  isHeld(cycle: number): boolean;
  /** Issues the instruction and fills the fields below. */
  issue(cycle: number, id: number): void;
  /** The cycles in which it enters MEM and WB. */
  readonly mem: number;
  readonly written: number;
  readonly occupancyCycles: number;
  /** As in IssueEvent. */
  readonly latencyCycles: number;
}

export class InOrder {
  private readonly stream: Stream;
  private readonly issuer: Issuer;
  private readonly books: Books;
  private readonly outlet: Outlet;
  private readonly limit: number;
  private id = 0;
  private issued = NONE;
  /** Cycles of the run so far. */
  private cycles = 0;
  private oldestUnfinished: number | undefined = undefined;

  constructor(stream: Stream, issuer: Issuer, books: Books, outlet: Outlet, limit: number) {
    this.stream = stream;
    this.issuer = issuer;
    this.books = books;
    this.outlet = outlet;
    this.limit = limit;
  }

  /** Runs to the end of the stream or to the limit. */
  run(): TimingResult {
    const { stream, issuer } = this;
    let fetched = 0;
    let isLate = false;
    while (fetched < this.limit && stream.advance()) {
      const decoded = Math.max(fetched + 1, this.issued); // UA-3
      if (decoded > this.issued) this.chargeGap(decoded + 1, isLate);
      const issued = this.waitInDecode(decoded + 1);
      issuer.issue(issued, this.id);
      this.books.chargeIssue(0, issued, this.id);
      this.finishInstruction(fetched, decoded, issued);
      isLate = stream.isWaitedFor;
      fetched = isLate ? issued + stream.executeCycles : decoded; // UA-5, UA-6
      // The charge of this issue is open, and behind the limit nothing is to come.
      this.outlet.emitBefore(Math.min(fetched, issued + 1, this.limit));
    }
    const resolved = isLate ? fetched : 0;
    return this.finish(resolved, !stream.isOver);
  }

  /** UA-31: nobody is in ID, for the instruction is fetched late, or it is the first. */
  private chargeGap(to: number, isLate: boolean): void {
    if (!isLate) this.books.charge(0, this.issued + 1, to, CAUSE_NUMBER.fill);
    else this.books.charge(0, this.issued + 1, to, CAUSE_NUMBER.control, this.id, this.id - 1);
  }

  /** Charges the wait, jumping from one change to the next; returns the cycle of issue (UA-4). */
  private waitInDecode(earliest: number): number {
    const { issuer, books, id } = this;
    let cycle = earliest;
    issuer.prepare();
    while (issuer.isHeld(cycle)) {
      const { wait } = issuer;
      requireEnd(wait, cycle, id);
      books.chargeWait(0, cycle, wait.until, id, wait);
      cycle = wait.until;
    }
    return cycle;
  }

  private finishInstruction(fetched: number, decoded: number, issued: number): void {
    const retires = this.issuer.written + 1;
    if (retires > this.cycles) this.cycles = retires;
    if (retires >= this.limit) this.oldestUnfinished ??= this.stream.pc;
    this.announce(fetched, decoded, issued);
    this.issued = issued;
    this.id++;
  }

  private announce(fetched: number, decoded: number, issued: number): void {
    const { stream, issuer, id, outlet } = this;
    const stage = (cycle: number, name: StageEvent['stage']) =>
      outlet.put({ kind: 'stage', cycle, id, stage: name });
    outlet.put({ kind: 'fetch', cycle: fetched, id, pc: stream.pc });
    stage(decoded, 'ID');
    outlet.put({
      kind: 'issue',
      cycle: issued,
      id,
      unit: UNITS[stream.unit],
      latencyCycles: issuer.latencyCycles,
      occupancyCycles: issuer.occupancyCycles,
      macs: macsOf(stream.work),
      bytes: bytesOf(stream.work),
    });
    stage(issuer.mem, 'MEM');
    stage(issuer.written, 'WB');
    outlet.put({ kind: 'retire', cycle: issuer.written + 1, id });
  }

  /** `resolved` is when a branch that fetching waited for has left EX, with nothing behind it (UA-35). */
  private finish(resolved: number, hasMore: boolean): TimingResult {
    const { books, limit } = this;
    const isCutOff = hasMore || this.cycles > limit;
    const cycles = isCutOff ? limit : this.cycles;
    if (resolved > 0) {
      books.charge(0, this.issued + 1, resolved, CAUSE_NUMBER.control, this.id, this.id - 1);
    }
    books.charge(0, Math.max(this.issued + 1, resolved), cycles, CAUSE_NUMBER.drain);
    books.finish();
    this.outlet.finish(cycles, isCutOff);
    return {
      cycles,
      instructions: this.id,
      cutOffAt: isCutOff ? (this.oldestUnfinished ?? 0) : undefined,
    };
  }
}
