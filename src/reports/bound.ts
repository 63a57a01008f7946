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

/** Stages before EX, and behind the last cycle in it, of an instruction that is no access (UA-1). */
const STAGES_AROUND: Readonly<
  Record<Machine['pipeline']['execution'], { readonly entry: number; readonly exit: number }>
> = {
  blocking: { entry: 2, exit: 2 },
  overlapped: { entry: 2, exit: 2 },
  scoreboard: { entry: 3, exit: 1 },
  tomasulo: { entry: 3, exit: 2 },
};

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
 *   reads (the data flow limit of Hennessy and Patterson, ch. 3), unless the machine lifts it
 * - `unit`: occupancies of one copy of a unit do not overlap, so its last issue comes behind all
 *   the others; of `count` copies the busiest has at least the mean
 * - `execute`: on a blocking machine, the same of EX (UA-20)
 * - `issue`: at most `issueWidth` instructions issue in a cycle (UA-4, UA-62)
 */
export class LowerBound {
  readonly #machine: Machine;
  readonly #names: Names;
  readonly #issueWidth: number;
  readonly #stages: { readonly entry: number; readonly exit: number };
  /** Issued before an older instruction: it has to wait for its turn. */
  readonly #early = new Map<InstructionId, { readonly event: IssueEvent; readonly pc: number }>();
  readonly #retiredEarly = new Set<InstructionId>();
  #next: InstructionId = 0;
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

  constructor(machine: Machine, names: Names) {
    this.#machine = machine;
    this.#names = names;
    this.#issueWidth = machine.pipeline.width;
    this.#stages = STAGES_AROUND[machine.pipeline.execution];
  }

  /** Instructions count in program order, whatever the order in which they issue. */
  issue(event: IssueEvent, pc: number): void {
    this.#early.set(event.id, { event, pc });
    for (let next; (next = this.#early.get(this.#next));) {
      const { id } = next.event;
      this.#early.delete(id);
      this.#add(next.event, next.pc);
      this.#next++;
      if (this.#retiredEarly.delete(id)) this.retire(id);
    }
  }

  /** The cycle of the event is not used. */
  #add({ id, unit, latencyCycles, occupancyCycles }: IssueEvent, pc: number): void {
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
    if (!this.#machine.pipeline.dependencies) return 0;
    const writer = this.#writers[register];
    const isChained =
      this.#machine.mxu.accumulatorForwarding &&
      register === line.accumulates &&
      writer?.unit === unit;
    return isChained ? writer.startCycles : this.#readyCycles[register]!;
  }

  /** UA-21, UA-51, UA-61: a result may be read before, when, or after it is written back. */
  #tailOf(unit: Unit, latencyCycles: number, line: ListingLine): number {
    const { execution, forwarding } = this.#machine.pipeline;
    const { exit } = this.#stages;
    if (execution === 'scoreboard') return line.writes < 0 ? latencyCycles + exit : latencyCycles;
    if (execution === 'tomasulo') {
      return line.writes < 0 || forwarding ? latencyCycles + exit : latencyCycles + 1;
    }
    if (line.writes < 0) return latencyCycles + 1;
    if (!forwarding) return latencyCycles;
    return unit === 'dma' ? latencyCycles + 1 : latencyCycles + exit;
  }

  retire(id: InstructionId): void {
    if (id >= this.#next) {
      this.#retiredEarly.add(id);
      return;
    }
    const { pc, unit, occupancyCycles, startCycles, tailCycles } = this.#inFlight.get(id)!;
    this.#inFlight.delete(id);
    this.#retired++;
    // UA-14: an access is in EX for one cycle only.
    this.#executeCycles += unit === 'dma' ? 1 : tailCycles - this.#stages.exit;
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
    const bound = (name: BoundName, cycles: number) => ({
      name,
      cycles: this.#stages.entry + cycles,
    });
    const blocking = this.#machine.pipeline.execution === 'blocking';
    const issueCycles = Math.ceil(this.#retired / this.#issueWidth);
    return [
      bound('dataflow', this.#endCycles),
      ...UNITS.filter((unit) => this.#occupied.has(unit)).map((unit) =>
        bound(`unit.${unit}`, this.#unitCycles(unit)),
      ),
      ...(blocking ? [bound('execute', this.#executeCycles + this.#stages.exit)] : []),
      bound('issue', issueCycles + this.#stages.exit),
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
