/** Lower bounds of a run without its events: what no schedule of its instructions can beat. */
import type { StaticInstruction } from '../../isa/registers.ts';
import { REGISTER_COUNT } from '../../isa/registers.ts';
import type { MemoryWork, Unit, Work } from '../../isa/work.ts';
import { UNITS } from '../../isa/work.ts';
import type { Machine } from '../machine/machine.ts';
import type { BoundName } from '../reports/report.ts';
import type { Books } from '../timing/books/index.ts';
import { CodeTable } from '../timing/event/code.ts';
import { Costs } from '../timing/event/costs.ts';
import { Dram } from '../timing/event/dram.ts';
import { NONE, UNIT_NUMBER, unitCounts } from '../timing/event/numbers.ts';
import type { Step } from '../vm/step.ts';

/** Stages before EX, and behind the last cycle of EX or of an access (UA-1, UA-21, UA-51, UA-61). */
const STAGES: Readonly<
  Record<
    Machine['pipeline']['execution'],
    { readonly entry: number; readonly exit: number; readonly accessExit: number }
  >
> = {
  blocking: { entry: 2, exit: 2, accessExit: 1 },
  overlapped: { entry: 2, exit: 2, accessExit: 1 },
  scoreboard: { entry: 3, exit: 1, accessExit: 1 },
  tomasulo: { entry: 3, exit: 2, accessExit: 2 },
};

export interface PointBound {
  readonly cycles: number;
  readonly setBy: BoundName;
}

/**
 * The bounds of the report (src/reports/bound.ts), with one difference: the report takes the
 * latencies of accesses as they were in the run, queues and misses included; here an access
 * takes what an idle memory with open rows, or a cache that holds everything, would take. So each
 * bound is at most that of the report.
 */
export class PointBounds {
  private readonly machine: Machine;
  private readonly table: CodeTable;
  private readonly costs: Costs;
  private readonly dram: Dram;
  private readonly ready = new Float64Array(REGISTER_COUNT);
  /** Of each register: when the instruction that wrote it may have started, and on which unit. */
  private readonly startedAt = new Float64Array(REGISTER_COUNT);
  private readonly writerUnit = new Int8Array(REGISTER_COUNT).fill(NONE);
  private readonly leastRest = new Float64Array(UNITS.length).fill(Infinity);
  private readonly cracks: boolean;
  private readonly late: number;
  private endCycles = 0;
  private executeCycles = 0;

  constructor(machine: Machine, code: readonly StaticInstruction[]) {
    const { execution, forwarding, microOperations } = machine.pipeline;
    this.machine = machine;
    this.table = new CodeTable(code);
    this.costs = new Costs(machine, code.length);
    this.dram = new Dram(machine);
    this.cracks = microOperations === 'cracked';
    const inOrder = execution === 'blocking' || execution === 'overlapped';
    const isEarly = forwarding && execution !== 'scoreboard';
    // Cycles from the end of EX to a reader's issue, where a result goes by way of the registers.
    this.late = isEarly ? 0 : inOrder ? 2 : 1;
  }

  /** Takes the executed instructions in program order. */
  add({ pc, work }: Step): void {
    if (!this.cracks || work.kind !== 'elements' || work.operations.length < 2) {
      this.addPart(pc, work, this.table.unit[pc]);
      return;
    }
    // UA-7: each pass is an instruction; as in the report, it reads what the whole reads.
    for (const operation of work.operations) {
      this.addPart(pc, { kind: 'elements', operations: [operation] }, UNIT_NUMBER[operation.unit]);
    }
  }

  private addPart(pc: number, work: Work, unit: number): void {
    const { costs, table, leastRest } = this;
    costs.update(pc, work);
    const { exit, accessExit } = STAGES[this.machine.pipeline.execution];
    const isAccess = work.kind === 'memory';
    const execute = isAccess ? this.accessCycles(work) : costs.executeCycles[pc];
    const start = this.startOf(pc, unit);
    const tail = execute + (isAccess ? accessExit : exit);
    // What closes the transfer unit is in the books; behind it at least the last stages come.
    const rest = isAccess ? accessExit + 1 : tail - costs.occupancyCycles[pc];
    if (rest < leastRest[unit]) leastRest[unit] = rest;
    if (start + tail > this.endCycles) this.endCycles = start + tail;
    this.executeCycles += isAccess ? 1 : execute;
    const register = table.writes[pc];
    if (register < 0) return;
    this.ready[register] = start + execute + (isAccess ? Math.min(this.late, 1) : this.late);
    this.startedAt[register] = start;
    this.writerUnit[register] = unit;
  }

  /** UA-16: a sum that stays inside the array is not waited for. */
  private startOf(pc: number, unit: number): number {
    const { table, ready, machine } = this;
    if (!machine.pipeline.dependencies) return 0;
    let start = 0;
    for (let k = table.from[pc]; k < table.to[pc]; k++) {
      const register = table.sources[k];
      const isChained =
        machine.mxu.accumulatorForwarding &&
        register === table.accumulates[pc] &&
        this.writerUnit[register] === unit;
      const from = isChained ? this.startedAt[register] : ready[register];
      if (from > start) start = from;
    }
    return start;
  }

  /** From issue to the end of an access of an idle memory (UA-14, UA-40, UA-42). */
  private accessCycles(access: MemoryWork): number {
    const { cache, memory } = this.machine;
    if (cache) return 1 + cache.hitCycles;
    this.dram.planAccess(access);
    return 1 + memory.latencyCycles + this.dram.bursts * this.dram.burstCycles;
  }

  /** The largest bound of a run that has come to its end. */
  finish({ instructions, busyCycles }: Books): PointBound {
    return this.all(instructions, busyCycles).reduce((a, b) => (b.cycles > a.cycles ? b : a));
  }

  /** Every bound, in the order of the report. */
  all(instructions: number, busyCycles: Books['busyCycles']): PointBound[] {
    const { pipeline } = this.machine;
    const { entry, exit } = STAGES[pipeline.execution];
    const counts = unitCounts(this.machine);
    const bound = (setBy: BoundName, cycles: number) => ({ setBy, cycles: entry + cycles });
    const ofUnit = (unit: Unit, kind: number) => {
      const perCopy = Math.ceil(busyCycles[unit] / counts[kind]);
      return bound(`unit.${unit}`, perCopy + this.leastRest[kind]);
    };
    return [
      bound('dataflow', this.endCycles),
      ...UNITS.map(ofUnit).filter((_, kind) => this.leastRest[kind] < Infinity),
      ...(pipeline.execution === 'blocking' ? [bound('execute', this.executeCycles + exit)] : []),
      bound('issue', Math.ceil(instructions / pipeline.width) + exit),
    ];
  }
}
