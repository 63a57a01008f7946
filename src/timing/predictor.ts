/** Branch prediction: behind which branches and jumps fetching has to wait (UA-6). */
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Pipeline } from '../machine/machine.ts';

/** A counter from 0 to 3; 2 and 3 predict taken. */
const FIRST_COUNT = 1;
const LAST_COUNT = 3;
const TAKEN_FROM = 2;

/** Asked once for each instruction, in the order of fetching. */
export class Predictor {
  private readonly pipeline: Pipeline;
  private readonly counters: Uint8Array;

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline;
    this.counters = new Uint8Array(pipeline.branchTableEntries).fill(FIRST_COUNT);
  }

  /** Whether nothing is fetched behind the instruction at `pc` until it has left EX. */
  stopsFetch(instruction: StaticInstruction, pc: number, nextPc: number): boolean {
    const { control, target } = instruction;
    if (control === 'next' || control === 'halt') return false;
    const isTaken = nextPc !== pc + 1;
    switch (this.pipeline.branch) {
      case 'stall':
        return true;
      case 'not-taken':
        return isTaken;
      case 'backward-taken':
        return control === 'jump' ? target < 0 : isTaken !== target <= pc;
      case 'two-bit':
        return control === 'jump' ? target < 0 : isTaken !== this.predict(pc, isTaken);
    }
    return this.pipeline.branch satisfies never;
  }

  /** What the counter of a branch says; it then learns the outcome. */
  private predict(pc: number, isTaken: boolean): boolean {
    const { counters } = this;
    const entry = pc % counters.length;
    const count = counters[entry]!;
    counters[entry] = isTaken ? Math.min(LAST_COUNT, count + 1) : Math.max(0, count - 1);
    return count >= TAKEN_FROM;
  }
}
