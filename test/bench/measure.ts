/** Timing for benchmarks: several runs, the median and the spread. */

export interface Measurement {
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly slowestMs: number;
}

/** Runs `work` once to warm up and then `runs` times. */
export function measure(work: () => void, runs = 5): Measurement {
  work();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return {
    medianMs: times[Math.floor(runs / 2)]!,
    fastestMs: times[0]!,
    slowestMs: times.at(-1)!,
  };
}

/** `3.21 M cycles/s (2.98 to 3.40)`, in thousands where millions would be too coarse. */
export function rate(amount: number, unit: string, time: Measurement): string {
  const { medianMs, fastestMs, slowestMs } = time;
  const isSlow = amount / medianMs < 1000;
  const figure = (ms: number) => ((amount / ms) * (isSlow ? 1 : 1e-3)).toFixed(isSlow ? 0 : 2);
  const range = `${figure(slowestMs)} to ${figure(fastestMs)}`;
  return `${figure(medianMs)} ${isSlow ? 'k' : 'M'} ${unit}/s (${range})`;
}

/** `31.2 × (30.1 to 32.0)`: the median of the ratios of times that were taken in pairs, and their range. */
export function ratioOf(slow: readonly number[], fast: readonly number[]): string {
  const ratios = slow.map((time, i) => time / fast[i]!).sort((a, b) => a - b);
  const [low, middle, high] = [0, Math.floor(ratios.length / 2), ratios.length - 1];
  const show = (i: number) => ratios[i]!.toFixed(1);
  return `${show(middle)} × (${show(low)} to ${show(high)})`;
}

/** The median. */
export function medianOf(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** Rounds of a comparison, and pieces of one timing. */
const ROUNDS = 7;
const PIECES = 5;

/**
 * Nanoseconds of one call of each, in several rounds: all take turns, so that what else the host does hits
 * each alike. A timing is the fastest of a few pieces of `times` calls.
 */
export function takeTurns(
  runs: readonly (() => void)[],
  times: number,
  pieces = PIECES,
): number[][] {
  const timed = (run: () => void) =>
    Math.min(...Array.from({ length: pieces }, () => nanoseconds(run, times)));
  for (const run of runs) timed(run);
  const rounds = Array.from({ length: ROUNDS }, () => runs.map(timed));
  return runs.map((_, i) => rounds.map((round) => round[i]!));
}

function nanoseconds(run: () => void, times: number): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) run();
  return ((performance.now() - start) * 1e6) / times;
}
