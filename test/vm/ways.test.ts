/** The quick way of executing and the plain one: the same steps, registers, memory and traps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCALAR_REGISTERS, TILE_REGISTERS } from '../../isa/index.ts';
import type { Instruction } from '../../isa/instruction.ts';
import type { Operand } from '../../isa/operand.ts';
import type { Program } from '../../src/program/program.ts';
import { outputHash } from '../../src/run/outputs.ts';
import type { Step } from '../../src/vm/step.ts';
import { StepBlock, stepAt } from '../../src/vm/step-block.ts';
import type { VmOptions } from '../../src/vm/vm.ts';
import { Vm } from '../../src/vm/vm.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleText } from '../support/run.ts';

const SEED = 20_240_601;
const OPTIONS = { promptTokens: [3, 1, 2], seed: 5, maxInstructions: 2000 };
const LIMITS = [1, 3, 1024];

/** Everything that is left of a run; a register that was never written is undefined, and NaN is one value. */
function stateOf(vm: Vm) {
  const tiles = Array.from({ length: TILE_REGISTERS }, (_, t) => {
    const tile = vm.tile(t);
    return tile && [tile.rows, tile.cols, ...tile.data.slice(0, tile.rows * tile.cols)];
  });
  const scalars = Array.from({ length: SCALAR_REGISTERS }, (_, r) => vm.scalar(r));
  const { trap, instructions, emittedTokens } = vm;
  return { tiles, scalars, memory: outputHash(vm), trap, instructions, emittedTokens };
}

function runInBlocks(vm: Vm, limit: number): Step[] {
  const block = new StepBlock();
  block.limit = limit;
  const steps: Step[] = [];
  for (vm.fill(block); block.count > 0; vm.fill(block)) {
    expect(block.count).toBeLessThanOrEqual(limit);
    for (let i = 0; i < block.count; i++) steps.push(stepAt(block, i, vm.works));
  }
  return steps;
}

function runPlainly(program: Program, options: VmOptions = OPTIONS) {
  const vm = new Vm(program, { ...options, plainKernels: true });
  const steps: Step[] = [];
  for (let step = vm.next(); step; step = vm.next()) steps.push(step);
  return { vm, steps };
}

function expectSameWays(program: Program, limit: number): void {
  const plain = runPlainly(program);
  const quick = new Vm(program, OPTIONS);
  expect(runInBlocks(quick, limit)).toEqual(plain.steps);
  expect(stateOf(quick)).toEqual(stateOf(plain.vm));
}

/** What a careless hand does to an operand: another register, or another number. */
function spoiltOperand(operand: Operand, by: number): Operand {
  switch (operand.kind) {
    case 'tile':
    case 'scalar':
      return { ...operand, register: by % 12 };
    case 'constant':
      return { ...operand, value: [0, 1, 2, 7, 41, -4, 2 ** 31, 2 ** 53 - 1][by % 8]! };
    case 'address':
      return by % 2 === 0
        ? { ...operand, offset: operand.offset + [2, -4, 64, 4096, -4096, 1][by % 6]! }
        : { ...operand, index: by % 12 };
    case 'label':
      return { ...operand, target: operand.target + (by % 3) - 1 };
    case 'absent':
      return operand;
  }
  return operand satisfies never;
}

interface Spoil {
  readonly at: number;
  readonly operand: number;
  readonly by: number;
}

function spoilt(program: Program, { at, operand, by }: Spoil): Program {
  const pc = at % program.code.length;
  const code = program.code.map((instruction, i): Instruction => {
    if (i !== pc || instruction.operands.length === 0) return instruction;
    const place = operand % instruction.operands.length;
    const operands = instruction.operands.map((one, j) =>
      j === place ? spoiltOperand(one, by) : one,
    );
    return { ...instruction, operands };
  });
  return { ...program, code };
}

describe('quick and plain execution agree', () => {
  it.each([1, 3, 16])('on random programs with tile %i', (tile) => {
    const law = fc.property(
      randomProgram({ tile }),
      fc.constantFrom(...LIMITS),
      ({ program }, limit) => {
        expectSameWays(program, limit);
      },
    );
    fc.assert(law, { numRuns: 300, seed: SEED });
  });

  it('on programs with a mistake in them, most of which trap', () => {
    const traps = new Set<string>();
    const spoil = fc.record({ at: fc.nat(200), operand: fc.nat(7), by: fc.nat(999) });
    const law = fc.property(
      randomProgram({ tile: 8, length: 16 }),
      fc.array(spoil, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...LIMITS),
      ({ program }, spoils, limit) => {
        const wrong = spoils.reduce(spoilt, program);
        const { trap } = runPlainly(wrong).vm;
        if (trap) traps.add(trap.code);
        expectSameWays(wrong, limit);
      },
    );
    fc.assert(law, { numRuns: 1500, seed: SEED });
    expect([...traps].sort()).toEqual([
      'address-misaligned',
      'address-out-of-range',
      'bad-operand',
      'instruction-limit',
      'integer-overflow',
      'jump-out-of-code',
      'shape-mismatch',
      'tile-overflow',
      'unwritten-register',
    ]);
  });

  it('from any state on that a snapshot brings back', () => {
    const law = fc.property(
      randomProgram({ tile: 4 }),
      fc.nat(40),
      fc.nat(40),
      ({ program }, first, second) => {
        const vm = new Vm(program, OPTIONS);
        for (let i = 0; i < first; i++) vm.next();
        const saved = vm.snapshot();
        for (let i = 0; i < second; i++) vm.next();
        vm.restore(saved);
        runInBlocks(vm, 1024);
        expect(stateOf(vm)).toEqual(stateOf(runPlainly(program).vm));
      },
    );
    fc.assert(law, { numRuns: 300, seed: SEED });
  });
});

describe('a block', () => {
  const LOOP = 'LI r1, 0\nagain: IADD r1, r1, 1\nECALL.EMIT r1\nBLT r1, 3, again\nHALT';

  it('begins with what emits a token, for a token is heard at once', () => {
    const heard: number[] = [];
    const vm = new Vm(assembleText(LOOP), { onToken: (token) => heard.push(token) });
    const block = new StepBlock();
    const blocks: [string[], number][] = [];
    for (vm.fill(block); block.count > 0; vm.fill(block)) {
      const pcs = [...block.pc.subarray(0, block.count)];
      blocks.push([pcs.map((pc) => vm.program.code[pc]!.definition.mnemonic), heard.length]);
    }
    expect(blocks).toEqual([
      [['LI', 'IADD'], 0],
      [['ECALL.EMIT', 'BLT', 'IADD'], 1],
      [['ECALL.EMIT', 'BLT', 'IADD'], 2],
      [['ECALL.EMIT', 'BLT', 'HALT'], 3],
    ]);
  });

  it('never holds an instruction beyond the limit', () => {
    const program = assembleText('again: JAL r0, again\nHALT');
    for (const maxInstructions of [0, 1, 1024, 1500]) {
      const vm = new Vm(program, { maxInstructions });
      expect(runInBlocks(vm, 1024)).toHaveLength(maxInstructions);
      expect(vm.trap).toMatchObject({ code: 'instruction-limit', index: maxInstructions, pc: 0 });
    }
  });

  it('of arithmetic too', () => {
    const program = assembleText('LI r1, 0\nagain: IADD r1, r1, 1\nBGE r1, 0, again\nHALT');
    const vm = new Vm(program, { maxInstructions: 2000 });
    expect(runInBlocks(vm, 1024)).toHaveLength(2000);
    expect([vm.scalar(1), vm.instructions]).toEqual([1000, 2000]);
  });
});
