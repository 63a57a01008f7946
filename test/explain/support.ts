/** Runs with waits lifted, for the tests of explanations. */
import { staticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Program } from '../../src/program/program.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import type { Lifted } from '../../src/timing/lifted.ts';
import { TickEngine } from '../../src/timing/tick.ts';
import { Vm } from '../../src/vm/vm.ts';

/** A run of the tick engine with its events. */
export function runLifted(program: Program, machine: Machine, lifted?: Lifted) {
  const events: TimingEvent[] = [];
  const code = program.code.map(staticInstruction);
  const listen = (event: TimingEvent) => void events.push(event);
  const engine = new TickEngine(machine, code, new Vm(program), listen, lifted);
  return { ...engine.run(), events };
}
