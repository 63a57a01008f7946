/** The fixed corpus: programs on machines, each with the log that the event engine writes of it. */
import fc from 'fast-check';
import type { StaticInstruction } from '../../isa/registers.ts';
import { staticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import type { TimingResult } from '../../src/timing/engine.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import type { Step } from '../../src/vm/step.ts';
import { Vm } from '../../src/vm/vm.ts';
import type { CompareOptions } from '../support/compare-engines.ts';
import { enginePair } from '../support/engine-pair.ts';
import { accessProgram } from '../support/access-program.ts';
import { anyMachine } from '../support/any-machine.ts';
import { randomProgram } from '../support/random-program.ts';
import { tileProgram } from '../support/tile-program.ts';

/** A run to repeat, and all that is to come of it. */
export interface Trial {
  readonly machine: Machine;
  readonly code: readonly StaticInstruction[];
  readonly steps: readonly Step[];
  readonly maxCycles: number | undefined;
  readonly events: readonly TimingEvent[];
  readonly result: TimingResult;
}

const SEED = 20260101;

export interface CorpusSize {
  /** Programs that run on every preset. */
  readonly programs: number;
  /** Programs with a random machine each, some of them cut off. */
  readonly pairs: number;
  /** Programs of products and other work on a few tiles, with a random machine each. */
  readonly tilePrograms: number;
  /** Programs of loads and stores of a few bytes, with a random machine and a limit that is near. */
  readonly accessPrograms: number;
}

/** Random programs on every preset, and random programs on random machines; always the same. */
export function makeCorpus(size: CorpusSize): Trial[] {
  const programs = fc.sample(randomProgram({ tile: 8, length: 24 }), {
    seed: SEED,
    numRuns: size.programs,
  });
  const onPresets = programs.flatMap(({ program }) => {
    const run = execute(program, {});
    return PRESETS.map((machine) => trial(machine, run, {}));
  });
  const onRandom = fc
    .sample(enginePair, { seed: SEED, numRuns: size.pairs })
    .map(({ program, machine, limits }) =>
      trial(machine, execute(program.program, limits), limits),
    );
  const onTiles = fc
    .sample(fc.tuple(tileProgram, anyMachine), { seed: SEED, numRuns: size.tilePrograms })
    .map(([{ program }, machine]) => trial(machine, execute(program, {}), {}));
  const onBytes = fc
    .sample(fc.tuple(accessProgram, anyMachine), { seed: SEED, numRuns: size.accessPrograms })
    .map(([{ program }, machine], i) => {
      const run = execute(program, {});
      const { cycles } = trial(machine, run, {}).result;
      // Every other limit is met exactly, the others are a cycle too low.
      return trial(machine, run, { maxCycles: cycles - (i % 2) });
    });
  return [...onPresets, ...onRandom, ...onTiles, ...onBytes];
}

interface Execution {
  readonly code: readonly StaticInstruction[];
  readonly steps: readonly Step[];
}

/** Values come before time: what is executed does not depend on the machine. */
function execute(program: Program, { maxInstructions }: CompareOptions): Execution {
  const vm = new Vm(program, maxInstructions === undefined ? {} : { maxInstructions });
  const steps: Step[] = [];
  for (let step = vm.next(); step; step = vm.next()) steps.push(step);
  return { code: program.code.map(staticInstruction), steps };
}

function trial(machine: Machine, { code, steps }: Execution, limits: CompareOptions): Trial {
  const { maxCycles } = limits;
  const events: TimingEvent[] = [];
  const listener = (event: TimingEvent) => events.push(event);
  const options = maxCycles === undefined ? {} : { maxCycles };
  const result = runEvents(machine, code, sourceFrom(steps), listener, options);
  return { machine, code, steps, maxCycles, events, result };
}

/** Steps that were executed before, one after the other. */
export function sourceFrom(steps: readonly Step[]): { next(): Step | undefined } {
  let next = 0;
  return { next: () => steps[next++] };
}
