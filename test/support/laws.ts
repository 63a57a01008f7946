/** Laws of runs: properties of random legal programs on presets and on random machines. */
import fc from 'fast-check';
import { it } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import type { ChargeEvent } from '../../src/timing/events.ts';
import { accessProgram } from './access-program.ts';
import { flightsOf } from './flights.ts';
import type { Execution } from './random-machine.ts';
import { IN_ORDER, randomMachine } from './random-machine.ts';
import type { RandomProgram } from './random-program.ts';
import { randomProgram } from './random-program.ts';
import { recordRun } from './run.ts';

const TILE = 8;

/** One in four is of accesses that meet in memory, which those of the others seldom do. */
export const PROGRAM = fc.oneof(
  randomProgram({ length: 16, tile: TILE }),
  randomProgram({ length: 16, tile: 2 }),
  randomProgram({ length: 25, tile: TILE }),
  accessProgram,
);

/** One in three is a preset. */
export function machineOf(executions: readonly Execution[]): fc.Arbitrary<Machine> {
  const presets = PRESETS.filter(({ pipeline }) => executions.includes(pipeline.execution));
  const random = randomMachine({ tile: TILE, executions });
  return fc.oneof(fc.constantFrom(...presets), random, random);
}

/** A run with all that there is to know of its instructions. */
export function runOn({ program }: Pick<RandomProgram, 'program'>, machine: Machine) {
  const run = recordRun(program, machine);
  return { ...run, program, machine, flights: flightsOf(program, machine, run.events) };
}

export type Run = ReturnType<typeof runOn>;

/** Makes tests of laws, each of 300 runs that no other law sees. */
export function lawsOf(executions: readonly Execution[], firstSeed: number) {
  let seed = firstSeed;
  return (name: string, check: (run: Run) => void): void => {
    const own = { numRuns: 300, seed: seed++ };
    it(name, () => {
      const property = fc.property(PROGRAM, machineOf(executions), (program, machine) => {
        check(runOn(program, machine));
      });
      fc.assert(property, own);
    });
  };
}

/** The charges of a run. */
export function chargesOf({ events }: Pick<Run, 'events'>): ChargeEvent[] {
  return events.filter((event) => event.kind === 'charge');
}

/** How many of the half-open ranges share a cycle, at most. */
export function mostAtOnce(ranges: readonly (readonly [from: number, to: number])[]): number {
  const changes = ranges
    .filter(([from, to]) => from < to)
    .flatMap(([from, to]) => [[from, 1] as const, [to, -1] as const])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0;
  let most = 0;
  for (const [, change] of changes) most = Math.max(most, (now += change));
  return most;
}

export const executionOf = ({ machine }: Pick<Run, 'machine'>) => machine.pipeline.execution;

/** Whether the machine issues in program order. */
export const isInOrder = (run: Pick<Run, 'machine'>) => IN_ORDER.includes(executionOf(run));
