/** Both timing engines on the same recorded steps: no values, books kept, nobody listens. */
import { staticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { findPreset } from '../../src/machine/presets.ts';
import { CAUSES } from '../../src/timing/causes.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import { TickEngine } from '../../src/timing/tick.ts';
import type { Step } from '../../src/vm/step.ts';
import { Vm } from '../../src/vm/vm.ts';
import { assembleText } from '../support/run.ts';
import { loopedHazards } from './programs.ts';
import type { Row } from './rows.ts';
import { rateOf } from './rows.ts';

const LOOPS = 2500;
const LONG_LATENCY = 2000;
const TICK_SHARE = 10;

interface Recorded {
  readonly code: ReturnType<typeof staticInstruction>[];
  readonly steps: readonly Step[];
}

function record(text: string): Recorded {
  const program = assembleText(text);
  const vm = new Vm(program);
  const steps: Step[] = [];
  for (let step = vm.next(); step; step = vm.next()) steps.push(step);
  return { code: program.code.map(staticInstruction), steps };
}

function sourceOf(steps: readonly Step[]) {
  let next = 0;
  return { next: () => steps[next++] };
}

function withLatency(machine: Machine, latencyCycles: number): Machine {
  return { ...machine, memory: { ...machine.memory, latencyCycles } };
}

/** A third of what is typical where the memory is the machine's own; a long latency helps the event engine. */
const LIMITS: Readonly<Record<string, number>> = {
  'classic5-fwd': 2,
  multicycle: 1.5,
  tomasulo: 1,
};

/** Instructions for each second of the event engine, and how many times what the tick engine does. */
export function* engineRows(): Generator<Row> {
  const whole = record(loopedHazards(LOOPS).get('raw')!);
  const length = Math.ceil(whole.steps.length / TICK_SHARE);
  const part = { ...whole, steps: whole.steps.slice(0, length) };
  for (const [name, limit] of Object.entries(LIMITS)) {
    for (const latency of [findPreset(name)!.memory.latencyCycles, LONG_LATENCY]) {
      const machine = withLatency(findPreset(name)!, latency);
      const books = new Float64Array(CAUSES.length);
      const event = () => {
        runEvents(machine, whole.code, sourceOf(whole.steps), undefined, { books });
      };
      const tick = () => {
        new TickEngine(machine, part.code, sourceOf(part.steps), () => undefined).run();
      };
      yield {
        name: `${name}, memory latency ${latency}`,
        mine: event,
        other: { name: 'the tick engine', side: tick, share: length / whole.steps.length },
        figure: rateOf(whole.steps.length, 'instr'),
        ...(latency === LONG_LATENCY ? {} : { limit }),
      };
    }
  }
}
