/** What the verifier finds, and that it is right: an error traps, and a trap of its kinds was found. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findInstruction } from '../../isa/index.ts';
import type { Instruction } from '../../isa/instruction.ts';
import type { AssemblerHost } from '../../src/asm/assemble.ts';
import { assemble } from '../../src/asm/assemble.ts';
import type { Program } from '../../src/program/program.ts';
import { verifyProgram } from '../../src/program/verify.ts';
import { Vm } from '../../src/vm/vm.ts';
import { randomProgram } from '../support/random-program.ts';

const SEED = 53;

const NO_FILES: AssemblerHost = {
  readText: () => expect.unreachable(),
  readTensor: () => expect.unreachable(),
};

/** `3 error tile-overflow` for each finding; lines count from `.text` on, which is line 0. */
function findingsOf(text: string): string[] {
  const prefix = [
    '.tile 4',
    '.bss',
    'X: .f32 4, 4',
    'H: .f16 4, 4',
    'Q: .i8 1, 3',
    'Y: .f32 16, 16',
    '.show X',
    '.show Y',
    '.show H',
    '.show Q',
    '.text',
  ];
  const source = [...prefix, text].join('\n');
  const { diagnostics } = assemble('test.lasm', source, NO_FILES);
  return diagnostics.map(({ span, severity, code }) => {
    return `${span.line - prefix.length} ${severity} ${code}`;
  });
}

describe('registers', () => {
  it.each([
    ['ADD t1, t0, t0\nHALT', ['1 error unwritten-register']],
    ['IADD r1, r2, 1\nHALT', ['1 error unwritten-register']],
    ['LOAD t0, [X + r1], rows=1, cols=1\nHALT', ['1 error unwritten-register']],
    ['LOAD t0, [X]\nMATMUL.ACC t1, t0, t0\nHALT', ['2 error unwritten-register']],
    ['LOAD t0, [X]\nMATMUL t1, t0, t0\nHALT', []],
    ['IADD r1, r0, 1\nHALT', []],
    [
      // Line 2 skips the load on some paths.
      'ECALL.PROMPT r1, r0\nBEQ r1, 0, over\nLOAD t0, [X]\nover: STORE [X], t0\nHALT',
      ['4 warning maybe-unwritten-register'],
    ],
    [
      'ECALL.PROMPT r1, r0\nBEQ r1, 0, over\nLI r2, 1\nover: ECALL.EMIT r2\nHALT',
      ['4 warning maybe-unwritten-register'],
    ],
    // The branch is always taken, so the load never happens.
    ['BEQ r0, 0, over\nLOAD t0, [X]\nover: STORE [X], t0\nHALT', ['3 error unwritten-register']],
    // What the first iteration leaves behind is there in the second, but not in the first.
    [
      'LI r1, 0\nloop: ECALL.PROMPT r3, r1\nBEQ r3, 0, over\nSTORE [X], t0\nover: LOAD t0, [X]\nIADD r1, r1, 1\nBLT r1, 3, loop\nHALT',
      ['4 warning maybe-unwritten-register'],
    ],
  ])('%s', (text, findings) => {
    expect(findingsOf(text)).toEqual(findings);
  });
});

describe('shapes', () => {
  it.each([
    ['FILL t0, 1, rows=2, cols=3\nMATMUL t1, t0, t0\nHALT', ['2 error shape-mismatch']],
    ['FILL t0, 1, rows=2, cols=3\nMATMUL.T t1, t0, t0\nHALT', []],
    ['FILL t0, 1, rows=0, cols=3\nHALT', ['1 error shape-mismatch']],
    ['LI r1, 5\nFILL t0, 1, rows=r1, cols=3\nHALT', ['2 error tile-overflow']],
    ['LI r1, 2\nIADD r1, r1, 3\nFILL t0, 1, rows=r1, cols=3\nHALT', ['3 error tile-overflow']],
    // The shape depends on the path, so nothing is certain.
    [
      'FILL t0, 1, rows=2, cols=3\nFILL t1, 1, rows=3, cols=3\nECALL.PROMPT r1, r0\nBEQ r1, 0, over\nFILL t1, 1, rows=2, cols=3\nover: MATMUL t2, t0, t1\nHALT',
      [],
    ],
    // ... but two rows are certain on both.
    [
      'FILL t0, 1, rows=2, cols=3\nECALL.PROMPT r1, r0\nBEQ r1, 0, over\nFILL t0, 1, rows=2, cols=4\nover: MATMUL t2, t0, t0\nROWSUM t3, t0\nMATMUL t4, t3, t3\nHALT',
      ['7 error shape-mismatch'],
    ],
  ])('%s', (text, findings) => {
    expect(findingsOf(text)).toEqual(findings);
  });
});

