/** Printed programs assemble to the same program. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findInstruction } from '../../isa/index.ts';
import type { Operand } from '../../isa/operand.ts';
import type { AssemblerHost } from '../../src/asm/assemble.ts';
import { assemble } from '../../src/asm/assemble.ts';
import { printFloat32, printNumber } from '../../src/asm/print-number.ts';
import { printInstruction, printProgram } from '../../src/asm/print.ts';
import { programHash } from '../../src/program/hash.ts';
import type { Program } from '../../src/program/program.ts';
import { decoratedProgram } from '../support/decorated-program.ts';
import { randomProgram } from '../support/random-program.ts';

const SEED = 47;

/** Printed programs need no other file. */
const NO_FILES: AssemblerHost = {
  readText: () => expect.unreachable(),
  readTensor: () => expect.unreachable(),
};

function reassemble(text: string): Program {
  const { program, diagnostics } = assemble('printed.lasm', text, NO_FILES);
  if (!program) throw new Error(`${JSON.stringify(diagnostics, null, 1)}\n${text}`);
  return program;
}

it('random programs survive printing and assembling', () => {
  const law = fc.property(randomProgram(), ({ program, text }) => {
    expect(programHash(reassemble(text))).toBe(programHash(program));
  });
  fc.assert(law, { numRuns: 500, seed: SEED });
});

/** What a text cannot say of a program, or says anew. */
const NOWHERE = { span: undefined, text: undefined };

/** The part of a program that its text can say, apart from the code. */
function sayable({ tile, parts, shows, symbols, expectations, labels }: Program) {
  return {
    tile,
    parts,
    shows,
    symbols: symbols.map((symbol) => ({ ...symbol, ...NOWHERE })),
    expectations: expectations.map((expectation) => ({ ...expectation, ...NOWHERE })),
    labels: labels.map((label) => ({ ...label, ...NOWHERE })),
  };
}

it('labels, docs, parts, names, shows and expectations survive; a second printing is the same', () => {
  const law = fc.property(decoratedProgram, (program) => {
    const text = printProgram(program);
    const again = reassemble(text);
    expect(programHash(again)).toBe(programHash(program));
    expect(printProgram(again)).toBe(text);
    const [before, after] = [sayable(program), sayable(again)];
    expect({ ...after, labels: [] }).toEqual({ ...before, labels: [] });
    expect(after.labels).toEqual(expect.arrayContaining(before.labels));
  });
  fc.assert(law, { numRuns: 300, seed: SEED });
});

it('every float32 reads back as itself from its text, and no shorter text would do', () => {
  const law = fc.property(fc.float(), (value) => {
    const text = printFloat32(value);
    if (!Number.isFinite(value)) return;
    expect(Object.is(Math.fround(Number(text)), value)).toBe(true);
    const digits = text.replace(/e.*/, '').replace(/\D/g, '').replace(/^0+/, '').replace(/0+$/, '');
    if (digits.length < 2) return;
    const shorter = Number(value.toPrecision(digits.length - 1));
    expect(Math.fround(shorter)).not.toBe(value);
  });
  fc.assert(law, { numRuns: 5000, seed: SEED });
});

it.each([
  [NaN, 'nan'],
  [-Infinity, '-inf'],
  [-0, '-0.0'],
  [0.1, '0.1'],
  [1e30, '1e30'],
  [2 ** 53, '9.007199254740992e15'],
])('%d prints as %s', (value, text) => {
  expect(printNumber(value)).toBe(text);
});

describe('canonical lines', () => {
  const tile = (register: number): Operand => ({ kind: 'tile', register });
  const constant = (value: number): Operand => ({ kind: 'constant', value });
  const symbols = [
    { name: 'X', shape: [4, 4], address: 4096, dtype: 'f32' },
  ] as unknown as Program['symbols'];
  const names = { symbols, labels: [{ name: 'loop', target: 2 }] };
  const line = (mnemonic: string, flags: number, ...operands: Operand[]) =>
    printInstruction({ definition: findInstruction(mnemonic)!, flags, operands }, names);
  const load = (offset: number, base: number, index: number, mnemonic = 'LOAD') =>
    line(
      mnemonic,
      0,
      tile(0),
      { kind: 'address', offset, base, index },
      ...[2, 3, 16].map(constant),
    );

  it.each([
    [load(4096, 0, 0), 'LOAD t0, [X], rows=2, cols=3, stride=16'],
    [load(4100, 5, 0), 'LOAD t0, [X + r5 + 4], rows=2, cols=3, stride=16'],
    // What is no float32 there has no name that the assembler would take.
    [load(4100, 5, 0, 'LOAD.F16'), 'LOAD.F16 t0, [r5 + 4100], rows=2, cols=3, stride=16'],
    [load(4160, 5, 6), 'LOAD t0, [r5 + r6 + 4160], rows=2, cols=3, stride=16'],
    [load(-8, 5, 0), 'LOAD t0, [r5 - 8], rows=2, cols=3, stride=16'],
    [load(0, 0, 0), 'LOAD t0, [0], rows=2, cols=3, stride=16'],
    [line('MATMUL', 3, tile(1), tile(2), tile(3)), 'MATMUL.T.ACC t1, t2, t3'],
    [line('SOFTMAX', 0, tile(1), tile(2), constant(1), { kind: 'absent' }), 'SOFTMAX t1, t2'],
    [
      line('SOFTMAX', 0, tile(1), tile(2), constant(Math.fround(0.1)), constant(0)),
      'SOFTMAX t1, t2, scale=0.1, causal=0',
    ],
    [
      line('JAL', 0, { kind: 'scalar', register: 31 }, { kind: 'label', target: 2 }),
      'JAL r31, loop',
    ],
    [line('JAL', 0, { kind: 'scalar', register: 31 }, { kind: 'label', target: 7 }), 'JAL r31, L7'],
    [line('HALT', 0), 'HALT'],
  ])('%s', (printed, expected) => {
    expect(printed).toBe(expected);
  });
});
