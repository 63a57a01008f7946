/** What is counted of a pass over the model, and of a row: plain sums, and what they mean on a machine. */
import type { Unit } from '../../isa/work.ts';
import { UNITS } from '../../isa/work.ts';
import type { Machine } from '../machine/machine.ts';
import type { ChargeEvent, InstructionId, IssueEvent } from '../timing/events.ts';
import { LowerBound } from './bound.ts';
import { CAUSE_INDEX, nestNonZero, sumCounts, zeroCounts } from './by-cause.ts';
import type { Names } from './names.ts';
import type { Busiest, Effort, PassUse, PhaseUse } from './phases-data.ts';
import { busiestOf, largestCause, sumBounds } from './phases-data.ts';
import type { Bound } from './report.ts';
import { peakMacs, unitCount } from './units.ts';

/** Counters of anything: a pass, a phase, a row of a phase. */
export class Counters {
  readonly #machine: Machine;
  readonly #slots = zeroCounts();
  readonly #occupiedCycles = new Float64Array(UNITS.length);
  #instructions = 0;
  #bytes = 0;
  #macs = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  issue({ bytes, macs, unit, occupancyCycles }: IssueEvent): void {
    this.#instructions++;
    this.#bytes += bytes;
    this.#macs += macs;
    this.#occupiedCycles[UNIT_INDEX[unit]]! += occupancyCycles;
  }

  charge({ cause, cycles }: ChargeEvent): void {
    this.#slots[CAUSE_INDEX[cause]]! += cycles;
  }

  add(other: Counters): void {
    this.#instructions += other.#instructions;
    this.#bytes += other.#bytes;
    this.#macs += other.#macs;
    other.#slots.forEach((slots, i) => (this.#slots[i]! += slots));
    other.#occupiedCycles.forEach((cycles, i) => (this.#occupiedCycles[i]! += cycles));
  }

  get #cycles(): number {
    return sumCounts(this.#slots) / this.#machine.pipeline.width;
  }

  effort(): Effort {
    const cycles = this.#cycles;
    return {
      cycles,
      instructions: this.#instructions,
      bytes: this.#bytes,
      macs: this.#macs,
      macUtilisation: cycles === 0 ? 0 : this.#macs / (cycles * peakMacs(this.#machine)),
      largestCause: largestCause(this.#slots),
      slots: nestNonZero(this.#slots),
    };
  }

  busiest(): Busiest | null {
    const busy = UNITS.map((unit, i): [Unit, number] => [
      unit,
      this.#occupiedCycles[i]! / unitCount(this.#machine, unit),
    ]);
    return busiestOf(busy, this.#cycles);
  }
}

const UNIT_INDEX = Object.fromEntries(UNITS.map((unit, i) => [unit, i])) as Record<Unit, number>;

/** One pass over the model. */
export class Pass {
  readonly counters: Counters;
  readonly #issueWidth: number;
  readonly #firstId: InstructionId;
  readonly #rowSlots: Float64Array;
  #inFlight = 0;
  /** Until the last instruction has left. */
  #lower: LowerBound | undefined;
  #bound: Bound | undefined;

  constructor(machine: Machine, names: Names, firstId: InstructionId, rows: number) {
    this.counters = new Counters(machine);
    this.#issueWidth = machine.pipeline.width;
    this.#firstId = firstId;
    this.#rowSlots = new Float64Array(rows);
    this.#lower = new LowerBound(machine, names);
  }

  fetch(): void {
    this.#inFlight++;
  }

  issue(event: IssueEvent, pc: number): void {
    this.counters.issue(event);
    this.#lower!.issue({ ...event, id: event.id - this.#firstId }, pc);
  }

  /** `isLast`: no more instructions of this pass will be fetched. */
  retire(id: InstructionId, isLast: boolean): void {
    this.#inFlight--;
    this.#lower!.retire(id - this.#firstId);
    if (this.#inFlight === 0 && isLast) this.#close();
  }

  charge(event: ChargeEvent, row: number): void {
    this.counters.charge(event);
    this.#rowSlots[row]! += event.cycles;
  }

  /** What is kept of the bound is small; what is needed to find it is not. */
  #close(): Bound {
    this.#bound ??= this.#lower!.finish();
    this.#lower = undefined;
    return this.#bound;
  }

  use(): PassUse {
    const { cycles, setBy } = this.#close();
    return {
      ...this.counters.effort(),
      busiest: this.counters.busiest(),
      bound: { cycles, setBy },
      rowCycles: Array.from(this.#rowSlots, (slots) => slots / this.#issueWidth),
    };
  }
}

/** Some passes together. */
export function phaseUse(machine: Machine, passes: readonly Pass[]): PhaseUse {
  const total = new Counters(machine);
  for (const { counters } of passes) total.add(counters);
  return {
    passes: passes.length,
    ...total.effort(),
    busiest: total.busiest(),
    bound: sumBounds(passes.map((pass) => pass.use().bound)),
  };
}
