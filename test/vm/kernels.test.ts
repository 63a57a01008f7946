/** Whole programs give the same bits with the fast kernels as with the plain loops that define them. */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TILE_REGISTERS } from '../../isa/index.ts';
import type { Program } from '../../src/program/program.ts';
import { outputHash } from '../../src/run/outputs.ts';
import type { Step } from '../../src/vm/step.ts';
import { Vm } from '../../src/vm/vm.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleFixture } from '../support/run.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

const lasmIn = (folder: string) =>
  readdirSync(ROOT + folder)
    .filter((file) => file.endsWith('.lasm'))
    .map((file) => folder + file);

const OPTIONS = { promptTokens: [3, 1, 2], seed: 5, maxInstructions: 1_000_000 };

/** Runs a program, and keeps what the timing model is told. */
function run(program: Program, plainKernels: boolean) {
  const vm = new Vm(program, { ...OPTIONS, plainKernels });
  const steps: Step[] = [];
  for (let step = vm.next(); step; step = vm.next()) steps.push(step);
  return { vm, steps };
}

/** A tile as numbers, in which NaN is one value and −0 is not +0. */
function tileOf(vm: Vm, register: number) {
  const tile = vm.tile(register);
  return tile && { ...tile, address: 0, data: tile.data.slice(0, tile.rows * tile.cols) };
}

function expectSame(program: Program): void {
  const [fast, plain] = [run(program, false), run(program, true)];
  expect(outputHash(fast.vm)).toBe(outputHash(plain.vm));
  expect(fast.steps).toEqual(plain.steps);
  expect(fast.vm.trap).toEqual(plain.vm.trap);
  for (let t = 0; t < TILE_REGISTERS; t++) {
    expect(tileOf(fast.vm, t)).toEqual(tileOf(plain.vm, t));
  }
}

describe('fast and plain kernels give the same values and steps', () => {
  const files = [...lasmIn('programs/'), ...lasmIn('programs/hazards/')];

  it('has programs to run', () => {
    expect(files.length).toBeGreaterThan(15);
  });

  it.each(files)('%s', (file) => {
    expectSame(assembleFixture(file));
  });

  it.each([1, 3, 16, 40])('random programs with tile %i', (tile) => {
    const law = fc.property(randomProgram({ tile }), ({ program }) => {
      expectSame(program);
    });
    fc.assert(law, { numRuns: 300, seed: 20240601 });
  });
});
