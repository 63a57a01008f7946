/** For which branches and jumps fetching waits (UA-6). */
import type { Machine } from '../../machine/machine.ts';
import { CONTROL_NUMBER } from './numbers.ts';

const { branch: BRANCH, jump: JUMP } = CONTROL_NUMBER;

/** A fresh counter: predicts not taken, and one taken branch changes its mind. */
const FRESH = 1;
const STRONGEST = 3;

/** Asked once for each instruction, in the order in which they are fetched. */
export class Branches {
  private readonly scheme: Machine['pipeline']['branch'];
  /** The table of the two-bit predictor. */
  readonly counters: Uint8Array;

  constructor({ pipeline }: Machine) {
    this.scheme = pipeline.branch;
    this.counters = new Uint8Array(pipeline.branchTableEntries).fill(FRESH);
  }

  /** Whether fetching waits for the instruction at `pc`, whose successor is at `nextPc`. */
  waitsFor(control: number, pc: number, nextPc: number, target: number): boolean {
    if (control !== BRANCH && control !== JUMP) return false;
    const taken = nextPc !== pc + 1;
    switch (this.scheme) {
      case 'stall':
        return true;
      case 'not-taken':
        return taken;
      case 'backward-taken':
        if (control === JUMP) return isRegisterJump(target);
        return taken !== target <= pc;
      case 'two-bit':
        if (control === JUMP) return isRegisterJump(target);
        return taken !== this.predictAndTrain(pc, taken);
    }
    return this.scheme satisfies never;
  }

  private predictAndTrain(pc: number, taken: boolean): boolean {
    const entry = pc % this.counters.length;
    const counter = this.counters[entry];
    this.counters[entry] = taken ? Math.min(counter + 1, STRONGEST) : Math.max(counter - 1, 0);
    return counter >= 2;
  }
}

/** JR names no label. */
function isRegisterJump(target: number): boolean {
  return target < 0;
}
