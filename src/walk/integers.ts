/** The integers of a program's memory that a walk knows: what the program itself has stored, and small tables. */
import type { MemoryPort } from '../../isa/instruction.ts';
import type { Program } from '../program/program.ts';
import { memoryEnd } from '../program/program.ts';
import { requireAligned, requireInside, requireInt32 } from '../vm/faults.ts';
import { Fault } from '../vm/trap.ts';

/** Integers that may be stored at most; a walk has no other memory. */
const MOST_INTEGERS = 10_000_000;

const WORD_BYTES = 4;

/** Everything else reads as 0: token 0 of a prompt, row 0 of a table. */
export class Integers implements MemoryPort {
  private readonly end: number;
  private readonly stored = new Map<number, number>();

  constructor(program: Program) {
    this.end = memoryEnd(program);
    for (const { address, dtype, data } of program.symbols) {
      if (dtype !== 'i32' || !data || data.length > MOST_INTEGERS) continue;
      data.forEach((value, i) => this.stored.set(address + i * WORD_BYTES, value));
    }
  }

  readTile(): void {
    throw new Error('invariant: a walk reads no tiles');
  }

  writeTile(): void {
    throw new Error('invariant: a walk writes no tiles');
  }

  readInteger(address: number): number {
    this.require(address);
    return this.stored.get(address) ?? 0;
  }

  writeInteger(address: number, value: number): void {
    requireInt32(value);
    this.require(address);
    if (this.stored.size >= MOST_INTEGERS) {
      const hint = `a walk keeps at most ${MOST_INTEGERS}`;
      throw new Fault('address-out-of-range', 'too many integers are stored', hint);
    }
    this.stored.set(address, value);
  }

  private require(address: number): void {
    requireAligned(address, WORD_BYTES, WORD_BYTES);
    requireInside(address, address + WORD_BYTES, this.end);
  }
}
