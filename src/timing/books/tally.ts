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
  /** Of the instructions in flight, by number modulo a power of two; the number is −1 where there is none. */
  private id: Float64Array;
  private pc: Int32Array;
  private segment: Int32Array;
  /** `control` cycles of a successor that is not fetched yet: from when, and how many. */
  private readonly early: { from: number; to: number }[] = [];

  constructor(sums: Sums, inFlight: number) {
    const size = 2 ** Math.ceil(Math.log2(inFlight + 1));
    this.sums = sums;
    this.id = new Float64Array(size).fill(NONE);
    this.pc = new Int32Array(size);
    this.segment = new Int32Array(size);
  }

  private placeOf(id: number): number {
    return id & (this.id.length - 1);
  }

  fetch(id: number, pc: number, segment: number): void {
    // Instructions leave out of order: an old one may still have the place of a new one.
    while (this.id[this.placeOf(id)] >= 0) this.grow();
    const at = this.placeOf(id);
    this.id[at] = id;
    this.pc[at] = pc;
    this.segment[at] = segment;
    this.next = id + 1;
    if (this.early.length > 0) this.settleEarly(id);
  }

  private grow(): void {
    const { id, pc, segment } = this;
    const size = 2 * id.length;
    this.id = new Float64Array(size).fill(NONE);
    this.pc = new Int32Array(size);
    this.segment = new Int32Array(size);
    for (let i = 0; i < id.length; i++) {
      const at = this.placeOf(id[i]);
      if (id[i] < 0) continue;
      this.id[at] = id[i];
      this.pc[at] = pc[i];
      this.segment[at] = segment[i];
    }
  }

  occupy(kind: number, cycle: number, cycles: number): void {
    this.sums.occupy(kind, cycle, cycles);
  }

  retire(id: number, work: Work, writesRegister: boolean): void {
    this.id[this.placeOf(id)] = NONE;
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
    const at = this.placeOf(id);
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
