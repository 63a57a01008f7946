/** Instructions with their work as the loops read them: priced, and by one number each. */
import type { StaticInstruction } from '../../../isa/registers.ts';
import { isTileRegister } from '../../../isa/registers.ts';
import type { ElementWork, MemoryWork, Work } from '../../../isa/work.ts';
import { bytesOf, macsOf } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { WorkTable } from '../../vm/step-block.ts';
import { CodeTable } from '../event/code.ts';
import { Costs } from '../event/costs.ts';
import { endByte, lowestByte } from '../event/memory.ts';
import { NONE, UNIT_NUMBER } from '../event/numbers.ts';

const CAPACITY_AT_FIRST = 64;

/**
 * What is known of a variant, side by side in one table: each table costs a loop loads of its own.
 * First whole numbers; behind them its source registers, the tiles first.
 */
export const FIELD = {
  pc: 0,
  unit: 1,
  /** The registers that it writes and accumulates onto, or −1. */
  writes: 2,
  accumulates: 3,
  /** Of an access the number of its work, else −1; and whether it writes. */
  access: 4,
  isWrite: 5,
  /** The pass that comes next of a cracked instruction (UA-7), or −1. */
  laterPass: 6,
  /** Sources that are tiles, and all sources. */
  tiles: 7,
  sources: 8,
  firstSource: 9,
} as const;

/** Then cycles, bytes and counts. */
export const COST = {
  executeCycles: 0,
  occupancyCycles: 1,
  readCycles: 2,
  /** How often it retired. */
  retired: 3,
  /** Of an access: the lowest byte and the one behind the highest, seen from its address. */
  low: 4,
  end: 5,
  /** Useful multiply-accumulates, and bytes moved. */
  macs: 6,
  bytes: 7,
} as const;
export const COSTS = 8;

/** An instruction with one of its works is a variant; so is each pass of a cracked one. */
export class Variants {
  /** By `variant * stride + FIELD.…`; replaced when it grows. */
  fields: Int32Array;
  /** By `variant * COSTS + COST.…`; replaced when it grows. */
  costs: Float64Array;
  readonly stride: number;
  readonly table: CodeTable;
  readonly works: WorkTable;
  /** Of each code address: the work that came last, and its variant. */
  readonly latestWork: Int32Array;
  readonly latest: Int32Array;
  count = 0;
  private readonly pricing: Costs;
  private readonly cracks: boolean;
  private readonly numbers = new Map<number, number>();

  constructor(machine: Machine, code: readonly StaticInstruction[], works: WorkTable) {
    this.table = new CodeTable(code);
    this.works = works;
    this.latestWork = new Int32Array(code.length).fill(NONE);
    this.latest = new Int32Array(code.length);
    this.pricing = new Costs(machine, 1);
    this.cracks = machine.pipeline.microOperations === 'cracked';
    this.stride = FIELD.firstSource + this.table.maxSources;
    this.fields = new Int32Array(CAPACITY_AT_FIRST * this.stride);
    this.costs = new Float64Array(CAPACITY_AT_FIRST * COSTS);
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

  /** A field of a variant. */
  field(variant: number, name: keyof typeof FIELD): number {
    return this.fields[variant * this.stride + FIELD[name]];
  }

  cost(variant: number, name: keyof typeof COST): number {
    return this.costs[variant * COSTS + COST[name]];
  }

  private add(pc: number, number: number): number {
    const work = this.works.at(number);
    const { table } = this;
    if (this.cracks && work.kind === 'elements' && work.operations.length > 1) {
      return this.addPasses(pc, work);
    }
    const variant = this.addPriced(pc, pc, work);
    this.set(variant, 'unit', table.unit[pc]);
    this.set(variant, 'accumulates', table.accumulates[pc]);
    if (work.kind === 'memory') this.noteAccess(variant, work, number);
    return variant;
  }

  /** UA-7: the first pass reads what the whole reads; the others also what the one before wrote. */
  private addPasses(pc: number, { operations }: ElementWork): number {
    const first = this.count;
    operations.forEach((operation, pass) => {
      const list = pass === 0 ? pc : pc + this.table.size;
      const variant = this.addPriced(pc, list, { kind: 'elements', operations: [operation] });
      this.set(variant, 'unit', UNIT_NUMBER[operation.unit]);
      this.set(variant, 'accumulates', NONE);
      if (pass > 0) this.set(variant - 1, 'laterPass', variant);
    });
    return first;
  }

  /** `list`: where the code table has its sources. */
  private addPriced(pc: number, list: number, work: Work): number {
    const { pricing, table } = this;
    const variant = this.count++;
    if (this.count * this.stride > this.fields.length) this.grow();
    this.set(variant, 'pc', pc);
    this.set(variant, 'writes', table.writes[pc]);
    this.set(variant, 'access', NONE);
    this.set(variant, 'laterPass', NONE);
    this.set(variant, 'sources', table.to[list] - table.from[list]);
    this.set(variant, 'tiles', this.setSources(variant, list));
    pricing.update(0, work);
    this.setCost(variant, 'executeCycles', pricing.executeCycles[0]);
    this.setCost(variant, 'occupancyCycles', pricing.occupancyCycles[0]);
    this.setCost(variant, 'readCycles', pricing.readCycles[0]);
    this.setCost(variant, 'macs', macsOf(work));
    this.setCost(variant, 'bytes', bytesOf(work));
    return variant;
  }

  /** The tiles first; how many they are. */
  private setSources(variant: number, list: number): number {
    const { table, fields } = this;
    const first = variant * this.stride + FIELD.firstSource;
    let at = first;
    for (let i = table.from[list]; i < table.to[list]; i++) {
      if (isTileRegister(table.sources[i])) fields[at++] = table.sources[i];
    }
    const tiles = at - first;
    for (let i = table.from[list]; i < table.to[list]; i++) {
      if (!isTileRegister(table.sources[i])) fields[at++] = table.sources[i];
    }
    return tiles;
  }

  private noteAccess(variant: number, work: MemoryWork, number: number): void {
    const fromZero = { ...work, address: 0 };
    this.set(variant, 'access', number);
    this.set(variant, 'isWrite', work.direction === 'write' ? 1 : 0);
    this.setCost(variant, 'low', lowestByte(fromZero));
    this.setCost(variant, 'end', endByte(fromZero));
  }

  private set(variant: number, name: keyof typeof FIELD, value: number): void {
    this.fields[variant * this.stride + FIELD[name]] = value;
  }

  private setCost(variant: number, name: keyof typeof COST, value: number): void {
    this.costs[variant * COSTS + COST[name]] = value;
  }

  private grow(): void {
    const { fields, costs } = this;
    this.fields = new Int32Array(2 * fields.length);
    this.costs = new Float64Array(2 * costs.length);
    this.fields.set(fields);
    this.costs.set(costs);
  }
}
