/** Where the cycles of a systolic array went, as in Table 3 of Jouppi et al., ISCA 2017. */
import type { Phase, PhaseKind, SystolicRun } from './simulate.ts';

/**
 * PE cycles of a window; they add up to rows × columns × `cycles`.
 * A cycle counts as active if a vector enters the array in it, then, by priority, as shift, as
 * stall, as other; of the PEs of an active cycle some do useful work.
 */
export interface Account {
  readonly cycles: number;
  /** PEs that multiply what the product asked for. */
  readonly usefulMacs: number;
  /** PEs without work while vectors enter: ragged folds, vectors added to make up a minimum. */
  readonly wastedMacs: number;
  /** The stationary tile has to arrive (or, output-stationary, to leave). */
  readonly stall: number;
  /** It shifts in (or out). */
  readonly shift: number;
  /** Waves that nothing hides, and cycles outside the run. */
  readonly other: number;
}

const OTHER = 0;
const STALL = 1;
const SHIFT = 2;
const ACTIVE = 3;

/** Higher numbers win where phases overlap. */
const CHARGE: Readonly<Record<PhaseKind, number>> = {
  wave: OTHER,
  arrive: STALL,
  leave: STALL,
  load: SHIFT,
  drain: SHIFT,
  stream: ACTIVE,
};

/** The account of the cycles from `fromCycle` up to, not including, `toCycle`. */
export function accountOf(run: SystolicRun, fromCycle = 0, toCycle = run.cycles): Account {
  const charges = new Uint8Array(toCycle - fromCycle);
  let usefulMacs = 0;
  for (const phase of run.phases) {
    const charge = CHARGE[phase.kind];
    for (let c = Math.max(phase.startCycle, fromCycle); c < phase.endCycle && c < toCycle; c++) {
      charges[c - fromCycle] = Math.max(charges[c - fromCycle]!, charge);
    }
    if (phase.kind === 'stream') usefulMacs += usefulIn(run, phase, fromCycle, toCycle);
  }
  const processingElements = run.array.rows * run.array.columns;
  const counts = [0, 0, 0, 0];
  for (const charge of charges) counts[charge]!++;
  const [other, stall, shift, active] = counts.map((count) => count * processingElements);
  return {
    cycles: charges.length,
    usefulMacs,
    wastedMacs: active! - usefulMacs,
    stall: stall!,
    shift: shift!,
    other: other!,
  };
}

function usefulIn(run: SystolicRun, phase: Phase, fromCycle: number, toCycle: number): number {
  const { rows, columns, vectors } = run.folds[phase.fold]!;
  const from = Math.max(phase.startCycle, fromCycle);
  const to = Math.min(phase.startCycle + vectors, toCycle);
  return rows * columns * Math.max(0, to - from);
}

/** A part of an account as a share of all PE cycles, from 0 to 1; the parts add up to 1. */
export function shareOf(
  run: SystolicRun,
  account: Account,
  part: Exclude<keyof Account, 'cycles'>,
): number {
  return account[part] / (run.array.rows * run.array.columns * account.cycles);
}
