/** The books of a machine that issues in order: each hazard is a number, the cycle it holds until. */
import type { Work } from '../../../isa/work.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE } from '../event/numbers.ts';
import type { Stream } from '../event/stream.ts';
import type { Sums } from './sums.ts';

/** What sets the in-order machines apart. While an instruction waits, nothing else happens. */
export interface Holder {
  /** Called when the stream has come to another instruction. */
  prepare(): void;
  /** Whether a hazard holds in a cycle; then `cause` is charged for all cycles before `until`. */
  isHeld(cycle: number): boolean;
  /** Issues the instruction, and fills `written` and `occupancyCycles`. */
  issue(cycle: number): void;
  readonly cause: number;
  readonly until: number;
  /** The cycle in which it enters WB. */
  readonly written: number;
  readonly occupancyCycles: number;
}

export class InOrderBooks {
  private readonly stream: Stream;
  private readonly holder: Holder;
  private readonly sums: Sums;
  private readonly limit: number;
  private instructions = 0;
  /** The cycle of the last issue. */
  private issued = NONE;
  /** Cycles of the run so far. */
  private cycles = 0;
  private oldestUnfinished: number | undefined = undefined;
  /** What leaves just at the limit. */
  private readonly leaving: { readonly work: Work; readonly writesRegister: boolean }[] = [];

  constructor(stream: Stream, holder: Holder, sums: Sums, limit: number) {
    this.stream = stream;
    this.holder = holder;
    this.sums = sums;
    this.limit = limit;
  }

  /** Runs to the end of the stream or to the limit. */
  run(): TimingResult {
    const { stream, holder, limit } = this;
    let fetched = 0;
    let isLate = false;
    while (fetched < limit && stream.advance()) {
      const decoded = Math.max(fetched + 1, this.issued); // UA-3
      if (decoded > this.issued) this.chargeGap(decoded + 1, isLate);
      holder.prepare();
      let cycle = decoded + 1;
      while (holder.isHeld(cycle)) {
        this.charge(holder.cause, cycle, holder.until);
        cycle = holder.until;
      }
      holder.issue(cycle);
      this.charge(CAUSE_NUMBER.issue, cycle, cycle + 1);
      this.issued = cycle;
      this.note(cycle);
      isLate = stream.isWaitedFor;
      fetched = isLate ? cycle + stream.executeCycles : decoded; // UA-5, UA-6
    }
    return this.finish(isLate ? fetched : 0);
  }

  /** Charges the instruction that the stream has come to; what is behind the limit is dropped. */
  private charge(cause: number, from: number, to: number): void {
    const cycles = Math.min(to, this.limit) - from;
    if (cycles > 0) this.sums.charge(this.stream.pc, this.stream.segment, cause, cycles);
  }

  private chargeNobody(cause: number, from: number, to: number): void {
    const cycles = Math.min(to, this.limit) - from;
    if (cycles > 0) this.sums.chargeNobody(cause, cycles);
  }

  /** UA-31: nobody is in ID, for the instruction is fetched late, or it is the first. */
  private chargeGap(to: number, isLate: boolean): void {
    if (isLate) this.charge(CAUSE_NUMBER.control, this.issued + 1, to);
    else this.chargeNobody(CAUSE_NUMBER.fill, this.issued + 1, to);
  }

  private note(cycle: number): void {
    const { stream, holder, sums, limit } = this;
    this.instructions++;
    const retires = holder.written + 1;
    if (retires > this.cycles) this.cycles = retires;
    if (cycle < limit) sums.occupy(stream.unit, cycle, holder.occupancyCycles);
    if (retires < limit) sums.retire(stream.work, stream.writes >= 0);
    else this.noteAtLimit(retires);
  }

  /** Whether an instruction that leaves just at the limit has retired is known at the end. */
  private noteAtLimit(retires: number): void {
    this.oldestUnfinished ??= this.stream.pc;
    if (retires > this.limit) return;
    this.leaving.push({ work: this.stream.work, writesRegister: this.stream.writes >= 0 });
  }

  /** `resolved` is when a branch that fetching waited for has left EX, with nothing behind it (UA-35). */
  private finish(resolved: number): TimingResult {
    const { stream, limit, sums } = this;
    const isCutOff = !stream.isOver || this.cycles > limit;
    const cycles = isCutOff ? limit : this.cycles;
    if (resolved > 0) this.charge(CAUSE_NUMBER.control, this.issued + 1, resolved);
    this.chargeNobody(CAUSE_NUMBER.drain, Math.max(this.issued + 1, resolved), cycles);
    if (!isCutOff) for (const { work, writesRegister } of this.leaving) sums.retire(work, writesRegister);
    const cutOffAt = isCutOff ? (this.oldestUnfinished ?? 0) : undefined;
    return { cycles, instructions: this.instructions, cutOffAt };
  }
}
