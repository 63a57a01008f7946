/** A walk takes the steps of the machine with values, and traps where it traps. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HALTED } from '../../isa/instruction.ts';
import { staticInstruction } from '../../isa/registers.ts';
import type { Program } from '../../src/program/program.ts';
import { BlockSteps } from '../../src/timing/books/adapters.ts';
import { runBlockBooks } from '../../src/timing/books/index.ts';
import type { StepSource } from '../../src/timing/engine.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import type { Trap } from '../../src/vm/trap.ts';
import { Vm } from '../../src/vm/vm.ts';
import { Walker } from '../../src/walk/walker.ts';
import { anyMachine } from '../support/any-machine.ts';
import { loopProgram } from '../support/loop-program.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleText } from '../support/run.ts';

const seed = 20261122;
const maxInstructions = 4000;

function stepsOf(source: StepSource) {
  const steps = [];
  for (let step = source.next(); step; step = source.next()) {
    // A block has no place for an address behind the last instruction.
    steps.push(step.nextPc === HALTED ? { ...step, nextPc: 0 } : step);
  }
  return steps;
}

const place = (trap: Trap | undefined) =>
  trap && { code: trap.code, pc: trap.pc, index: trap.index, span: trap.span };

/** Both runs; the walk's is the machine's. */
function expectSameSteps(program: Program): Trap | undefined {
  const vm = new Vm(program, { maxInstructions });
  const walker = new Walker(program, { maxInstructions });
  expect(stepsOf(new BlockSteps(walker))).toEqual(stepsOf(vm));
  expect(place(walker.trap)).toEqual(place(vm.trap));
  expect(walker.instructions).toBe(vm.instructions);
  return vm.trap;
}

/** No register holds what was computed from the content of a tile, or read from where one was stored. */
function hasValuesInTilesOnly({ code }: Program): boolean {
  return code.every(({ definition }) => {
    const isFromTile = definition.operands.some(({ kind }) => kind === 'tile');
    return !(definition.writesScalar && (isFromTile || definition.elements));
  });
}

const legal = randomProgram({ tile: 8, length: 30 }).filter(({ program }) =>
  hasValuesInTilesOnly(program),
);

test('random legal programs', { timeout: 120_000 }, () => {
  const property = fc.property(legal, ({ program }) => {
    expect(expectSameSteps(program)).toBeUndefined();
  });
  fc.assert(property, { seed, numRuns: 1500 });
});

test('random programs of loops, some of which trap', { timeout: 240_000 }, () => {
  const codes = new Set<string | undefined>();
  const property = fc.property(loopProgram(), ({ program }) => {
    codes.add(expectSameSteps(program)?.code);
  });
  fc.assert(property, { seed, numRuns: 400 });
  expect(codes.size).toBeGreaterThan(3);
});

test('the books of a walk have the cycles of the events of a run', { timeout: 240_000 }, () => {
  const programs = fc.oneof(legal, loopProgram(5));
  const property = fc.property(programs, anyMachine, ({ program }, machine) => {
    const code = program.code.map(staticInstruction);
    const maxCycles = Number.MAX_SAFE_INTEGER;
    const vm = new Vm(program, { maxInstructions });
    const events = runEvents(machine, code, vm, () => undefined, { maxCycles });
    const walker = new Walker(program, { maxInstructions, worthSkipping: 1 });
    const { cycles, instructions } = runBlockBooks(machine, code, walker, { maxCycles });
    expect({ cycles, instructions }).toEqual({
      cycles: events.cycles,
      instructions: events.instructions,
    });
  });
  fc.assert(property, { seed, numRuns: 600 });
});

