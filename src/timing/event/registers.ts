/** What the in-order machines know of each register: who writes it last, and who reads it longest. */
import { REGISTER_COUNT, isTileRegister } from '../../../isa/registers.ts';
import { CAUSE_NUMBER, NONE } from './numbers.ts';
import type { Stream } from './stream.ts';
import type { Wait } from './wait.ts';

const cycles = () => new Float64Array(REGISTER_COUNT);

/** Struct of arrays, indexed by register number. The latest writer is all that hazards need. */
export class Registers {
  readonly writer = cycles().fill(NONE);
  /** From this cycle on the result is no longer pending (UA-21). */
  readonly ready = cycles();
  readonly mem = cycles();
  readonly written = cycles();
  /** Whether the writer runs on `mxu`, and on which one. */
  readonly isProduct = new Uint8Array(REGISTER_COUNT);
  readonly unitIndex = new Uint8Array(REGISTER_COUNT);
  /** Whether the writer is a memory access; its phase before `transfer` is `phase` (UA-46). */
  readonly isLoad = new Uint8Array(REGISTER_COUNT);
  readonly transfer = cycles();
  readonly phase = new Uint8Array(REGISTER_COUNT);
  /** The reader that lets go last, the oldest of equals, and the first cycle after it does. */
  readonly reader = cycles().fill(NONE);
  readonly readUntil = cycles();

  /** Notes that an instruction reads its source tiles until, not including, `end`. */
  read({ table, from, to }: Stream, id: number, end: number): void {
    for (let k = from; k < to; k++) {
      const register = table.sources[k];
      if (!isTileRegister(register) || end <= this.readUntil[register]) continue;
      this.readUntil[register] = end;
      this.reader[register] = id;
    }
  }

  /** The phase of a load in MEM holds beside the RAW hazard that it causes (UA-22). */
  addPhase(register: number, cycle: number, wait: Wait): void {
    if (this.isLoad[register] === 0) return;
    const { mem, transfer, written } = this;
    if (cycle >= mem[register] && cycle < written[register]) {
      const isTransfer = cycle >= transfer[register];
      wait.add(isTransfer ? CAUSE_NUMBER['memory.bandwidth'] : this.phase[register], NONE, NONE);
    }
    wait.mayChange(mem[register], cycle);
    wait.mayChange(transfer[register], cycle);
    wait.mayChange(written[register], cycle);
  }
}
