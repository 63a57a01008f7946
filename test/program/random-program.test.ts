/** The random program generator keeps its promises: legal, halting, and of every instruction. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { INSTRUCTIONS } from '../../isa/index.ts';
import { hasErrors } from '../../src/diagnostics/diagnostic.ts';
import { verifyProgram } from '../../src/program/verify.ts';
import { Vm } from '../../src/vm/vm.ts';
import { randomProgram } from '../support/random-program.ts';

const SEED = 20240601;

it.each([1, 3, 8, 16])('random programs with tile %i run to their end without a trap', (tile) => {
  const law = fc.property(randomProgram({ tile }), ({ program }) => {
    const vm = new Vm(program, { promptTokens: [3, 1], seed: 5, maxInstructions: 100_000 });
    while (vm.next() !== undefined);
    expect(vm.trap).toBeUndefined();
  });
  fc.assert(law, { numRuns: 500, seed: SEED });
});

it('random programs verify without errors', () => {
  const law = fc.property(randomProgram(), ({ program }) => {
    const diagnostics = verifyProgram(program);
    expect(hasErrors(diagnostics), JSON.stringify(diagnostics)).toBe(false);
  });
  fc.assert(law, { numRuns: 1000, seed: SEED });
});

it('random programs use every instruction and every flag', () => {
  const seen = new Set<string>();
  for (const { program } of fc.sample(randomProgram(), { numRuns: 3000, seed: SEED })) {
    for (const { definition, flags } of program.code) {
      seen.add(definition.mnemonic);
      definition.flags.forEach(({ name }, i) => {
        if ((flags & (1 << i)) !== 0) seen.add(`${definition.mnemonic}.${name}`);
      });
    }
  }
  const all = INSTRUCTIONS.flatMap(({ mnemonic, flags }) => [
    mnemonic,
    ...flags.map(({ name }) => `${mnemonic}.${name}`),
  ]);
  expect([...seen].sort()).toEqual(all.sort());
});

it('random programs without control run straight through', () => {
  const law = fc.property(randomProgram({ control: false }), ({ program }) => {
    const kinds = program.code.map(({ definition }) => definition.control);
    expect(kinds.slice(0, -1).every((control) => control === 'next')).toBe(true);
    expect(kinds.at(-1)).toBe('halt');
  });
  fc.assert(law, { numRuns: 300, seed: SEED });
});
