/** What work costs on a machine: rules UA-10 to UA-13, in numbers that are looked up once. */
import type { MatrixWork, MicroOperation, Work } from '../../../isa/work.ts';
import type { LaneUnit, Machine } from '../../machine/machine.ts';

/** The costs of the work that was priced last; memory accesses learn the rest when requested. */
export class Costs {
  executeCycles = 0;
  occupancyCycles = 0;
  readCycles = 0;
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Prices an instruction's work. */
  price(work: Work): void {
    switch (work.kind) {
      case 'scalar':
        return this.set(this.machine.alu.latencyCycles, this.machine.alu.intervalCycles);
      case 'memory':
        return this.set(1, 1); // UA-14: one cycle for the address
      case 'matrix':
        return this.priceMatrix(work);
      case 'elements':
        return this.pricePasses(work.operations);
    }
    return work satisfies never;
  }

  /** Prices one pass as an instruction of its own (UA-7). */
  pricePass({ unit, elements }: MicroOperation): void {
    const lanes = this.machine[unit];
    const groups = Math.ceil(elements / lanes.lanes);
    this.set(passCycles(lanes, groups), groups * lanes.intervalCycles);
  }

  private set(execute: number, occupancy: number): void {
    this.executeCycles = execute;
    this.occupancyCycles = occupancy;
    this.readCycles = occupancy; // UA-10
  }

  /** UA-12: F folds of T vectors on an array of R rows by C columns. */
  private priceMatrix(work: MatrixWork): void {
    const {
      rows: R,
      columns: C,
      weights,
      weightElementBytes,
      weightBytesPerCycle,
    } = this.machine.mxu;
    const folds = this.foldsOf(work);
    const vectors = this.vectorsOf(work);
    if (weights === 'serial') {
      const cycles = folds * (2 * R + C + vectors - 2);
      return this.set(cycles, cycles);
    }
    const loading = Math.ceil((R * C * weightElementBytes) / weightBytesPerCycle);
    const interval = Math.max(vectors, R, loading);
    this.executeCycles = R + folds * interval + R + C - 2;
    this.occupancyCycles = folds * interval;
    this.readCycles = R + folds * interval;
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
  private pricePasses(operations: readonly MicroOperation[]): void {
    let begin = 0;
    let last = 0;
    for (let i = 0; i < operations.length; i++) {
      begin += last;
      this.pricePass(operations[i]);
      last = this.executeCycles;
    }
    if (!(last > 0)) throw new Error('invariant: element work without passes');
    this.set(begin + last, begin + this.occupancyCycles);
  }
}

function passCycles({ depthCycles, intervalCycles }: LaneUnit, groups: number): number {
  return (groups - 1) * intervalCycles + depthCycles;
}
