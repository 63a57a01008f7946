/** The lower bound: what no schedule of the executed instructions can beat on this machine. */
import type { RegisterNumber } from '../../isa/registers.ts';
import { REGISTER_COUNT } from '../../isa/registers.ts';
import type { Unit } from '../../isa/work.ts';
import { UNITS } from '../../isa/work.ts';
import type { Machine } from '../machine/machine.ts';
import type { InstructionId, IssueEvent, ListingLine } from '../timing/events.ts';
import { grouped, plural } from './format.ts';
import type { Names } from './names.ts';
import type { Bound, BoundName } from './report.ts';
import { unitCount } from './units.ts';

/** IF and ID of the first instruction (UA-4). */
const ENTRY_CYCLES = 2;

/** MEM and WB behind the last cycle in EX (UA-1). */
const EXIT_CYCLES = 2;

/** What is kept of an instruction until it retires: the bound speaks of finished ones only. */
interface Issued {
  readonly pc: number;
  readonly unit: Unit;
  readonly occupancyCycles: number;
  /** Earliest issue, counted from that of the first instruction. */
  readonly startCycles: number;
  /** Least distance from issue to retirement. */
  readonly tailCycles: number;
}

/**
 * Several bounds, each the entry of the pipeline, then a number of cycles in which instructions
 * must issue, then the way of the last one to its retirement:
 *
 * - `dataflow`: an instruction issues at least `latencyCycles` behind each one whose result it
 *   reads (the data flow limit of Hennessy and Patterson, ch. 3)
 * - `unit`: occupancies of one copy of a unit do not overlap, so its last issue comes behind all
 *   the others; of `count` copies the busiest has at least the mean
 * - `execute`: on a blocking machine, the same of EX (UA-7)
 * - `issue`: at most `issueWidth` instructions issue in a cycle (UA-4)
 */
export class LowerBound {
  readonly #machine: Machine;
  readonly #names: Names;
  readonly #issueWidth: number;
  readonly #readyCycles = new Float64Array(REGISTER_COUNT);
  readonly #writers: (Issued | undefined)[] = new Array<undefined>(REGISTER_COUNT).fill(undefined);
  readonly #inFlight = new Map<InstructionId, Issued>();
  #retired = 0;
  #endCycles = 0;
  #endPc = -1;
  #executeCycles = 0;
  readonly #occupied = new Map<Unit, number>();
  /** The least of tail − occupancy on each unit: what the last instruction adds. */
  readonly #leastRest = new Map<Unit, number>();

  constructor(machine: Machine, names: Names, issueWidth: number) {
    this.#machine = machine;
    this.#names = names;
    this.#issueWidth = issueWidth;
  }

  /** Instructions are passed in program order. The cycle of the event is not used. */
  issue({ id, unit, latencyCycles, occupancyCycles }: IssueEvent, pc: number): void {
    const line = this.#names.line(pc);
    let startCycles = 0;
    for (const register of line.reads) {
      startCycles = Math.max(startCycles, this.#readyFor(register, line, unit));
    }
    const tailCycles = this.#tailOf(unit, latencyCycles, line);
    const issued = { pc, unit, occupancyCycles, startCycles, tailCycles };
    this.#inFlight.set(id, issued);
    if (line.writes < 0) return;
    this.#readyCycles[line.writes] = startCycles + latencyCycles;
    this.#writers[line.writes] = issued;
  }

  /** A sum that stays inside the array is not waited for (UA-16). */
  #readyFor(register: RegisterNumber, line: ListingLine, unit: Unit): number {
    const writer = this.#writers[register];
    const isChained =
      this.#machine.mxu.accumulatorForwarding &&
      register === line.accumulates &&
      writer?.unit === unit;
    return isChained ? writer.startCycles : this.#readyCycles[register]!;
  }

  /** UA-21: a result is forwarded from the end of EX, or of MEM where memory is read. */
  #tailOf(unit: Unit, latencyCycles: number, line: ListingLine): number {
    if (line.writes < 0) return latencyCycles + 1;
    if (!this.#machine.pipeline.forwarding) return latencyCycles;
    return unit === 'dma' ? latencyCycles + 1 : latencyCycles + EXIT_CYCLES;
  }

  retire(id: InstructionId): void {
    const { pc, unit, occupancyCycles, startCycles, tailCycles } = this.#inFlight.get(id)!;
    this.#inFlight.delete(id);
    this.#retired++;
    // UA-14: an access is in EX for one cycle only.
    this.#executeCycles += unit === 'dma' ? 1 : tailCycles - EXIT_CYCLES;
    this.#occupied.set(unit, (this.#occupied.get(unit) ?? 0) + occupancyCycles);
    const rest = tailCycles - occupancyCycles;
    this.#leastRest.set(unit, Math.min(rest, this.#leastRest.get(unit) ?? rest));
    if (startCycles + tailCycles <= this.#endCycles) return;
    this.#endCycles = startCycles + tailCycles;
    this.#endPc = pc;
  }

  finish(): Bound {
    if (this.#retired === 0) {
      return { cycles: 0, setBy: 'nothing', sentence: 'no instruction was finished', all: [] };
    }
    const all = this.#all();
    const largest = all.reduce((a, b) => (b.cycles > a.cycles ? b : a));
    const sentence = this.#sentence(largest.name);
    return { cycles: largest.cycles, setBy: largest.name, sentence, all };
  }

  #all(): { name: BoundName; cycles: number }[] {
    const bound = (name: BoundName, cycles: number) => ({ name, cycles: ENTRY_CYCLES + cycles });
    const blocking = this.#machine.pipeline.execution === 'blocking';
    const issueCycles = Math.ceil(this.#retired / this.#issueWidth);
    return [
      bound('dataflow', this.#endCycles),
      ...UNITS.filter((unit) => this.#occupied.has(unit)).map((unit) =>
        bound(`unit.${unit}`, this.#unitCycles(unit)),
      ),
      ...(blocking ? [bound('execute', this.#executeCycles + EXIT_CYCLES)] : []),
      bound('issue', issueCycles + EXIT_CYCLES),
    ];
  }

  #unitCycles(unit: Unit): number {
    const perCopy = Math.ceil(this.#occupied.get(unit)! / unitCount(this.#machine, unit));
    return perCopy + this.#leastRest.get(unit)!;
  }

  #sentence(name: BoundName): string {
    if (name === 'issue') {
      return `${plural(this.#retired, 'instruction')}, at most ${this.#issueWidth} in a cycle`;
    }
    if (name === 'execute') {
      return `EX holds one instruction at a time, for ${grouped(this.#executeCycles)} cycles in all`;
    }
    if (name === 'dataflow') {
      const last = this.#names.subject(this.#endPc);
      return `the longest chain of results that need one another ends in ${last}`;
    }
    const unit = name.slice('unit.'.length) as Unit;
    return `${unit} is occupied for ${plural(this.#occupied.get(unit)!, 'cycle')}`;
  }
}
