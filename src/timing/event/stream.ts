/** The dynamic instructions, one after another, as plain numbers. */
import type { StaticInstruction } from '../../../isa/registers.ts';
import type { ElementWork, MemoryWork, Work } from '../../../isa/work.ts';
import { SCALAR_WORK } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { StepSource } from '../engine.ts';
import { Branches } from './branches.ts';
import { CodeTable } from './code.ts';
import { Costs } from './costs.ts';
import { CONTROL_NUMBER, NONE, UNIT_NUMBER } from './numbers.ts';

/** The parts of a run that a caller tells apart: layers, phases, tokens. */
export interface Segments {
  readonly count: number;
  /** The segment, from 0, of the step that the source has just handed out. */
  readonly current: () => number;
}

const { next: NEXT, halt: HALT } = CONTROL_NUMBER;

/** Steps in, dynamic instructions out: `advance` fetches the next and fills the fields. */
export class Stream {
  readonly table: CodeTable;
  /** Costs of the instruction at its code address. */
  readonly costs: Costs;
  pc = 0;
  segment = 0;
  unit = 0;
  writes = NONE;
  accumulates = NONE;
  /** Source registers are `table.sources[from]` up to, not including, `to`. */
  from = 0;
  to = 0;
  isAccess = false;
  work: Work = SCALAR_WORK;
  /** Whether fetching waits for it (UA-6). */
  isWaitedFor = false;
  /** Nothing is fetched behind the last one; known at once of HALT, else when nothing comes. */
  isOver = false;

  private readonly source: StepSource;
  private readonly branches: Branches;
  private readonly cracks: boolean;
  private readonly segments: Segments | undefined;
  /** The instruction that is fetched pass by pass, and its next pass. */
  private cracked: ElementWork | undefined = undefined;
  private pass = 0;

  constructor(
    machine: Machine,
    code: readonly StaticInstruction[],
    source: StepSource,
    segments?: Segments,
  ) {
    this.table = new CodeTable(code);
    this.source = source;
    this.costs = new Costs(machine, code.length);
    this.branches = new Branches(machine);
    this.segments = segments;
    this.cracks = machine.pipeline.microOperations === 'cracked';
  }

  /** The access that it makes, if any. */
  get access(): MemoryWork | undefined {
    return this.isAccess ? (this.work as MemoryWork) : undefined;
  }

  get executeCycles(): number {
    return this.costs.executeCycles[this.pc];
  }

  get occupancyCycles(): number {
    return this.costs.occupancyCycles[this.pc];
  }

  get readCycles(): number {
    return this.costs.readCycles[this.pc];
  }

  /** Useful multiply-accumulates. */
  get macs(): number {
    return this.costs.macs[this.pc];
  }

  /** Fetches the next dynamic instruction; false when there is none. */
  advance(): boolean {
    if (this.cracked) return this.advancePass(this.cracked);
    const step = this.isOver ? undefined : this.source.next();
    if (!step) {
      this.isOver = true;
      return false;
    }
    const { table } = this;
    const { pc, work } = step;
    const { kind } = work;
    this.pc = pc;
    this.unit = table.unit[pc];
    this.writes = table.writes[pc];
    this.accumulates = table.accumulates[pc];
    this.from = table.from[pc];
    this.to = table.to[pc];
    this.isWaitedFor = false;
    this.isAccess = kind === 'memory';
    this.work = work;
    if (this.segments) this.segment = currentOf(this.segments);
    if (this.cracks && kind === 'elements' && work.operations.length > 1) {
      this.cracked = work;
      this.pass = 0;
      return this.advancePass(work);
    }
    if (this.costs.latest[pc] !== work) this.costs.update(pc, work);
    const control = table.control[pc];
    if (control !== NEXT) this.steer(control, step.nextPc);
    return true;
  }

  private steer(control: number, nextPc: number): void {
    if (control === HALT) this.isOver = true;
    const { pc, table } = this;
    this.isWaitedFor = this.branches.waitsFor(control, pc, nextPc, table.target[pc]);
  }

  /** UA-7: the first pass reads what the whole reads; the others also what the one before wrote. */
  private advancePass(work: ElementWork): true {
    const { table, pc } = this;
    const operation = work.operations[this.pass];
    const list = this.pass === 0 ? pc : pc + table.size;
    this.from = table.from[list];
    this.to = table.to[list];
    this.accumulates = NONE;
    this.unit = UNIT_NUMBER[operation.unit];
    this.work = { kind: 'elements', operations: [operation] };
    this.costs.update(pc, this.work);
    if (++this.pass === work.operations.length) this.cracked = undefined;
    return true;
  }
}

function currentOf({ count, current }: Segments): number {
  const segment = current();
  if (segment >= 0 && segment < count) return segment;
  throw new Error(`invariant: segment ${segment} is not one of ${count}`);
}
