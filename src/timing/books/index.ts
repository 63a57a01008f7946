/**
 * Timing without events: the cycles of a run and its whole books. On machines that issue in order
 * hazards are plain numbers here, without the names that events have; the event engine and the
 * tick engine are what they are measured by.
 */
import type { StaticInstruction } from '../../../isa/registers.ts';
import type { Machine } from '../../machine/machine.ts';
import type { BlockSource } from '../../vm/step-block.ts';
import type { StepSource, TimingOptions } from '../engine.ts';
import { DEFAULT_MAX_CYCLES } from '../engine.ts';
import { inFlight, outOfOrder } from '../event/out-of-order-machine.ts';
import type { Segments } from '../event/stream.ts';
import { Stream } from '../event/stream.ts';
import { BlockSteps, SingleSteps } from './adapters.ts';
import { runBlocking } from './blocking.ts';
import { Feed } from './feed.ts';
import { runOverlapped } from './overlapped.ts';
import type { Books } from './sums.ts';
import { Sums } from './sums.ts';
import { Tally } from './tally.ts';
import { runTomasulo } from './tomasulo.ts';

export type { Books, Segments };

export interface BooksOptions extends TimingOptions {
  /** One for the whole run where not given. */
  readonly segments?: Segments;
}

type Code = readonly StaticInstruction[];

/** Times the instructions of `source` on a machine, and sums up what each slot is charged to. */
export function runBooks(
  machine: Machine,
  code: Code,
  source: StepSource,
  options: BooksOptions = {},
): Books {
  const { segments } = options;
  if (isScoreboard(machine)) return runSteps(machine, code, source, options);
  return runBlockBooks(machine, code, new SingleSteps(source, code.length, segments), options);
}

/**
 * The same of steps in blocks, whose segments count. The source may have handed out more than was
 * timed when the run is cut off.
 */
export function runBlockBooks(
  machine: Machine,
  code: Code,
  source: BlockSource,
  options: TimingOptions = {},
): Books {
  if (isScoreboard(machine)) {
    const steps = new BlockSteps(source);
    return runSteps(machine, code, steps, { ...options, segments: steps.segments });
  }
  const limit = options.maxCycles ?? DEFAULT_MAX_CYCLES;
  const sums = new Sums(machine, code.length, source.segmentCount, limit);
  const feed = new Feed(machine, code, source);
  const run = runnerOf(machine);
  return sums.finish(run(machine, feed, sums, limit));
}

function isScoreboard({ pipeline }: Machine): boolean {
  return pipeline.execution === 'scoreboard';
}

function runnerOf({ pipeline: { execution } }: Machine): typeof runBlocking {
  if (execution === 'tomasulo') return runTomasulo;
  return execution === 'blocking' ? runBlocking : runOverlapped;
}

/** The scoreboard takes steps one by one, and has the engine of events sum them up. */
function runSteps(machine: Machine, code: Code, source: StepSource, options: BooksOptions): Books {
  const limit = options.maxCycles ?? DEFAULT_MAX_CYCLES;
  const { segments } = options;
  const stream = new Stream(machine, code, source, segments);
  const sums = new Sums(machine, code.length, segments?.count ?? 1, limit);
  const tally = new Tally(sums, inFlight(machine));
  return sums.finish(outOfOrder(machine, stream, tally, { tally }, limit).run());
}
