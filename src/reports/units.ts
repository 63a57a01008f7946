/** Units: how busy each was, what the matrix unit and the memory achieved, and the roofline. */
import type { Unit } from '../../isa/work.ts';
import { UNITS } from '../../isa/work.ts';
import type { Machine } from '../machine/machine.ts';
import type { Cause } from '../timing/causes.ts';
import type { ChargeEvent, InstructionId, IssueEvent, ListingLine } from '../timing/events.ts';
import type { MacUse, MemoryUse, Roofline, UnitUse } from './report.ts';

/** Copies of a unit; transfers share one `dma`. */
export function unitCount(machine: Machine, unit: Unit): number {
  return unit === 'dma' ? 1 : machine[unit].count;
}

/** The unit that an instruction waits for when its slot is charged to this cause. */
const UNIT_OF_CAUSE: Readonly<Partial<Record<Cause, Unit>>> = {
  'structural.alu': 'alu',
  'structural.mxu': 'mxu',
  'structural.vec': 'vec',
  'structural.sfu': 'sfu',
  'structural.dma': 'dma',
  'structural.queue': 'dma',
  'structural.bank': 'dma',
  'memory.latency': 'dma',
  'memory.bandwidth': 'dma',
  'memory.miss': 'dma',
  'memory.order': 'dma',
};

interface Counters {
  instructions: number;
  occupancyCycles: number;
  blockedCycles: number;
  /** When each copy is open again, if the copy that opens first is always the one taken. */
  readonly openCycles: number[];
}

/** What an instruction in flight will have done. */
interface Effort {
  readonly macs: number;
  readonly bytes: number;
  readonly isRead: boolean;
}

/** Counts what the units do. */
export class UnitFold {
  readonly #machine: Machine;
  readonly #counters: Readonly<Record<Unit, Counters>>;
  readonly #inFlight = new Map<InstructionId, Effort>();
  #macs = 0;
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    const counters = UNITS.map((unit): [Unit, Counters] => {
      const openCycles = new Array<number>(unitCount(machine, unit)).fill(0);
      return [unit, { instructions: 0, occupancyCycles: 0, blockedCycles: 0, openCycles }];
    });
    this.#counters = Object.fromEntries(counters) as Record<Unit, Counters>;
  }

  issue(event: IssueEvent, line: ListingLine): void {
    const counters = this.#counters[event.unit];
    counters.instructions++;
    counters.occupancyCycles += event.occupancyCycles;
    const { openCycles } = counters;
    const copy = openCycles.indexOf(Math.min(...openCycles));
    openCycles[copy] = Math.max(openCycles[copy]!, event.cycle) + event.occupancyCycles;
    const { macs, bytes } = event;
    this.#inFlight.set(event.id, { macs, bytes, isRead: line.writes >= 0 });
  }

  /** Work counts when it is done: a run that is cut off has not done what is in flight. */
  retire(id: InstructionId): void {
    const { macs, bytes, isRead } = this.#inFlight.get(id)!;
    this.#inFlight.delete(id);
    this.#macs += macs;
    if (isRead) this.#bytesRead += bytes;
    else this.#bytesWritten += bytes;
  }

  charge({ cause, cycles }: ChargeEvent): void {
    const unit = UNIT_OF_CAUSE[cause];
    if (unit) this.#counters[unit].blockedCycles += cycles;
  }

  /** An occupancy that outlives the run counts up to its end only. */
  #busyCycles(unit: Unit, cycles: number): number {
    const { occupancyCycles, openCycles } = this.#counters[unit];
    const outside = openCycles.reduce((sum, open) => sum + Math.max(0, open - cycles), 0);
    return occupancyCycles - outside;
  }

  units(cycles: number): UnitUse[] {
    return UNITS.map((unit) => {
      const { instructions, blockedCycles } = this.#counters[unit];
      const count = unitCount(this.#machine, unit);
      const busyCycles = this.#busyCycles(unit, cycles);
      const idleCycles = count * cycles - busyCycles;
      const utilisation = ratio(busyCycles, count * cycles);
      return { unit, count, instructions, busyCycles, idleCycles, blockedCycles, utilisation };
    });
  }

  mac(cycles: number): MacUse {
    const { rows, columns } = this.#machine.mxu;
    const capacity = peakMacs(this.#machine) * cycles;
    const useful = this.#macs;
    const wasted = this.#busyCycles('mxu', cycles) * rows * columns - useful;
    return { useful, capacity, utilisation: ratio(useful, capacity), wasted };
  }

  memory(cycles: number): MemoryUse {
    return {
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
      bytesPerCycle: ratio(this.#bytesRead + this.#bytesWritten, cycles),
      peakBytesPerCycle: this.#machine.memory.bytesPerCycle,
      busyCycles: this.#busyCycles('dma', cycles),
    };
  }

  roofline(cycles: number): Roofline | null {
    if (this.#macs === 0) return null;
    const bytes = this.#bytesRead + this.#bytesWritten;
    const peak = peakMacs(this.#machine);
    const { bytesPerCycle } = this.#machine.memory;
    const intensity = bytes === 0 ? null : this.#macs / bytes;
    const memoryRoof = intensity === null ? Infinity : intensity * bytesPerCycle;
    return {
      intensity,
      balance: peak / bytesPerCycle,
      bound: memoryRoof < peak ? 'memory' : 'compute',
      attained: ratio(this.#macs, cycles),
      roof: Math.min(memoryRoof, peak),
    };
  }
}

/** MACs per cycle of all arrays together. */
export function peakMacs({ mxu }: Machine): number {
  return mxu.count * mxu.rows * mxu.columns;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
