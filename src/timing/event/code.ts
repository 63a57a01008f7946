/** The static code as tables: what hazard logic reads of an instruction, by code address. */
import type { StaticInstruction } from '../../../isa/registers.ts';
import { CONTROL_NUMBER, UNIT_NUMBER } from './numbers.ts';

/** Struct of arrays, indexed by code address; made in plain loops, since each run begins with it. */
export class CodeTable {
  readonly unit: Uint8Array;
  /** −1 when none. */
  readonly writes: Int8Array;
  readonly accumulates: Int8Array;
  readonly control: Uint8Array;
  readonly target: Float64Array;
  /** Source registers of all instructions, one list behind the other. */
  readonly sources: Uint8Array;
  /**
   * Sources of the instruction at pc: `from[pc]` up to, not including, `to[pc]`; as a pass of a
   * cracked instruction behind the first (UA-7): the same at `pc + size`.
   */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly size: number;
  /** The most sources that an instruction or pass has. */
  readonly maxSources: number;

  constructor(code: readonly StaticInstruction[]) {
    this.size = code.length;
    const { size } = this;
    this.unit = new Uint8Array(size);
    this.writes = new Int8Array(size);
    this.accumulates = new Int8Array(size);
    this.control = new Uint8Array(size);
    this.target = new Float64Array(size);
    this.from = new Int32Array(2 * size);
    this.to = new Int32Array(2 * size);
    const sources: number[] = [];
    let maxSources = 1;
    for (let at = 0; at < 2 * size; at++) {
      const instruction = code[at < size ? at : at - size];
      this.from[at] = sources.length;
      if (at >= size) pushSourcesOfLaterPass(sources, instruction);
      else for (const register of instruction.reads) sources.push(register);
      this.to[at] = sources.length;
      maxSources = Math.max(maxSources, this.to[at] - this.from[at]);
    }
    for (let pc = 0; pc < size; pc++) {
      const instruction = code[pc];
      this.unit[pc] = UNIT_NUMBER[instruction.unit];
      this.writes[pc] = instruction.writes;
      this.accumulates[pc] = instruction.accumulates;
      this.control[pc] = CONTROL_NUMBER[instruction.control];
      this.target[pc] = instruction.target;
    }
    this.sources = Uint8Array.from(sources);
    this.maxSources = maxSources;
  }
}

/** UA-7: the registers of the whole and, before them, the register the whole writes. */
function pushSourcesOfLaterPass(sources: number[], { reads, writes }: StaticInstruction): void {
  if (writes >= 0) sources.push(writes);
  for (const register of reads) if (register !== writes) sources.push(register);
}
