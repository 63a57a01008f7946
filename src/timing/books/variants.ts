/** Instructions with their work as the loops read them: priced, and by one number each. */
import type { StaticInstruction } from '../../../isa/registers.ts';
import type { ElementWork, MemoryWork, Work } from '../../../isa/work.ts';
import { bytesOf, macsOf } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { WorkTable } from '../../vm/step-block.ts';
import { CodeTable } from '../event/code.ts';
import { Costs } from '../event/costs.ts';
import { endByte, lowestByte } from '../event/memory.ts';
import { NONE, UNIT_NUMBER } from '../event/numbers.ts';

const CAPACITY_AT_FIRST = 64;

/** Struct of arrays, indexed by the number of a variant. */
function makeColumns(capacity: number) {
  return {
    pc: new Int32Array(capacity),
    unit: new Uint8Array(capacity),
    /** Registers, or −1. */
    writes: new Int8Array(capacity),
    accumulates: new Int8Array(capacity),
    /** Source registers are `sources[from]` up to, not including, `to`. */
    from: new Int32Array(capacity),
    to: new Int32Array(capacity),
    executeCycles: new Float64Array(capacity),
    occupancyCycles: new Float64Array(capacity),
    readCycles: new Float64Array(capacity),
    /** Of an access the number of its work, else −1. */
    access: new Int32Array(capacity),
    isWrite: new Uint8Array(capacity),
    /** Of an access: the lowest byte and the one behind the highest, seen from its address. */
    low: new Float64Array(capacity),
    end: new Float64Array(capacity),
    /** Useful multiply-accumulates. */
    macs: new Float64Array(capacity),
    bytes: new Float64Array(capacity),
    /** The pass that comes next of a cracked instruction (UA-7), or −1. */
    laterPass: new Int32Array(capacity),
    /** How often it retired. */
    retired: new Float64Array(capacity),
  };
}

export type Columns = ReturnType<typeof makeColumns>;

/** An instruction with one of its works is a variant; so is each pass of a cracked one. */
export class Variants {
  /** Replaced when it grows. */
  columns = makeColumns(CAPACITY_AT_FIRST);
  readonly table: CodeTable;
  readonly works: WorkTable;
  /** Of each code address: the work that came last, and its variant. */
  readonly latestWork: Int32Array;
  readonly latest: Int32Array;
  private readonly costs: Costs;
  private readonly cracks: boolean;
  private readonly numbers = new Map<number, number>();
  private count = 0;

  constructor(machine: Machine, code: readonly StaticInstruction[], works: WorkTable) {
    this.table = new CodeTable(code);
    this.works = works;
    this.latestWork = new Int32Array(code.length).fill(NONE);
    this.latest = new Int32Array(code.length);
    this.costs = new Costs(machine, 1);
    this.cracks = machine.pipeline.microOperations === 'cracked';
  }

  /** Sees to it that `latest[pc]` is the variant, or its first pass, of the work with a number. */
  update(pc: number, work: number): void {
    const key = work * this.table.size + pc;
    let variant = this.numbers.get(key);
    if (variant === undefined) {
      variant = this.add(pc, work);
      this.numbers.set(key, variant);
    }
    this.latestWork[pc] = work;
    this.latest[pc] = variant;
  }

  private add(pc: number, number: number): number {
    const work = this.works.at(number);
    if (this.cracks && work.kind === 'elements' && work.operations.length > 1) {
      return this.addPasses(pc, work);
    }
    const { table } = this;
    const variant = this.addPriced(pc, work);
    this.columns.unit[variant] = table.unit[pc];
    this.columns.accumulates[variant] = table.accumulates[pc];
    if (work.kind === 'memory') this.noteAccess(variant, work, number);
    return variant;
  }

  /** UA-7: the first pass reads what the whole reads; the others also what the one before wrote. */
  private addPasses(pc: number, { operations }: ElementWork): number {
    const { table } = this;
    const first = this.count;
    operations.forEach((operation, pass) => {
      const variant = this.addPriced(pc, { kind: 'elements', operations: [operation] });
      const { columns } = this;
      columns.unit[variant] = UNIT_NUMBER[operation.unit];
      columns.accumulates[variant] = NONE;
      if (pass === 0) return;
      columns.from[variant] = table.from[pc + table.size];
      columns.to[variant] = table.to[pc + table.size];
      columns.laterPass[variant - 1] = variant;
    });
    return first;
  }

  private addPriced(pc: number, work: Work): number {
    if (this.count === this.columns.pc.length) this.grow();
    const { columns, costs, table } = this;
    const variant = this.count++;
    costs.update(0, work);
    columns.pc[variant] = pc;
    columns.writes[variant] = table.writes[pc];
    columns.from[variant] = table.from[pc];
    columns.to[variant] = table.to[pc];
    columns.executeCycles[variant] = costs.executeCycles[0];
    columns.occupancyCycles[variant] = costs.occupancyCycles[0];
    columns.readCycles[variant] = costs.readCycles[0];
    columns.access[variant] = NONE;
    columns.macs[variant] = macsOf(work);
    columns.bytes[variant] = bytesOf(work);
    columns.laterPass[variant] = NONE;
    return variant;
  }

  private noteAccess(variant: number, work: MemoryWork, number: number): void {
    const { columns } = this;
    const fromZero = { ...work, address: 0 };
    columns.access[variant] = number;
    columns.isWrite[variant] = work.direction === 'write' ? 1 : 0;
    columns.low[variant] = lowestByte(fromZero);
    columns.end[variant] = endByte(fromZero);
  }

  private grow(): void {
    const before = this.columns;
    this.columns = makeColumns(2 * this.count);
    for (const name of Object.keys(before) as (keyof Columns)[]) {
      this.columns[name].set(before[name]);
    }
  }
}
