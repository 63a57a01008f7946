/** What every timing engine takes and gives. */
import type { Step } from '../vm/step.ts';

/** Where the executed instructions come from, in program order. */
export interface StepSource {
  next(): Step | undefined;
}

export interface TimingOptions {
  /** The run is cut off behind this many cycles. */
  readonly maxCycles?: number;
}

export const DEFAULT_MAX_CYCLES = 100_000_000;

export interface TimingResult {
  readonly cycles: number;
  readonly instructions: number;
  /** Set when the cycle limit cut the run off: the code address of the oldest unfinished one. */
  readonly cutOffAt: number | undefined;
}
