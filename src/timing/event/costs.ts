/** What work costs on a machine (UA-10 to UA-13): priced once for each instruction and its shape. */
import type { MatrixWork, MicroOperation, Work } from '../../../isa/work.ts';
import { SCALAR_WORK, macsOf } from '../../../isa/work.ts';
import type { LaneUnit, Machine } from '../../machine/machine.ts';

/**
 * The costs of the latest work of each code address. A loop asks for the same again and again, so
 * work that is the same object as before, or has the same shape, is not priced again.
 */
export class Costs {
  readonly executeCycles: Float64Array;
  readonly occupancyCycles: Float64Array;
  readonly readCycles: Float64Array;
  /** Useful multiply-accumulates. */
  readonly macs: Float64Array;
  /** The work that was priced; of accesses, which cost the same wherever they go, the first. */
  readonly latest: Work[];
  private readonly machine: Machine;

  constructor(machine: Machine, size: number) {
    this.machine = machine;
    this.executeCycles = new Float64Array(size);
    this.occupancyCycles = new Float64Array(size);
    this.readCycles = new Float64Array(size);
    this.macs = new Float64Array(size);
    this.latest = Array.from({ length: size }, () => SCALAR_WORK);
    for (let pc = 0; pc < size; pc++) this.price(pc, SCALAR_WORK);
  }

  /** Sees to it that the costs at `pc` are those of `work`. */
  update(pc: number, work: Work): void {
    const before = this.latest[pc];
    if (work.kind === before.kind) {
      if (work.kind === 'memory' || work.kind === 'scalar') return;
      if (work.kind === 'matrix' && isSameProduct(work, before as MatrixWork)) return;
    }
    this.latest[pc] = work;
    this.price(pc, work);
  }

  private price(pc: number, work: Work): void {
    this.macs[pc] = macsOf(work);
    switch (work.kind) {
      case 'scalar': {
        const { latencyCycles, intervalCycles } = this.machine.alu; // UA-11
        return this.set(pc, latencyCycles, intervalCycles);
      }
      case 'memory':
        return this.set(pc, 1, 1); // UA-14: one cycle for the address; the rest when requested
      case 'matrix':
        return this.priceMatrix(pc, work);
      case 'elements':
        return this.pricePasses(pc, work.operations);
    }
    return work satisfies never;
  }

  /** UA-10: sources are read for as long as the unit is closed, where no rule says otherwise. */
  private set(pc: number, execute: number, occupancy: number, read = occupancy): void {
    this.executeCycles[pc] = execute;
    this.occupancyCycles[pc] = occupancy;
    this.readCycles[pc] = read;
  }

  /** UA-12: F folds of T vectors on an array of R rows by C columns. */
  private priceMatrix(pc: number, work: MatrixWork): void {
    const { rows: R, columns: C, weights, ...loads } = this.machine.mxu;
    const folds = this.foldsOf(work);
    const vectors = this.vectorsOf(work);
    if (weights === 'serial') {
      const cycles = folds * (2 * R + C + vectors - 2);
      return this.set(pc, cycles, cycles);
    }
    const loading = Math.ceil((R * C * loads.weightElementBytes) / loads.weightBytesPerCycle);
    const interval = Math.max(vectors, R, loading);
    this.set(pc, R + folds * interval + R + C - 2, folds * interval, R + folds * interval);
  }

  private foldsOf({ m, k, n }: MatrixWork): number {
    const { rows: R, columns: C, dataflow } = this.machine.mxu;
    switch (dataflow) {
      case 'weight-stationary':
        return Math.ceil(k / R) * Math.ceil(n / C);
      case 'output-stationary':
        return Math.ceil(m / R) * Math.ceil(n / C);
      case 'input-stationary':
        return Math.ceil(k / R) * Math.ceil(m / C);
    }
    return dataflow satisfies never;
  }

  private vectorsOf({ m, k, n }: MatrixWork): number {
    const { dataflow } = this.machine.mxu;
    if (dataflow === 'weight-stationary') return m;
    return dataflow === 'output-stationary' ? k : n;
  }

  /** UA-13: each pass begins when the result of the one before is out. */
  private pricePasses(pc: number, operations: readonly MicroOperation[]): void {
    let end = 0;
    let occupancy = 0;
    for (const { unit, elements } of operations) {
      const lanes = this.machine[unit];
      const groups = Math.ceil(elements / lanes.lanes);
      occupancy = end + groups * lanes.intervalCycles;
      end += passCycles(lanes, groups);
    }
    if (!(end > 0)) throw new Error('invariant: element work without passes');
    this.set(pc, end, occupancy);
  }
}

function isSameProduct(a: MatrixWork, b: MatrixWork): boolean {
  return a.m === b.m && a.k === b.k && a.n === b.n;
}

function passCycles({ depthCycles, intervalCycles }: LaneUnit, groups: number): number {
  return (groups - 1) * intervalCycles + depthCycles;
}