describe('memory', () => {
  it.each([
    ['LOAD t0, [64], rows=1, cols=1, stride=4\nHALT', ['1 error out-of-memory-range']],
    ['LOAD t0, [Y + 1020], rows=1, cols=1\nHALT', []],
    ['LOAD t0, [Y + 1020], rows=1, cols=2\nHALT', ['1 error out-of-memory-range']],
    ['LOAD t0, [Y + 1020], rows=2, cols=1\nHALT', ['1 error out-of-memory-range']],
    ['LI r1, Y\nIADD r1, r1, 1024\nILOAD r2, [r1]\nHALT', ['3 error out-of-memory-range']],
    ['LI r1, X + 1\nILOAD r2, [r1]\nHALT', ['2 error misaligned-address']],
    ['LOAD.F16 t0, [H + 1], rows=1, cols=1\nHALT', ['1 error misaligned-address']],
    ['LOAD.F16 t0, [H + 2], rows=2, cols=1, stride=6\nHALT', []],
    ['LOAD.I8 t0, [Q + 1], rows=2, cols=1, stride=1\nHALT', []],
    ['LOAD.I8 t0, [Q + 1], rows=1, cols=3\nHALT', ['1 warning symbol-overrun']],
    ['LOAD t0, [X], rows=2, cols=1, stride=6\nHALT', ['1 error misaligned-address']],
    ['LOAD t0, [X + 56], rows=1, cols=4\nHALT', ['1 warning symbol-overrun']],
    ['LOAD t0, [X]\nSTORE [X + 16], t0\nHALT', ['2 warning symbol-overrun']],
    ['LOAD t0, [X + 48], rows=1, cols=4\nHALT', []],
    // In a loop the address is not known.
    ['LI r1, Y\nloop: ILOAD r2, [r1]\nIADD r1, r1, 3\nBLT r1, Y + 9, loop\nHALT', []],
  ])('%s', (text, findings) => {
    expect(findingsOf(text)).toEqual(findings);
  });
});

describe('integers', () => {
  it.each([
    ['LI r1, 0\nIDIV r2, r1, r1\nHALT', ['2 error bad-operand']],
    ['LI r1, 0x1000_0000\nIMUL r1, r1, r1\nHALT', ['2 error integer-overflow']],
    ['LI r1, 0x400_0000\nIMUL r1, r1, r1\nHALT', []],
  ])('%s', (text, findings) => {
    expect(findingsOf(text)).toEqual(findings);
  });
});

describe('control', () => {
  it.each([
    ['', ['empty-program']],
    ['LI r1, 1', ['no-halt']],
    ['loop: JAL r0, loop', ['no-halt']],
    ['BEQ r0, 1, over\nHALT\nover: LI r1, 1', []],
    ['ECALL.PROMPT r1, r0\nBEQ r1, 1, over\nHALT\nover: LI r1, 1', ['falls-off-end']],
    ['ECALL.PROMPT r1, r0\nBEQ r1, 1, over\nHALT\nover:', ['falls-off-end']],
    ['HALT\nLI r1, 1\nLI r1, 2\nover: HALT', ['unreachable-code']],
    ['JAL r0, over\nLI r1, 1\nover: LI r1, 1\nJAL r0, end\nLI r1, 1\nend: HALT', 2],
    ['LI r1, 7\nJR r1\nHALT', ['undefined-target', 'unreachable-code']],
    // A routine that is called twice comes back to both places, and to no other.
    ['JAL r31, f\nJAL r31, f\nHALT\nf: JR r31', []],
    ['JAL r31, f\nJAL r30, g\nHALT\nf: JR r31\ng: JR r30', []],
    // Its callers keep their own registers.
    ['JAL r31, f\nLI r1, 1\nJAL r31, f\nIADD r1, r1, 1\nHALT\nf: LI r2, 1\nJR r31', []],
    // What it writes they have, on whatever path it did.
    ['JAL r31, f\nECALL.EMIT r2\nJAL r31, f\nHALT\nf: LI r2, 1\nJR r31', []],
    // A routine may call another, and the link may be kept elsewhere.
    [
      'JAL r31, f\nJAL r31, f\nECALL.EMIT r2\nHALT\nf: IADD r29, r31, 0\nJAL r31, g\nJR r29\ng: LI r2, 1\nJR r31',
      [],
    ],
  ])('%s', (text, expected) => {
    const codes = findingsOf(text).map((finding) => finding.split(' ')[2]);
    expect(codes).toEqual(
      typeof expected === 'number' ? Array(expected).fill('unreachable-code') : expected,
    );
  });

  it('a jump outside the code is an error', () => {
    const operands = [
      { kind: 'scalar', register: 0 },
      { kind: 'label', target: 9 },
    ] as const;
    const jump: Instruction = { definition: findInstruction('JAL')!, flags: 0, operands };
    const { program } = assemble('test.lasm', 'HALT', NO_FILES);
    const [finding] = verifyProgram({ ...program!, code: [jump] });
    expect(finding).toMatchObject({ severity: 'error', code: 'undefined-target' });
  });
});

