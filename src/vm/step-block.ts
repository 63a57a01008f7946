/** Executed instructions in columns: what a timing model learns, without an object for each of them. */
import { HALTED } from '../../isa/instruction.ts';
import type { MicroOperation, Work } from '../../isa/work.ts';
import type { Step } from './step.ts';

/** Steps that a block holds at most, where nothing else is said. */
export const BLOCK_STEPS = 1024;

/** HALTED in a column of int32. */
export const NO_NEXT = -1;

/** Steps in program order; those from `count` on say nothing. */
export class StepBlock {
  count = 0;
  /**
   * The most that a source may put in. Its instructions are executed when they are put in: who may be
   * cut off between two of them asks for one at a time, or runs the program again up to there.
   */
  limit: number;
  /** Code address of the instruction, and of the next one or NO_NEXT. */
  readonly pc: Int32Array;
  readonly nextPc: Int32Array;
  /** The number of its work in the table of the source. */
  readonly work: Int32Array;
  /** Of an access: the address of its first row, in bytes. */
  readonly address: Float64Array;
  /** The part of the run that it counts for, from 0. */
  readonly segment: Int32Array;

  constructor(capacity = BLOCK_STEPS) {
    this.limit = capacity;
    this.pc = new Int32Array(capacity);
    this.nextPc = new Int32Array(capacity);
    this.work = new Int32Array(capacity);
    this.address = new Float64Array(capacity);
    this.segment = new Int32Array(capacity);
  }
}

/** Where executed instructions come from, block by block. */
export interface BlockSource {
  readonly works: WorkTable;
  /** Segments are below this number. */
  readonly segmentCount: number;
  /**
   * Puts the next steps into a block, in place of what it holds; none when the program is over. All
   * steps of earlier blocks have been timed by then, and `clock`, where there is one, stands behind
   * the last of them.
   */
  fill(block: StepBlock, clock?: Clock): void;
}

/** The state of a timing model at some moment. */
export interface Mark {
  /** UA-2: cycles that the run had taken. */
  readonly cycle: number;
  /**
   * Bytes of memory that it knows of, in open rows and writes under way, each with the code address
   * of the access that left it there, or −1.
   */
  readonly places: readonly number[];
  readonly owners: readonly number[];
}

/**
 * A timing model that can tell whether it has come back to a state that it was in before, but for the
 * time that has passed; then what it has timed in between can be repeated without timing it again.
 *
 * `moved[pc]` says by how many bytes the accesses of the instruction at a code address have moved on
 * since the mark; these are multiples of `periodBytes`.
 */
export interface Clock {
  /** Accesses that are a multiple of this many bytes apart use the same banks in the same way. */
  readonly periodBytes: number;
  /** Accesses in different blocks of this many bytes, each at a multiple of it, share no row. */
  readonly rowBytes: number;
  mark(): Mark;
  isBackAt(mark: Mark, moved: Float64Array): boolean;
  /**
   * As if all that was timed since the mark had been timed `times` times more; each time the segments
   * of its instructions are `segments` further on. Only when `isBackAt(mark, moved)`.
   */
  repeat(mark: Mark, times: number, moved: Float64Array, segments: number): void;
}

/** The step at a place of a block, as an object. */
export function stepAt(block: StepBlock, i: number, works: WorkTable): Step {
  const nextPc = block.nextPc[i]!;
  const work = works.at(block.work[i]!);
  return {
    pc: block.pc[i]!,
    nextPc: nextPc === NO_NEXT ? HALTED : nextPc,
    work: work.kind === 'memory' ? { ...work, address: block.address[i]! } : work,
  };
}

/** Each work once, by number; accesses that differ in nothing but their address are one work. */
export class WorkTable {
  private readonly works: Work[] = [];
  private readonly numbers = new Map<string, number>();

  get size(): number {
    return this.works.length;
  }

  /** The work with a number; an access has the address 0 here. */
  at(number: number): Work {
    const work = this.works[number];
    if (!work) throw new Error(`invariant: there is no work ${number}`);
    return work;
  }

  /** The number of a work. Costs a search: callers keep what they got. */
  numberOf(work: Work): number {
    const key = keyOf(work);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.works.length);
    return this.works.push(work.kind === 'memory' ? { ...work, address: 0 } : work) - 1;
  }
}

/** The same text for works that differ in nothing but an address, and for no others. */
function keyOf(work: Work): string {
  switch (work.kind) {
    case 'scalar':
      return 'scalar';
    case 'matrix':
      return `matrix ${work.m} ${work.k} ${work.n}`;
    case 'memory':
      return `${work.direction} ${work.rows} ${work.rowBytes} ${work.strideBytes}`;
    case 'elements':
      return `elements${work.operations.map(passKey).join('')}`;
  }
  return work satisfies never;
}

function passKey({ unit, name, elements }: MicroOperation): string {
  return ` ${unit} ${name} ${elements}`;
}
