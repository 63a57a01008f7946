/** The tick engine under the name of the event engine, so that every run in a bundle is the mutant's. */
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { StepSource, TimingOptions, TimingResult } from '../../src/timing/engine.ts';
import type { Listener } from '../../src/timing/events.ts';
import { TickEngine } from '../../src/timing/tick.ts';

/** Nobody hears the events. */
const silent: Listener = () => undefined;

export function runEvents(
  machine: Machine,
  code: readonly StaticInstruction[],
  source: StepSource,
  listener: Listener | undefined,
  options: TimingOptions = {},
): TimingResult {
  return new TickEngine(machine, code, source, listener ?? silent).run(options);
}
