/**
 * Timing without events: the cycles of a run and its whole books. On machines that issue in order
 * hazards are plain numbers here, without the names that events have; the event engine and the
 * tick engine are what they are measured by.
 */
import type { StaticInstruction } from '../../../isa/registers.ts';
import type { Machine } from '../../machine/machine.ts';
import type { StepSource, TimingOptions } from '../engine.ts';
import { DEFAULT_MAX_CYCLES } from '../engine.ts';
import type { Segments } from '../event/stream.ts';
import { Stream } from '../event/stream.ts';
import { runBlocking } from './blocking.ts';
import { inFlight, outOfOrder } from '../event/out-of-order-machine.ts';
import { runOverlapped } from './overlapped.ts';
import type { Books } from './sums.ts';
import { runTomasulo } from './tomasulo.ts';
import { Sums } from './sums.ts';
import { Tally } from './tally.ts';

export type { Books, Segments };

export interface BooksOptions extends TimingOptions {
  /** One for the whole run where not given. */
  readonly segments?: Segments;
}

/** Times the instructions of `source` on a machine, and sums up what each slot is charged to. */
export function runBooks(
  machine: Machine,
  code: readonly StaticInstruction[],
  source: StepSource,
  options: BooksOptions = {},
): Books {
  const limit = options.maxCycles ?? DEFAULT_MAX_CYCLES;
  const stream = new Stream(machine, code, source, options.segments);
  const sums = new Sums(machine, code.length, options.segments?.count, limit);
  switch (machine.pipeline.execution) {
    case 'blocking':
      return sums.finish(runBlocking(machine, stream, sums, limit));
    case 'overlapped':
      return sums.finish(runOverlapped(machine, stream, sums, limit));
    case 'tomasulo':
      return sums.finish(runTomasulo(machine, stream, sums, limit));
    case 'scoreboard': {
      const tally = new Tally(sums, inFlight(machine));
      return sums.finish(outOfOrder(machine, stream, tally, { tally }, limit).run());
    }
  }
  return machine.pipeline.execution satisfies never;
}
