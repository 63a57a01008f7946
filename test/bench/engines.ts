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
import { measure, rate } from './measure.ts';
import { loopedHazards } from './programs.ts';

const LOOPS = 20_000;
const LONG_LATENCY = 2000;
const TICK_SHARE = 50;

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

/** Instructions for each second of the event engine, and how many times the tick engine's that is. */
export function benchEngines(): void {
  const whole = record(loopedHazards(LOOPS).get('raw')!);
  const part = {
    ...whole,
    steps: whole.steps.slice(0, Math.ceil(whole.steps.length / TICK_SHARE)),
  };
  for (const name of ['classic5-fwd', 'multicycle', 'tomasulo']) {
    for (const latency of [findPreset(name)!.memory.latencyCycles, LONG_LATENCY]) {
      const machine = withLatency(findPreset(name)!, latency);
      const books = new Float64Array(CAUSES.length);
      const event = measure(() => {
        runEvents(machine, whole.code, sourceOf(whole.steps), undefined, { books });
      });
      const tick = measure(() => {
        new TickEngine(machine, part.code, sourceOf(part.steps), () => undefined).run();
      });
      const ratio = (tick.medianMs * TICK_SHARE) / event.medianMs;
      const speed = rate(whole.steps.length, 'instructions', event);
      console.log(
        `event engine, ${name}, memory latency ${latency}: ${speed}, ${ratio.toFixed(1)} × the tick engine`,
      );
    }
  }
}
