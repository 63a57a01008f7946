/** What a program costs on a machine: cycles, and where they went; no events, no values. */
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Unit } from '../../isa/work.ts';
import { UNITS } from '../../isa/work.ts';
import type { Machine } from '../machine/machine.ts';
import { CAUSE_INDEX, nest } from '../reports/by-cause.ts';
import type { ByCause } from '../reports/report.ts';
import { peakMacs, unitCount } from '../reports/units.ts';
import type { Books } from '../timing/books/index.ts';
import { runBooks } from '../timing/books/index.ts';
import type { Cause } from '../timing/causes.ts';
import { possibleCauses } from '../timing/causes.ts';
import type { PointBound } from './bound.ts';
import { PointBounds } from './bound.ts';
import type { Recording } from './steps.ts';

/** The figures of a run, as in the report of `lasm run` where both have them. */
export interface Cost {
  readonly cycles: number;
  readonly instructions: number;
  /** At most that of the report: see PointBounds. */
  readonly bound: PointBound;
  /** Useful ÷ possible MACs, moved ÷ possible bytes, and busy ÷ (count × cycles) of each unit. */
  readonly utilisation: Readonly<Record<'macs' | 'memory' | Unit, number>>;
  readonly macs: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** The cause with the most slots besides `issue`; null when none is lost. */
  readonly largestLoss: Cause | null;
  readonly slotsTotal: number;
  /** For each cause that this machine can produce; they sum to slotsTotal. */
  readonly slots: ByCause;
}

/** A cost, or why the program has none on this machine. */
export type Outcome =
  | { readonly status: 'done'; readonly cost: Cost }
  | { readonly status: 'failed'; readonly problem: string };

/** Times what was recorded; a run that traps or reaches its limit has no cost. */
export function costOf(
  machine: Machine,
  code: readonly StaticInstruction[],
  recording: Recording,
  maxCycles: number | undefined,
): Outcome {
  const bounds = new PointBounds(machine, code);
  const source = recording.begin();
  const next = () => {
    const step = source.next();
    if (step) bounds.add(step);
    return step;
  };
  const books = runBooks(machine, code, { next }, maxCycles === undefined ? {} : { maxCycles });
  const trap = recording.trap();
  if (trap !== undefined) return { status: 'failed', problem: `trap: ${trap}` };
  if (books.cutOffAt !== undefined) {
    const problem = `the program is not done after ${books.cycles} cycles`;
    return { status: 'failed', problem };
  }
  return { status: 'done', cost: figuresOf(machine, books, bounds) };
}

function figuresOf(machine: Machine, books: Books, bounds: PointBounds): Cost {
  const { cycles, instructions, macs, bytesRead, bytesWritten, charges } = books;
  const possible = possibleCauses(machine);
  return {
    cycles,
    instructions,
    bound: bounds.finish(books),
    utilisation: utilisationOf(machine, books),
    macs,
    bytesRead,
    bytesWritten,
    largestLoss: largestLossOf(possible, charges),
    slotsTotal: cycles * machine.pipeline.width,
    slots: nest(charges, possible),
  };
}

function utilisationOf(
  machine: Machine,
  { cycles, macs, bytesRead, bytesWritten, busyCycles }: Books,
): Cost['utilisation'] {
  const ofUnit = (unit: Unit) => ratio(busyCycles[unit], unitCount(machine, unit) * cycles);
  const units = UNITS.map((unit) => [unit, ofUnit(unit)]);
  return {
    macs: ratio(macs, peakMacs(machine) * cycles),
    memory: ratio(bytesRead + bytesWritten, machine.memory.bytesPerCycle * cycles),
    ...(Object.fromEntries(units) as Record<Unit, number>),
  };
}

/** The first of the largest, as in the report. */
function largestLossOf(possible: readonly Cause[], charges: Float64Array): Cause | null {
  const slotsOf = (cause: Cause) => charges[CAUSE_INDEX[cause]]!;
  const [largest] = possible
    .filter((cause) => cause !== 'issue' && slotsOf(cause) > 0)
    .sort((a, b) => slotsOf(b) - slotsOf(a));
  return largest ?? null;
}

/** Of a run without cycles, 0. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
