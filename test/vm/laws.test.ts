/** Laws 1, 2 and 7 on random legal programs: values, time and the machine keep apart. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TILE_REGISTERS } from '../../isa/index.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import type { Vm } from '../../src/vm/vm.ts';
import { randomProgram } from '../support/random-program.ts';
import { recordRun } from '../support/run.ts';

const SEED = 20_240_601;
const CASES = { numRuns: 300, seed: SEED };

/** Everything that a program can have computed, bit for bit; NaN is one value. */
function stateOf(vm: Vm) {
  const bits = ({ buffer, byteOffset, length }: Float32Array) =>
    new Int32Array(buffer, byteOffset, length);
  const oneNaN = (values: Float32Array) => values.map((x) => (Number.isNaN(x) ? NaN : x));
  const tiles = Array.from({ length: TILE_REGISTERS }, (_, t) => {
    const tile = vm.tile(t);
    if (!tile) return undefined;
    const { rows, cols, data } = tile;
    return { rows, cols, bits: [...bits(oneNaN(data.subarray(0, rows * cols)))] };
  });
  const scalars = Array.from({ length: 32 }, (_, r) => vm.scalar(r));
  const memory = [...bits(oneNaN(vm.memory.floats))];
  return { tiles, scalars, memory, tokens: vm.emittedTokens, instructions: vm.instructions };
}

/** The same program with other numbers in its f32 data. */
function withOtherData(program: Program, factor: number): Program {
  const symbols = program.symbols.map((symbol) =>
    symbol.data instanceof Float32Array
      ? { ...symbol, data: symbol.data.map((x) => x * factor - 0.25) }
      : symbol,
  );
  return { ...program, symbols };
}

describe('laws', () => {
  it('1: values never depend on the machine', () => {
    const law = fc.property(randomProgram({ length: 14 }), ({ program }) => {
      const [first, ...others] = PRESETS.map((machine) => stateOf(recordRun(program, machine).vm));
      for (const other of others) expect(other).toEqual(first);
    });
    fc.assert(law, CASES);
  });

  it('2: time never depends on values', () => {
    const law = fc.property(
      randomProgram({ length: 14, control: false }),
      fc.constantFrom(...PRESETS),
      fc.constantFrom(0, -3.5, 1e30),
      ({ program }, machine, factor) => {
        const one = recordRun(program, machine);
        const other = recordRun(withOtherData(program, factor), machine);
        // Weights to draw from may no longer be weights: a trap ends both sequences differently.
        fc.pre(!one.trap && !other.trap);
        expect(other.events).toEqual(one.events);
      },
    );
    fc.assert(law, CASES);
  });

  it('2: nor does it notice a program that computes NaN throughout', () => {
    const law = fc.property(randomProgram({ length: 14, control: false }), ({ program }) => {
      const one = recordRun(program, 'multicycle');
      const other = recordRun(withOtherData(program, NaN), 'multicycle');
      fc.pre(!other.trap);
      expect(other.events).toEqual(one.events);
    });
    fc.assert(law, CASES);
  });

  it('7: the same run twice gives the same report, events and values', () => {
    const law = fc.property(
      randomProgram({ length: 14 }),
      fc.constantFrom(...PRESETS),
      ({ program }, machine) => {
        const [one, other] = [recordRun(program, machine), recordRun(program, machine)];
        expect(JSON.stringify(other.report)).toBe(JSON.stringify(one.report));
        expect(JSON.stringify(other.events)).toBe(JSON.stringify(one.events));
        expect(stateOf(other.vm)).toEqual(stateOf(one.vm));
      },
    );
    fc.assert(law, CASES);
  });
});
