/** The books: what each issue slot is charged to, in runs that are as long as can be (UA-30). */
import { CAUSES } from '../causes.ts';
import { CAUSE_NUMBER, NONE } from './numbers.ts';
import type { Outlet } from './outlet.ts';
import type { Wait } from './wait.ts';

/** The run of a slot that may still grow. */
interface Run {
  from: number;
  to: number;
  cause: number;
  id: number;
  producer: number;
  register: number;
  causes: number;
}

/** Who is told to what the issue slots are charged, slot by slot in the order of cycles. */
export interface Ledger {
  /** Charges a slot for the cycles `from` up to, not including, `to` to a cause, in no wait. */
  charge(
    slot: number,
    from: number,
    to: number,
    cause: number,
    id?: number,
    producer?: number,
  ): void;
  /** Charges a slot for an instruction that waits. */
  chargeWait(slot: number, from: number, to: number, id: number, wait: Wait): void;
  chargeIssue(slot: number, cycle: number, id: number): void;
  /** Nothing more is charged. */
  finish(): void;
}

/** Makes events of charges. */
export class Books implements Ledger {
  /** Cycles charged to each cause, over all slots, in the order of CAUSES. */
  private readonly totals: Float64Array;
  private readonly outlet: Outlet;
  private readonly limit: number;
  private readonly runs: readonly Run[];

  /** Charges behind the cycle `limit` are dropped; `totals` is added to. */
  constructor(outlet: Outlet, width: number, limit: number, totals?: Float64Array) {
    this.outlet = outlet;
    this.limit = limit;
    this.totals = totals ?? new Float64Array(CAUSES.length);
    this.runs = Array.from({ length: width }, () => ({
      from: 0,
      to: 0,
      cause: NONE,
      id: NONE,
      producer: NONE,
      register: NONE,
      causes: 0,
    }));
  }

  charge(slot: number, from: number, to: number, cause: number, id = NONE, producer = NONE): void {
    this.enter(slot, from, to, cause, id, producer, NONE, 1 << cause);
  }

  chargeWait(slot: number, from: number, to: number, id: number, wait: Wait): void {
    this.enter(slot, from, to, wait.cause, id, wait.producer, wait.register, wait.causes);
  }

  chargeIssue(slot: number, cycle: number, id: number): void {
    this.charge(slot, cycle, cycle + 1, CAUSE_NUMBER.issue, id);
  }

  /** Hands out the last run of each slot. */
  finish(): void {
    this.runs.forEach((run, slot) => this.emit(slot, run));
  }

  private enter(
    slot: number,
    from: number,
    to: number,
    cause: number,
    id: number,
    producer: number,
    register: number,
    causes: number,
  ): void {
    const end = Math.min(to, this.limit);
    if (end <= from) return;
    this.totals[cause] += end - from;
    const run = this.runs[slot];
    if (
      run.cause === cause &&
      run.id === id &&
      run.producer === producer &&
      run.register === register &&
      run.causes === causes
    ) {
      run.to = end;
      return;
    }
    this.emit(slot, run);
    run.from = from;
    run.to = end;
    run.cause = cause;
    run.id = id;
    run.producer = producer;
    run.register = register;
    run.causes = causes;
  }

  private emit(slot: number, run: Run): void {
    if (run.to === run.from) return;
    this.outlet.put({
      kind: 'charge',
      cycle: run.from,
      cycles: run.to - run.from,
      slot,
      cause: CAUSES[run.cause],
      id: run.id,
      producer: run.producer,
      register: run.register,
      causes: run.causes,
    });
  }
}
