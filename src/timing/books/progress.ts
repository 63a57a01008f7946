/** How far a run in program order has come, and how it ends (UA-2, UA-31, UA-35). */
import type { Work } from '../../../isa/work.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER } from '../event/numbers.ts';
import type { Stream } from '../event/stream.ts';
import type { Sums } from './sums.ts';

/** An instruction that leaves the pipeline in just the cycle in which the run is cut off. */
interface Leaving {
  readonly work: Work;
  readonly macs: number;
  readonly writesRegister: boolean;
}

export class Progress {
  private readonly stream: Stream;
  private readonly sums: Sums;
  private readonly limit: number;
  private instructions = 0;
  /** Cycles of the run so far. */
  private cycles = 0;
  private oldestUnfinished: number | undefined = undefined;
  private readonly leaving: Leaving[] = [];

  constructor(stream: Stream, sums: Sums, limit: number) {
    this.stream = stream;
    this.sums = sums;
    this.limit = limit;
  }

  /** Notes an instruction that issues in `issued`, closes its unit, and is in WB in `written`. */
  note(issued: number, occupancyCycles: number, written: number): void {
    const { stream, sums, limit } = this;
    this.instructions++;
    if (written >= this.cycles) this.cycles = written + 1;
    if (issued < limit) sums.occupy(stream.unit, issued, occupancyCycles);
    if (written + 1 < limit) sums.retire(stream.work, stream.macs, stream.writes >= 0);
    else this.noteAtLimit(written + 1);
  }

  /** Whether one that leaves just at the limit has retired is known at the end. */
  private noteAtLimit(retires: number): void {
    const { pc, work, macs, writes } = this.stream;
    this.oldestUnfinished ??= pc;
    if (retires === this.limit) this.leaving.push({ work, macs, writesRegister: writes >= 0 });
  }

  /** `issued` is the last issue; `resolved` when a branch that fetching waits for has left EX. */
  finish(issued: number, resolved: number): TimingResult {
    const { stream, limit, sums } = this;
    const isCutOff = !stream.isOver || this.cycles > limit;
    const cycles = isCutOff ? limit : this.cycles;
    sums.charge(stream.pc, stream.segment, CAUSE_NUMBER.control, issued + 1, resolved);
    sums.chargeNobody(CAUSE_NUMBER.drain, Math.max(issued + 1, resolved), cycles);
    const retired = isCutOff ? [] : this.leaving;
    for (const { work, macs, writesRegister } of retired) sums.retire(work, macs, writesRegister);
    const cutOffAt = isCutOff ? (this.oldestUnfinished ?? 0) : undefined;
    return { cycles, instructions: this.instructions, cutOffAt };
  }
}
