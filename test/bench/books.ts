/** Timing alone, with whole books and no events: how it compares with the engines that tell them. */
import { staticInstruction } from '../../isa/registers.ts';
import { findPreset } from '../../src/machine/presets.ts';
import { runBooks } from '../../src/timing/books/index.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import type { Step } from '../../src/vm/step.ts';
import { Vm } from '../../src/vm/vm.ts';
import { assembleText } from '../support/run.ts';
import { measure, rate } from './measure.ts';
import { TILED_PRODUCT, loopedHazards } from './programs.ts';

const MACHINES = ['classic5-fwd', 'gemmini16', 'multicycle', 'cached', 'scoreboard', 'tomasulo'];
const STEPS = 500_000;
/** An event costs many times what a charge does. */
const HEARD_SHARE = 10;

/** The steps of a short run but for its first and last, over and over: no VM in the measurement. */
function looped(text: string) {
  const program = assembleText(text);
  const vm = new Vm(program);
  const steps: Step[] = [];
  for (let step = vm.next(); step; step = vm.next()) steps.push(step);
  const period = steps.slice(1, -1);
  const source = (count: number) => {
    let left = count;
    let at = 0;
    const next = (): Step | undefined => {
      if (left-- <= 0) return undefined;
      if (at === period.length) at = 0;
      return period[at++];
    };
    return { next };
  };
  return { code: program.code.map(staticInstruction), source };
}

/** Instructions for each second, and how many times what the engine with a listener does. */
export function benchBooks(): void {
  const programs = {
    'a dependent load': loopedHazards(100).get('raw')!,
    'tiled product': TILED_PRODUCT,
  };
  const limits = { maxCycles: Number.MAX_SAFE_INTEGER };
  for (const [title, text] of Object.entries(programs)) {
    const { code, source } = looped(text);
    for (const name of MACHINES) {
      const machine = findPreset(name)!;
      const books = measure(() => void runBooks(machine, code, source(STEPS), limits));
      const heard = measure(() => {
        runEvents(machine, code, source(STEPS / HEARD_SHARE), () => undefined, limits);
      });
      const ratio = (heard.medianMs * HEARD_SHARE) / books.medianMs;
      const speed = rate(STEPS, 'instructions', books);
      console.log(`books, ${name}, ${title}: ${speed}, ${ratio.toFixed(1)} × with a listener`);
    }
  }
}
