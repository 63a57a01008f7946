/** The clock of the benchmarks: time of the processor, which other work on the same host hardly touches. */

export interface BenchClock {
  /** What its time is, for the head of the table. */
  readonly name: string;
  readonly nanoseconds: () => number;
}

/** User and system time of all threads of this process: one thread works, and others compile and collect garbage. */
const PROCESSOR: BenchClock = {
  name: 'time of the processor',
  nanoseconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) * 1e3;
  },
};

const HOST: BenchClock = {
  name: 'time of the clock (that of the processor is too coarse here)',
  nanoseconds: () => performance.now() * 1e6,
};

const READINGS = 1000;
/** A fine clock moves with almost every reading, and one of whole milliseconds with hardly any. */
const LEAST_MOVES = 100;

/** Some hosts count the time of processes in ticks of milliseconds, which measure nothing short. */
export function isFine({ nanoseconds }: BenchClock): boolean {
  const readings = Array.from({ length: READINGS }, nanoseconds);
  return new Set(readings).size >= LEAST_MOVES;
}

export const CLOCK: BenchClock = isFine(PROCESSOR) ? PROCESSOR : HOST;
