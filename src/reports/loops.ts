/** Loops: iterations whose schedules are the same but for when they begin. */
import type { Flight, Segment } from './flights.ts';
import { FlightRecorder } from './flights.ts';
import type { Names } from './names.ts';
import type { SteadyState } from './report.ts';
import type { TimingEvent } from '../timing/events.ts';

/** Consecutive iterations with the same schedule. */
export interface SteadyRun {
  readonly head: number;
  readonly tail: number;
  readonly firstIteration: number;
  lastIteration: number;
  /** 0 as long as there is only one iteration. */
  intervalCycles: number;
}

/** Follows segments and says whether each one continues the run of those before it. */
export class SteadyTracker {
  #previous: Segment | undefined;
  #run: SteadyRun | undefined;

  /** The run up to now; undefined when the last segment was no iteration. */
  get run(): SteadyRun | undefined {
    return this.#run;
  }

  /** Whether the segment is the same as the one before it; `run` then includes it. */
  continues(segment: Segment): boolean {
    const previous = this.#previous;
    this.#previous = segment;
    const interval = previous ? startOf(segment) - startOf(previous) : 0;
    const run = this.#run;
    const steady =
      run !== undefined &&
      (run.intervalCycles === 0 || run.intervalCycles === interval) &&
      isNextIteration(previous!, segment) &&
      sameSchedule(previous!.flights, segment.flights, interval);
    if (steady) {
      run.lastIteration = segment.iteration;
      run.intervalCycles = interval;
      return true;
    }
    const { head, tail, iteration } = segment;
    const first = { head, tail, firstIteration: iteration, lastIteration: iteration };
    this.#run = head < 0 ? undefined : { ...first, intervalCycles: 0 };
    return false;
  }

  /** Forgets what came before. */
  reset(): void {
    this.#previous = undefined;
    this.#run = undefined;
  }
}

function startOf({ flights }: Segment): number {
  return flights[0]!.fetchCycle;
}

function isNextIteration(a: Segment, b: Segment): boolean {
  return a.head === b.head && a.tail === b.tail && a.iteration + 1 === b.iteration;
}

/** Whether `b` is `a`, every cycle of it `shift` later. */
function sameSchedule(a: readonly Flight[], b: readonly Flight[], shift: number): boolean {
  return a.length === b.length && a.every((flight, i) => sameFlight(flight, b[i]!, shift));
}

function sameFlight(a: Flight, b: Flight, shift: number): boolean {
  return (
    a.pc === b.pc &&
    a.fetchCycle + shift === b.fetchCycle &&
    a.decodeCycle + shift === b.decodeCycle &&
    a.dispatchCycle + shift === b.dispatchCycle &&
    a.issueCycle + shift === b.issueCycle &&
    a.memoryCycle + shift === b.memoryCycle &&
    a.writeBackCycle + shift === b.writeBackCycle &&
    a.commitCycle + shift === b.commitCycle &&
    a.retireCycle + shift === b.retireCycle &&
    a.waits.length === b.waits.length &&
    a.waits.every((wait, i) => {
      const other = b.waits[i]!;
      const { cycle, cycles, cause } = wait;
      return cycle + shift === other.cycle && cycles === other.cycles && cause === other.cause;
    })
  );
}

/** A loop is worth a word when this many iterations are the same. */
const LEAST_ITERATIONS = 3;

/** Finds the longest steady run of each loop. */
export class SteadyFold {
  readonly #names: Names;
  readonly #tracker = new SteadyTracker();
  readonly #longest = new Map<string, SteadyRun>();
  readonly #recorder = new FlightRecorder((segment) => this.#add(segment));

  constructor(names: Names) {
    this.#names = names;
  }

  listen(event: TimingEvent): void {
    this.#recorder.listen(event);
  }

  #add(segment: Segment): void {
    if (!this.#tracker.continues(segment)) return;
    const run = this.#tracker.run!;
    const key = `${run.head} ${run.tail}`;
    const best = this.#longest.get(key);
    if (!best || lengthOf(run) > lengthOf(best)) this.#longest.set(key, run);
  }

  finish(): SteadyState[] {
    return [...this.#longest.values()]
      .filter((run) => lengthOf(run) >= LEAST_ITERATIONS)
      .sort((a, b) => a.head - b.head || a.tail - b.tail)
      .map(({ head, tail, firstIteration, lastIteration, intervalCycles }) => ({
        head: this.#names.place(head),
        tail: this.#names.place(tail),
        firstIteration,
        lastIteration,
        intervalCycles,
      }));
  }
}

function lengthOf(run: SteadyRun): number {
  return run.lastIteration - run.firstIteration + 1;
}
