/** A ledger that only adds up: who is charged is looked up by the number of the instruction. */
import type { Work } from '../../../isa/work.ts';
import { macsOf } from '../../../isa/work.ts';
import type { Ledger } from '../event/books.ts';
import { CAUSE_NUMBER, NONE } from '../event/numbers.ts';
import type { Wait } from '../event/wait.ts';
import type { Sums } from './sums.ts';

export class Tally implements Ledger {
  private readonly sums: Sums;
  /** Number of the next instruction to be fetched. */
  private next = 0;
  /** Code address and segment of the instructions in flight, by number modulo a power of two. */
  private readonly mask: number;
  private readonly pc: Int32Array;
  private readonly segment: Int32Array;
  /** `control` cycles of a successor that is not fetched yet: from when, and how many. */
  private readonly early: { from: number; to: number }[] = [];

  constructor(sums: Sums, inFlight: number) {
    const size = 2 ** Math.ceil(Math.log2(inFlight + 1));
    this.sums = sums;
    this.mask = size - 1;
    this.pc = new Int32Array(size);
    this.segment = new Int32Array(size);
  }

  fetch(id: number, pc: number, segment: number): void {
    this.pc[id & this.mask] = pc;
    this.segment[id & this.mask] = segment;
    this.next = id + 1;
    if (this.early.length > 0) this.settleEarly(id);
  }

  occupy(kind: number, cycle: number, cycles: number): void {
    this.sums.occupy(kind, cycle, cycles);
  }

  retire(work: Work, writesRegister: boolean): void {
    this.sums.retire(work, macsOf(work), writesRegister);
  }

  charge(_slot: number, from: number, to: number, cause: number, id = NONE): void {
    if (id < 0) this.sums.chargeNobody(cause, from, to);
    else if (id >= this.next) this.early.push({ from, to });
    else this.chargeTo(id, cause, from, to);
  }

  chargeWait(slot: number, from: number, to: number, id: number, { cause }: Wait): void {
    this.charge(slot, from, to, cause, id);
  }

  chargeIssue(_slot: number, cycle: number, id: number): void {
    this.chargeTo(id, CAUSE_NUMBER.issue, cycle, cycle + 1);
  }

  private chargeTo(id: number, cause: number, from: number, to: number): void {
    const at = id & this.mask;
    this.sums.charge(this.pc[at], this.segment[at], cause, from, to);
  }

  /** Where nothing was fetched behind a branch, the branch is charged with what it cost. */
  finish(): void {
    if (this.early.length > 0) this.settleEarly(this.next - 1);
  }

  private settleEarly(id: number): void {
    for (const { from, to } of this.early) this.chargeTo(id, CAUSE_NUMBER.control, from, to);
    this.early.length = 0;
  }
}
