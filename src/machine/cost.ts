/** From work to cycles on a machine: rules UA-10 to UA-15 of docs/microarchitecture.md. */
import type { MatrixWork, MemoryWork, MicroOperation, Unit, Work } from '../../isa/work.ts';
import type { Machine, MatrixUnit } from './machine.ts';

/** How long an instruction takes, in cycles, each at least 1 (`transferCycles`: at least 0). */
export interface Cost {
  /** In EX. */
  readonly executeCycles: number;
  /** In MEM, where nothing holds it up: 1 unless it is a memory access. */
  readonly memoryCycles: number;
  /** For which the unit is closed to others, and for which source tiles are read. */
  readonly occupancyCycles: number;
  /** The last part of MEM, in which data moves; 0 unless it is a memory access. */
  readonly transferCycles: number;
}

/** The cost of `work` on `unit` of a machine. */
export function costOf(machine: Machine, unit: Unit, work: Work): Cost {
  switch (work.kind) {
    case 'scalar':
      return inExecute(machine.alu.latencyCycles, machine.alu.intervalCycles);
    case 'matrix':
      return matrixCost(machine.mxu, work);
    case 'elements':
      return elementCost(machine, work.operations);
    case 'memory':
      return memoryCost(machine, work);
  }
  throw new Error(`invariant: no cost for ${unit} ${JSON.stringify(work satisfies never)}`);
}

function inExecute(executeCycles: number, occupancyCycles: number): Cost {
  return { executeCycles, occupancyCycles, memoryCycles: 1, transferCycles: 0 };
}

/** UA-12: folds of the array, and the vectors streamed through each. */
export function foldsOf(mxu: MatrixUnit, { m, k, n }: MatrixWork): { folds: number; t: number } {
  const { rows, columns } = mxu;
  const over = (a: number, b: number) => Math.ceil(a / b);
  switch (mxu.dataflow) {
    case 'weight-stationary':
      return { folds: over(k, rows) * over(n, columns), t: m };
    case 'output-stationary':
      return { folds: over(m, rows) * over(n, columns), t: k };
    case 'input-stationary':
      return { folds: over(k, rows) * over(m, columns), t: n };
  }
  return mxu.dataflow satisfies never;
}

/** UA-12: `folds · (2R + C + T − 2)`; weights are loaded and results drained before the next. */
function matrixCost(mxu: MatrixUnit, work: MatrixWork): Cost {
  const { folds, t } = foldsOf(mxu, work);
  const cycles = folds * (2 * mxu.rows + mxu.columns + t - 2);
  return inExecute(cycles, cycles);
}

/** UA-13: passes one behind the other; the unit opens when the last group of the last pass is in. */
function elementCost(machine: Machine, operations: readonly MicroOperation[]): Cost {
  let start = 0;
  let occupancy = 0;
  for (const { unit, elements } of operations) {
    const { lanes, depthCycles, intervalCycles } = machine[unit];
    const groups = Math.ceil(elements / lanes);
    occupancy = start + groups * intervalCycles;
    start += (groups - 1) * intervalCycles + depthCycles;
  }
  return inExecute(start, occupancy);
}

/** UA-14: one cycle in EX for the address; then latency and transfer in MEM. */
function memoryCost(machine: Machine, work: MemoryWork): Cost {
  const { latencyCycles } = machine.memory;
  const transferCycles = transferCyclesOf(machine, work);
  const memoryCycles = latencyCycles + transferCycles;
  const blocking = machine.pipeline.execution === 'blocking';
  return {
    executeCycles: 1,
    memoryCycles,
    occupancyCycles: blocking ? memoryCycles : transferCycles,
    transferCycles,
  };
}

/** UA-15: rows that lie end to end are one run; every other row begins a bus cycle of its own. */
function transferCyclesOf(machine: Machine, work: MemoryWork): number {
  const { rows, rowBytes, strideBytes } = work;
  const busCycles = (bytes: number) => Math.ceil(bytes / machine.memory.bytesPerCycle);
  return strideBytes === rowBytes ? busCycles(rows * rowBytes) : rows * busCycles(rowBytes);
}