/** The program with another register, constant or offset in one of its operands. */
function mutate(program: Program, place: number, value: number): Program {
  const code = [...program.code];
  const pc = place % code.length;
  const operands = code[pc].operands.map((operand, i) => {
    if (i !== place % code[pc].operands.length) return operand;
    if (operand.kind === 'tile' || operand.kind === 'scalar') {
      return { ...operand, register: value % 8 };
    }
    if (operand.kind === 'constant') return { ...operand, value: value - 4 };
    if (operand.kind === 'address') return { ...operand, offset: operand.offset + value * 14 };
    return operand;
  });
  code[pc] = { ...code[pc], operands };
  return { ...program, code };
}

/** Where the machine traps, or −1; and all instructions that it completed. */
function run(program: Program) {
  const vm = new Vm(program, { maxInstructions: 2000 });
  const completed = new Set<number>();
  for (let step = vm.next(); step; step = vm.next()) completed.add(step.pc);
  return { trap: vm.trap, completed };
}

const PATH_ERRORS = ['falls-off-end', 'no-halt'];
/** The traps that the verifier sees at least as a possibility. */
const FORESEEN = ['unwritten-register'];

it('an instruction with an error never completes, and no unwritten register is a surprise', () => {
  let errors = 0;
  let traps = 0;
  const mutated = fc
    .tuple(
      randomProgram({ length: 15 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(20)), { minLength: 1, maxLength: 3 }),
    )
    .map(([{ program }, places]) =>
      places.reduce((p, [place, value]) => mutate(p, place, value), program),
    );
  const law = fc.property(mutated, (program) => {
    const { trap, completed } = run(program);
    const findings = verifyProgram(program);
    for (const { severity, code, span } of findings) {
      if (severity === 'warning' || PATH_ERRORS.includes(code)) continue;
      errors++;
      expect(completed.has(span.line - 1), code).toBe(false);
    }
    if (!trap || !FORESEEN.includes(trap.code)) return;
    traps++;
    const found = findings.filter(({ span }) => span.line === trap.span.line);
    expect(found.map(({ code }) => code).join()).toContain('unwritten-register');
  });
  fc.assert(law, { numRuns: 3000, seed: SEED });
  expect(errors).toBeGreaterThan(300);
  expect(traps).toBeGreaterThan(100);
});

/** Fails by the time limit of tests if the analysis revisits blocks without end. */
it('a hundred thousand instructions of loops, branches and calls are verified', () => {
  const pieces = Array.from({ length: 20_000 }, (_, i) =>
    [
      `LI r${1 + (i % 5)}, ${i}`,
      `a${i}: BEQ r6, ${i}, b${i % 97}`,
      `JAL r31, f${i % 1000}`,
      `b${i}: BLT r6, ${i}, a${i}`,
      'ADD t0, t0, t0',
    ].join('\n'),
  );
  const routines = Array.from({ length: 1000 }, (_, i) => `f${i}: LI r7, ${i}\nJR r31`);
  const start = 'ECALL.PROMPT r6, r0\nFILL t0, 1, rows=2, cols=2';
  const text = [start, ...pieces, 'HALT', ...routines].join('\n');
  const { program, diagnostics } = assemble('large.lasm', text, NO_FILES);
  expect(diagnostics).toEqual([]);
  expect(verifyProgram(program!)).toEqual([]);
});
