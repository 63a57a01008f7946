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
