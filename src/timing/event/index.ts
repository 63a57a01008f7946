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
import { Blocking } from './blocking.ts';
import { Books } from './books.ts';
import { Flow } from './flow.ts';
import { FrontEnd } from './front-end.ts';
import { InOrder } from './in-order.ts';
import { OutOfOrder } from './out-of-order.ts';
import { Outlet } from './outlet.ts';
import { Overlapped } from './overlapped.ts';
import { Scoreboard, scoreboardCapacity } from './scoreboard.ts';
import { Stream } from './stream.ts';
import { Tomasulo, tomasuloCapacity } from './tomasulo.ts';

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
  const { execution, width: slots } = machine.pipeline;
  const limit = options.maxCycles ?? DEFAULT_MAX_CYCLES;
  const width = execution === 'tomasulo' ? slots : 1; // UA-1
  const stream = new Stream(machine, code, source);
  const outlet = listener && new Outlet(listener);
  const books = new Books(outlet, width, limit, options.books);
  if (execution === 'blocking' || execution === 'overlapped') {
    const Issuer = execution === 'blocking' ? Blocking : Overlapped;
    return new InOrder(stream, new Issuer(machine, stream), books, outlet, limit).run();
  }
  const isScoreboard = execution === 'scoreboard';
  const capacity = isScoreboard ? scoreboardCapacity(machine) : tomasuloCapacity(machine);
  const flow = new Flow(machine, outlet, capacity, stream.table.maxSources);
  const core = isScoreboard ? new Scoreboard(machine, flow) : new Tomasulo(machine, flow);
  const front = new FrontEnd(stream, flow, width);
  return new OutOfOrder(core, flow, front, books, outlet, { limit, width }).run();
}
