/** Runs products through a systolic array, fold by fold and phase by phase (UA-12, docs/systolic.md). */
import type { Convention } from './convention.ts';
import { TEXTBOOK, firstLoadCycles } from './convention.ts';
import type { Fold, Gemm, SystolicArray } from './folds.ts';
import { cutIntoFolds } from './folds.ts';

/**
 * `arrive`: the stationary tile comes in from memory and is staged beside the array.
 * `load`: it shifts into the array, a row a cycle. `stream`: vectors enter, one a cycle.
 * `wave`: the last vector crosses the array. `drain`: sums shift out of an output-stationary
 * array. `leave`: the staged sums go to memory.
 */
export type PhaseKind = 'arrive' | 'load' | 'stream' | 'wave' | 'drain' | 'leave';

/** Cycles from `startCycle` up to, not including, `endCycle`; never empty. */
export interface Phase {
  readonly kind: PhaseKind;
  readonly fold: number;
  readonly startCycle: number;
  readonly endCycle: number;
}

export interface SystolicRun {
  readonly array: SystolicArray;
  readonly folds: readonly Fold[];
  /** By fold, and in each fold by start. */
  readonly phases: readonly Phase[];
  /** From the first cycle of the first load to the last result. */
  readonly cycles: number;
  /** `cycles` as the convention reports it. */
  readonly reportedCycles: number;
}

/** Lengths of the phases that are the same for every fold. */
interface Lengths {
  readonly transferCycles: number;
  readonly firstLoadCycles: number;
  readonly loadCycles: number;
  readonly waveCycles: number;
  readonly drainCycles: number;
  readonly streamCycles: (fold: Fold) => number;
}

function lengthsOf(array: SystolicArray, convention: Convention): Lengths {
  const { rows, columns, weightElementBytes, weightBytesPerCycle } = array;
  return {
    transferCycles: Math.ceil((rows * columns * weightElementBytes) / weightBytesPerCycle),
    firstLoadCycles: firstLoadCycles(convention, rows),
    loadCycles: rows,
    waveCycles: rows + columns - 2 + convention.registerStages,
    drainCycles: convention.osDrain ? rows : 0,
    streamCycles: ({ vectors }) => Math.max(vectors, convention.minimumVectors),
  };
}

/** Writes phases down, and says when each ends. */
class Timeline {
  readonly phases: Phase[] = [];

  add(kind: PhaseKind, fold: number, startCycle: number, cycles: number): number {
    const endCycle = startCycle + cycles;
    if (cycles > 0) this.phases.push({ kind, fold, startCycle, endCycle });
    return endCycle;
  }
}

type Schedule = (timeline: Timeline, folds: readonly Fold[], lengths: Lengths) => void;

/** One fold behind the other: load, stream, wave. */
const loadSerially: Schedule = (timeline, folds, lengths) => {
  let cycle = 0;
  folds.forEach((fold, f) => {
    cycle = timeline.add('load', f, cycle, f === 0 ? lengths.firstLoadCycles : lengths.loadCycles);
    cycle = timeline.add('stream', f, cycle, lengths.streamCycles(fold));
    cycle = timeline.add('wave', f, cycle, lengths.waveCycles);
  });
};

/** One fold behind the other: stream, wave, drain. */
const drainSerially: Schedule = (timeline, folds, lengths) => {
  let cycle = 0;
  folds.forEach((fold, f) => {
    cycle = timeline.add('stream', f, cycle, lengths.streamCycles(fold));
    cycle = timeline.add('wave', f, cycle, lengths.waveCycles);
    cycle = timeline.add('drain', f, cycle, lengths.drainCycles);
  });
};

/**
 * PEs have a spare register. A tile waits for three things: to have arrived, which starts when the
 * tile before makes room beside the array; for the spare registers, free once the fold before has
 * begun with what was in them; and, to be used, for the last vector of the fold before.
 * The first tile is staged already. New weights take effect with the wave, so waves do not count.
 */
const loadAhead: Schedule = (timeline, folds, lengths) => {
  let loadStart = 0;
  let streamStart = 0;
  let streamEnd = 0;
  folds.forEach((fold, f) => {
    const arrived = f === 0 ? 0 : timeline.add('arrive', f, loadStart, lengths.transferCycles);
    loadStart = Math.max(arrived, streamStart);
    const cycles = f === 0 ? lengths.firstLoadCycles : lengths.loadCycles;
    const loadEnd = timeline.add('load', f, loadStart, cycles);
    streamStart = Math.max(streamEnd, loadEnd);
    streamEnd = timeline.add('stream', f, streamStart, lengths.streamCycles(fold));
    timeline.add('wave', f, streamEnd, lengths.waveCycles);
  });
};

/**
 * `loadAhead` run backwards: a fold may end when the sums of the fold before are out of the spare
 * registers, and its own sums are out no sooner than those before have left for memory. `streamEnd`
 * and `drainEnd` are cycles of the first PE, which the wave leads; the last PE is a wave behind.
 */
const drainBehind: Schedule = (timeline, folds, lengths) => {
  const { waveCycles, drainCycles, transferCycles } = lengths;
  let streamEnd = 0;
  let drainEnd = 0;
  folds.forEach((fold, f) => {
    const cycles = lengths.streamCycles(fold);
    streamEnd = timeline.add('stream', f, Math.max(streamEnd, drainEnd - cycles), cycles);
    timeline.add('wave', f, streamEnd, waveCycles);
    const left = f === 0 ? 0 : drainEnd + transferCycles;
    const drainStart = Math.max(streamEnd, left - drainCycles);
    drainEnd = timeline.add('drain', f, drainStart + waveCycles, drainCycles) - waveCycles;
    if (f < folds.length - 1) timeline.add('leave', f, drainEnd + waveCycles, transferCycles);
  });
};

function scheduleFor({ dataflow, weights }: SystolicArray): Schedule {
  if (dataflow === 'output-stationary') return weights === 'serial' ? drainSerially : drainBehind;
  return weights === 'serial' ? loadSerially : loadAhead;
}

/** Runs products back to back on an array that is empty at first. Throws on an empty product. */
export function simulate(
  array: SystolicArray,
  gemms: readonly Gemm[],
  convention: Convention = TEXTBOOK,
): SystolicRun {
  const folds = gemms.flatMap((gemm, index) => cutIntoFolds(array, gemm, index));
  const timeline = new Timeline();
  scheduleFor(array)(timeline, folds, lengthsOf(array, convention));
  const { phases } = timeline;
  const cycles = phases.reduce((last, { endCycle }) => Math.max(last, endCycle), 0);
  const reportedCycles = convention.reportLastIndex ? cycles - 1 : cycles;
  return { array, folds, phases, cycles, reportedCycles };
}
