/** The books of one pass: timed without values, and summed up by cause and by row. */
import { staticInstruction } from '../../isa/registers.ts';
import type { Unit } from '../../isa/work.ts';
import type { Machine } from '../machine/machine.ts';
import { CAUSE_INDEX, nestNonZero } from '../reports/by-cause.ts';
import { largestCause } from '../reports/phases-data.ts';
import type { ByCause } from '../reports/report.ts';
import { peakMacs, unitCount } from '../reports/units.ts';
import type { Books } from '../timing/books/index.ts';
import { runBlockBooks } from '../timing/books/index.ts';
import { CAUSE_COUNT } from '../timing/books/sums.ts';
import type { Cause } from '../timing/causes.ts';
import type { WalkOptions } from '../walk/walker.ts';
import { Walker } from '../walk/walker.ts';
import type { PassProgram } from './pass.ts';

/** What a part of the model took. */
export interface RowBooks {
  readonly name: string;
  /** Slots charged to it ÷ issue width. */
  readonly cycles: number;
  readonly largestCause: Cause | null;
  readonly slots: ByCause;
}

/** Cycles that each resource is needed for; no schedule of these instructions takes less than the largest. */
export interface Least extends Readonly<Record<Exclude<Unit, 'dma'>, number>> {
  /** Bytes moved ÷ bytes per cycle. */
  readonly memory: number;
  /** Instructions ÷ issue width. */
  readonly issue: number;
}

export interface PassBooks {
  readonly cycles: number;
  readonly issueWidth: number;
  readonly instructions: number;
  /** Of the instructions, those that were timed one by one; the others repeat them exactly. */
  readonly walked: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly macs: number;
  readonly macUtilisation: number;
  readonly slots: ByCause;
  readonly largestCause: Cause | null;
  /** Of units, what one copy of each is closed for, on average. */
  readonly least: Least;
  readonly rows: readonly RowBooks[];
}

export type PassOptions = Pick<WalkOptions, 'everyRound' | 'worthSkipping' | 'maxInstructions'>;

/** Times a pass on a machine. */
export function passBooks(
  { program, rows, segments }: PassProgram,
  machine: Machine,
  options: PassOptions = {},
): PassBooks {
  const walker = new Walker(program, { ...options, segments });
  const code = program.code.map(staticInstruction);
  const books = runBlockBooks(machine, code, walker, { maxCycles: Number.MAX_SAFE_INTEGER });
  if (walker.trap) throw new Error(`invariant: ${walker.trap.message}`);
  const { width } = machine.pipeline;
  return {
    cycles: books.cycles,
    issueWidth: width,
    instructions: books.instructions,
    walked: walker.instructions - walker.skipped,
    bytesRead: books.bytesRead,
    bytesWritten: books.bytesWritten,
    macs: books.macs,
    macUtilisation: books.macs / (books.cycles * peakMacs(machine)),
    slots: nestNonZero(books.charges),
    largestCause: largestCause(books.charges),
    least: leastOf(books, machine),
    rows: [...rows.map((name, row) => rowOf(books, name, row, width)), pipelineRow(books, width)],
  };
}

function leastOf(books: Books, machine: Machine): Least {
  const { busyCycles, bytesRead, bytesWritten, instructions } = books;
  const ofUnit = (unit: Unit) => Math.ceil(busyCycles[unit] / unitCount(machine, unit));
  return {
    alu: ofUnit('alu'),
    mxu: ofUnit('mxu'),
    vec: ofUnit('vec'),
    sfu: ofUnit('sfu'),
    memory: Math.ceil((bytesRead + bytesWritten) / machine.memory.bytesPerCycle),
    issue: Math.ceil(instructions / machine.pipeline.width),
  };
}

function rowOf({ chargesBySegment }: Books, name: string, row: number, width: number): RowBooks {
  const from = row * CAUSE_COUNT;
  return rowBooks(name, chargesBySegment.subarray(from, from + CAUSE_COUNT), width);
}

/** What is charged to no instruction: the pipeline before the first and behind the last. */
function pipelineRow({ charges }: Books, width: number): RowBooks {
  const nobodys = charges.map((slots, cause) =>
    cause === CAUSE_INDEX.fill || cause === CAUSE_INDEX.drain ? slots : 0,
  );
  return rowBooks('fill and drain', nobodys, width);
}

function rowBooks(name: string, charges: Float64Array, width: number): RowBooks {
  return {
    name,
    cycles: charges.reduce((sum, slots) => sum + slots, 0) / width,
    largestCause: largestCause(charges),
    slots: nestNonZero(charges),
  };
}
