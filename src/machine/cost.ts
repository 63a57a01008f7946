/** From work to cycles on a machine: rules UA-10 to UA-14 of docs/microarchitecture.md. */
import type { MatrixWork, MicroOperation, Unit, Work } from '../../isa/work.ts';
import type { Machine, MatrixUnit } from './machine.ts';

/** How long an instruction keeps what it uses, in cycles from its issue, each at least 1. */
export interface Cost {
  /** In EX. */
  readonly executeCycles: number;
  /** For which the unit is closed to others. */
  readonly occupancyCycles: number;
  /** For which source tiles are read. */
  readonly readCycles: number;
}

/** UA-14: one cycle for the address; all else depends on the state of memory at the request. */
const ADDRESS_ONLY: Cost = { executeCycles: 1, occupancyCycles: 1, readCycles: 1 };

/** The cost of `work` on `unit` of a machine; of a memory access, that of its address. */
export function costOf(machine: Machine, unit: Unit, work: Work): Cost {
  switch (work.kind) {
    case 'scalar':
      return cost(machine.alu.latencyCycles, machine.alu.intervalCycles);
    case 'matrix':
      return matrixCost(machine.mxu, work);
    case 'elements':
      return elementCost(machine, work.operations);
    case 'memory':
      return ADDRESS_ONLY;
  }
  throw new Error(`invariant: no cost for ${unit} ${JSON.stringify(work satisfies never)}`);
}

function cost(executeCycles: number, occupancyCycles: number, readCycles = occupancyCycles): Cost {
  return { executeCycles, occupancyCycles, readCycles };
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

/**
 * UA-12. Serial weights: `F · (2R + C + T − 2)`, for each fold is loaded or drained alone.
 * Double-buffered: a fold starts every `I` cycles, when the one before has been streamed and its
 * own weights have arrived; only the first load and the last drain show.
 */
function matrixCost(mxu: MatrixUnit, work: MatrixWork): Cost {
  const { rows, columns, weights, weightBytesPerCycle, weightElementBytes } = mxu;
  const { folds, t } = foldsOf(mxu, work);
  if (weights === 'serial') {
    const cycles = folds * (2 * rows + columns + t - 2);
    return cost(cycles, cycles);
  }
  const arrival = Math.ceil((rows * columns * weightElementBytes) / weightBytesPerCycle);
  const streaming = folds * Math.max(t, rows, arrival);
  return cost(rows + streaming + rows + columns - 2, streaming, rows + streaming);
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
  return cost(start, occupancy);
}
