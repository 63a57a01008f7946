/** Data flow: which dynamic instruction wrote each register that another one reads. */
import type { RegisterNumber } from '../../isa/registers.ts';
import { REGISTER_COUNT } from '../../isa/registers.ts';
import type { ListingLine, RunHeader } from '../timing/events.ts';

/** `producer` is the last earlier instruction that writes the register. */
export interface Edge<T> {
  readonly producer: T;
  readonly register: RegisterNumber;
}

/**
 * Follows the registers in program order; `T` is what stands for a dynamic instruction. Holds one
 * writer for each register.
 */
export class DataFlow<T> {
  readonly #listing: readonly ListingLine[];
  readonly #isCracked: boolean;
  readonly #writers = new Array<T | undefined>(REGISTER_COUNT).fill(undefined);
  #lastPc = -1;

  constructor({ program, machine }: RunHeader) {
    this.#listing = program.listing;
    this.#isCracked = machine.pipeline.microOperations === 'cracked';
  }

  /** The next instruction in program order; its edges in the order of its sources. */
  fetch(pc: number, instruction: T): Edge<T>[] {
    const { reads, writes } = this.#listing[pc]!;
    const sources = this.#continues(pc) ? [writes, ...reads.filter((r) => r !== writes)] : reads;
    const edges: Edge<T>[] = [];
    for (const register of sources) {
      const producer = this.#writers[register];
      if (producer !== undefined) edges.push({ producer, register });
    }
    if (writes >= 0) this.#writers[writes] = instruction;
    this.#lastPc = pc;
    return edges;
  }

  /** UA-7: a later pass reads what the pass before wrote. No other instruction follows itself. */
  #continues(pc: number): boolean {
    if (!this.#isCracked || pc !== this.#lastPc) return false;
    const { unit } = this.#listing[pc]!;
    return unit === 'vec' || unit === 'sfu';
  }
}