describe('traps', () => {
  const symbols = '.data\nX: .f32 16, 16 = zeros()\nT: .i32 4 = [1, 2, 3, 4]\n.text\n';
  /** Puts a number into r9 that nobody knows before running. */
  const unknown = (value: number) => `LI r8, 0\nILOAD r9, [T + r8]\nIADD r9, r9, ${value - 1}`;
  const load = 'LOAD t0, [X], rows=4, cols=4, stride=64\nLOAD t1, [X], rows=3, cols=5, stride=64';
  const cases = [
    ['a jump behind the code', `${unknown(999)}\nJR r9`, 'jump-out-of-code'],
    ['a jump before the code', `${unknown(-3)}\nJR r9`, 'jump-out-of-code'],
    ['a jump to the end', `${unknown(5)}\nJR r9`, 'jump-out-of-code'],
    ['division by zero', `${unknown(0)}\nIDIV r1, r9, r9`, 'bad-operand'],
    ['a remainder of zero', `${unknown(0)}\nIREM r1, r9, r9`, 'bad-operand'],
    ['a sum too large', `${unknown(1)}\nIADD r1, r9, 9007199254740991`, 'integer-overflow'],
    [
      'a misaligned tile',
      `${unknown(2)}\nLOAD t0, [X + r9], rows=2, cols=2, stride=64`,
      'address-misaligned',
    ],
    [
      'a misaligned stride',
      `${unknown(66)}\nLOAD t0, [X], rows=2, cols=2, stride=r9`,
      'address-misaligned',
    ],
    ['a misaligned integer', `${unknown(2)}\nILOAD r1, [T + r9]`, 'address-misaligned'],
    ['an integer behind memory', `${unknown(4096)}\nILOAD r1, [T + r9]`, 'address-out-of-range'],
    [
      'an integer that is no int32',
      `${unknown(1)}\nIMUL r9, r9, 2147483648\nISTORE [T], r9`,
      'integer-overflow',
    ],
    [
      'both: misaligned and behind memory',
      `${unknown(99998)}\nILOAD r1, [T + r9]`,
      'address-misaligned',
    ],
    ['no rows', `${unknown(0)}\nLOAD t0, [X], rows=r9, cols=2, stride=64`, 'shape-mismatch'],
    ['too many rows', `${unknown(17)}\nFILL t0, 0, rows=r9, cols=2`, 'tile-overflow'],
    [
      'a shape that does not fit',
      `${load}\n${unknown(7)}\nLOAD t0, [X], rows=4, cols=r9, stride=64\nMATMUL t2, t0, t1`,
      'shape-mismatch',
    ],
    ['no end', 'loop:\nLI r1, 0\nBEQ r1, 0, loop', 'instruction-limit'],
  ] as const;

  test.each(cases)('%s', (_, body, code) => {
    const program = assembleText(`${symbols}${body}\nHALT\n`);
    expect(expectSameSteps(program)).toMatchObject({ code });
  });

  /** Without its first instruction. */
  function behead(program: Program): Program {
    const [code, spans, parts] = [program.code, program.spans, program.parts];
    return { ...program, code: code.slice(1), spans: spans.slice(1), parts: parts.slice(1) };
  }

  test.each([
    'FILL t5, 1, rows=2, cols=2\nEXP t4, t5',
    'LI r5, 1\nIADD r4, r5, 1',
    'LI r5, 1\nISUB r4, r0, r5',
    'LI r5, 4\nLOAD t1, [X + r5], rows=2, cols=2, stride=64',
    'LI r5, 4\nFILL t1, 0, rows=r5, cols=2',
    'LI r5, 4\nILOAD r1, [T + r5]',
  ])('a register without its %s', (body) => {
    const program = behead(assembleText(`${symbols}${body}\nHALT\n`));
    expect(expectSameSteps(program)).toMatchObject({ code: 'unwritten-register', pc: 0 });
  });

  test('a sum too large for a register that keeps nothing is none', () => {
    const program = assembleText(`${symbols}${unknown(1)}\nIADD r0, r9, 9007199254740991\nHALT\n`);
    expect(expectSameSteps(program)).toBeUndefined();
  });
});
