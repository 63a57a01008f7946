/** What every timing engine takes and gives. */
import type { Step } from '../vm/step.ts';

/** Where the executed instructions come from, in program order. */
export interface StepSource {
  next(): Step | undefined;
}

export interface TimingOptions {
  /** The run is cut off behind this many cycles; one that takes just as many is whole. */
  readonly maxCycles?: number;
}

export const DEFAULT_MAX_CYCLES = 100_000_000;

export interface TimingResult {
  /** UA-2; of a run that was cut off, its limit. */
  readonly cycles: number;
  /** Dynamic instructions with `IF < cycles`, each pass of a cracked one by itself (UA-7). */
  readonly instructions: number;
  /**
   * Set when the cycle limit cut the run off: the code address of the oldest instruction that was
   * fetched and not past its last stage in cycle `cycles − 1`, so that it would have retired in
   * `cycles` or later; 0 where nothing had been fetched. A run is cut off if, at its limit, an
   * instruction is still in the pipeline, or the end of the program has not been fetched.
   */
  readonly cutOffAt: number | undefined;
}
