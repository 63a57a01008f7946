/**
 * The event-driven timing engine: the rules of docs/microarchitecture.md as recurrences. It
 * shares nothing with the tick engine but the instruction set, the machine file and the events.
 *
 * It never ticks through a wait: a wait of a million cycles costs as much as one of ten.
 */
import type { StaticInstruction } from '../../../isa/registers.ts';
import type { Machine } from '../../machine/machine.ts';
import type { StepSource, TimingOptions, TimingResult } from '../engine.ts';
import { DEFAULT_MAX_CYCLES } from '../engine.ts';
import type { Listener } from '../events.ts';
import { runBooks } from '../books/index.ts';
import { Blocking } from './blocking.ts';
import { Books } from './books.ts';
import { InOrder } from './in-order.ts';
import { Outlet } from './outlet.ts';
import { Overlapped } from './overlapped.ts';
import { issueWidth } from './numbers.ts';
import { outOfOrder } from './out-of-order-machine.ts';
import { Stream } from './stream.ts';

export interface EventOptions extends TimingOptions {
  /** Cycles charged to each of CAUSES, over all issue slots, are added here. */
  readonly books?: Float64Array;
}

/**
 * Times the instructions of `source` on a machine. The listener hears the events in the order that
 * TimingEvent promises.
 */
export function runEvents(
  machine: Machine,
  code: readonly StaticInstruction[],
  source: StepSource,
  listener: Listener | undefined,
  options: EventOptions = {},
): TimingResult {
  if (!listener) return withoutEvents(machine, code, source, options);
  const { execution } = machine.pipeline;
  const limit = options.maxCycles ?? DEFAULT_MAX_CYCLES;
  const stream = new Stream(machine, code, source);
  const outlet = new Outlet(listener);
  const books = new Books(outlet, issueWidth(machine), limit, options.books);
  if (execution === 'blocking' || execution === 'overlapped') {
    const Issuer = execution === 'blocking' ? Blocking : Overlapped;
    return new InOrder(stream, new Issuer(machine, stream), books, outlet, limit).run();
  }
  return outOfOrder(machine, stream, books, { outlet }, limit).run();
}

/** Nobody listens: the same cycles and charges, and no event is made. */
function withoutEvents(
  machine: Machine,
  code: readonly StaticInstruction[],
  source: StepSource,
  options: EventOptions,
): TimingResult {
  const { cycles, instructions, cutOffAt, charges } = runBooks(machine, code, source, options);
  charges.forEach((charged, cause) => options.books && (options.books[cause] += charged));
  return { cycles, instructions, cutOffAt };
}
