/** Random pairs of a program and a machine, with limits, on which both engines must agree. */
import fc from 'fast-check';
import type { Machine } from '../../src/machine/machine.ts';
import type { Program } from '../../src/program/program.ts';
import { accessProgram } from './access-program.ts';
import { anyMachine } from './any-machine.ts';
import type { CompareOptions } from './compare-engines.ts';
import { randomProgram } from './random-program.ts';

export interface EnginePair {
  readonly program: { readonly program: Program; readonly text: string };
  readonly machine: Machine;
  readonly limits: CompareOptions;
}

/** Tiles of four make many short passes; of eight, several folds on a small array. */
const programs = fc.oneof(
  { weight: 5, arbitrary: randomProgram({ tile: 4, length: 16 }) },
  { weight: 4, arbitrary: randomProgram({ tile: 8, length: 24 }) },
  { weight: 4, arbitrary: randomProgram({ tile: 4, length: 30, control: false }) },
  { weight: 1, arbitrary: accessProgram },
);

/** Most runs are whole; some are cut off, and some trap. */
const limits: fc.Arbitrary<CompareOptions> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ maxCycles: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ maxInstructions: fc.nat(30) }) },
  {
    weight: 1,
    arbitrary: fc.record({ maxCycles: fc.nat(120), maxInstructions: fc.nat(20) }),
  },
);

export const enginePair: fc.Arbitrary<EnginePair> = fc.record({
  program: programs,
  machine: anyMachine,
  limits,
});
