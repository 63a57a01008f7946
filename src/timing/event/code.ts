/** The static code as tables: what hazard logic reads of an instruction, by code address. */
import type { StaticInstruction } from '../../../isa/registers.ts';
import { CONTROL_NUMBER, UNIT_NUMBER } from './numbers.ts';

/** Struct of arrays, indexed by code address. */
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
    this.unit = Uint8Array.from(code, ({ unit }) => UNIT_NUMBER[unit]);
    this.writes = Int8Array.from(code, ({ writes }) => writes);
    this.accumulates = Int8Array.from(code, ({ accumulates }) => accumulates);
    this.control = Uint8Array.from(code, ({ control }) => CONTROL_NUMBER[control]);
    this.target = Float64Array.from(code, ({ target }) => target);
    const lists = [...code.map(({ reads }) => reads), ...code.map(sourcesOfLaterPass)];
    this.sources = Uint8Array.from(lists.flat());
    this.from = new Int32Array(lists.length);
    this.to = new Int32Array(lists.length);
    this.maxSources = lists.reduce((most, list) => Math.max(most, list.length), 1);
    let at = 0;
    lists.forEach((list, i) => {
      this.from[i] = at;
      this.to[i] = at += list.length;
    });
  }
}

/** UA-7: the registers of the whole and, before them, the register the whole writes. */
function sourcesOfLaterPass({ reads, writes }: StaticInstruction): readonly number[] {
  return writes < 0 ? reads : [writes, ...reads.filter((register) => register !== writes)];
}
