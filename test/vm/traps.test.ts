/** Every trap: its code, its message, and the instruction and line that it names. */
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/program/program.ts';
import type { Trap } from '../../src/vm/trap.ts';
import type { VmOptions } from '../../src/vm/vm.ts';
import { DEFAULT_MAX_INSTRUCTIONS, Vm } from '../../src/vm/vm.ts';
import { assembleText } from '../support/run.ts';

function trapOf(program: Program, options: VmOptions = {}): Trap {
  const vm = new Vm(program, options);
  while (vm.next());
  if (!vm.trap) throw new Error('the program did not trap');
  expect(vm.next()).toBeUndefined();
  return vm.trap;
}

interface Case {
  readonly code: Trap['code'];
  /** Lines behind those that put the number into r1, which the verifier cannot know. */
  readonly lines: string;
  readonly r1: number;
  readonly message: string;
  /** The line that traps. */
  readonly culprit: string;
  readonly index: number;
}

const CASES: Readonly<Record<string, Case>> = {
  'an unwritten tile': {
    code: 'unwritten-register',
    r1: 1,
    lines: 'BEQ r1, 1, past\nFILL t3, 0, rows=1, cols=1\npast: EXP t0, t3',
    message: 't3 is read but was never written',
    culprit: 'EXP t0, t3',
    index: 2,
  },
  'an unwritten scalar': {
    code: 'unwritten-register',
    r1: 1,
    lines: 'BEQ r1, 1, past\nLI r7, 0\npast: IADD r2, r1, r7',
    message: 'r7 is read but was never written',
    culprit: 'IADD r2, r1, r7',
    index: 2,
  },
  'an unwritten register in an address': {
    code: 'unwritten-register',
    r1: 1,
    lines: 'BEQ r1, 1, past\nLI r7, 0\npast: ILOAD r2, [N + r7]',
    message: 'r7 is read but was never written',
    culprit: 'ILOAD r2, [N + r7]',
    index: 2,
  },
  'an unwritten accumulator': {
    code: 'unwritten-register',
    r1: 1,
    lines:
      'FILL t0, 0, rows=1, cols=1\nBEQ r1, 1, past\nFILL t3, 0, rows=1, cols=1\npast: MATMUL.ACC t3, t0, t0',
    message: 't3 is read but was never written',
    culprit: 'MATMUL.ACC t3, t0, t0',
    index: 3,
  },
  'shapes that do not fit': {
    code: 'shape-mismatch',
    r1: 3,
    lines: 'FILL t0, 0, rows=r1, cols=2\nMATMUL t1, t0, t0',
    message: '3×2 · 3×2: the inner dimensions differ',
    culprit: 'MATMUL t1, t0, t0',
    index: 2,
  },
  'a tile without rows': {
    code: 'shape-mismatch',
    r1: 0,
    lines: 'FILL t0, 0, rows=r1, cols=2',
    message: 'rows=0 is outside 1 to Infinity',
    culprit: 'FILL t0, 0, rows=r1, cols=2',
    index: 1,
  },
  'a tile that is too large': {
    code: 'tile-overflow',
    r1: 17,
    lines: 'FILL t0, 0, rows=1, cols=r1',
    message: 'the result is 1×17, but a tile holds at most 16×16',
    culprit: 'FILL t0, 0, rows=1, cols=r1',
    index: 1,
  },
  'a division by zero': {
    code: 'bad-operand',
    r1: 0,
    lines: 'IDIV r2, r1, r1',
    message: 'division by zero',
    culprit: 'IDIV r2, r1, r1',
    index: 1,
  },
  'a remainder by zero': {
    code: 'bad-operand',
    r1: 0,
    lines: 'IREM r2, r1, r1',
    message: 'division by zero',
    culprit: 'IREM r2, r1, r1',
    index: 1,
  },
  'weights that are all zero': {
    code: 'bad-operand',
    r1: 1,
    lines: 'FILL t0, 0, rows=1, cols=2\nECALL.SAMPLE r2, t0, r1',
    message: 'the weights have no positive finite sum',
    culprit: 'ECALL.SAMPLE r2, t0, r1',
    index: 2,
  },
  'an address below memory': {
    code: 'address-out-of-range',
    r1: -4,
    lines: 'ILOAD r2, [N + r1]',
    message: 'bytes 4092 to 4095 are outside memory (4096 to 4103)',
    culprit: 'ILOAD r2, [N + r1]',
    index: 1,
  },
  'an address behind memory': {
    code: 'address-out-of-range',
    r1: 8,
    lines: 'ISTORE [N + r1], r1',
    message: 'bytes 4104 to 4107 are outside memory (4096 to 4103)',
    culprit: 'ISTORE [N + r1], r1',
    index: 1,
  },
  'a misaligned address': {
    code: 'address-misaligned',
    r1: 2,
    lines: 'ILOAD r2, [N + r1]',
    message: 'address 4098 is not a multiple of 4',
    culprit: 'ILOAD r2, [N + r1]',
    index: 1,
  },
  'a misaligned stride': {
    code: 'address-misaligned',
    r1: 6,
    lines: 'LOAD.I32 t0, [N], rows=2, cols=1, stride=r1',
    message: 'stride 6 is not a multiple of 4',
    culprit: 'LOAD.I32 t0, [N], rows=2, cols=1, stride=r1',
    index: 1,
  },
  'a misaligned address of halves': {
    code: 'address-misaligned',
    r1: 4097,
    lines: 'LOAD.F16 t0, [r1], rows=1, cols=1',
    message: 'address 4097 is not a multiple of 2',
    culprit: 'LOAD.F16 t0, [r1], rows=1, cols=1',
    index: 1,
  },
  'a factor that is no int8': {
    code: 'bad-operand',
    r1: 128,
    lines: 'LOAD.I32 t0, [N], rows=1, cols=1\nMATMUL.I8 t1, t0, t0',
    message: 'ta holds 128, which is no integer from −128 to 127',
    culprit: 'MATMUL.I8 t1, t0, t0',
    index: 2,
  },
  'a sum beyond int32': {
    code: 'bad-operand',
    r1: 1,
    // The accumulator is int32 in memory too, where ISTORE can put the largest one.
    lines: `LOAD.I32 t0, [N], rows=1, cols=1
LI r2, 0x7fffffff
ISTORE [N], r2
LI r3, N
LOAD t1, [r3], rows=1, cols=1
MATMUL.I8.ACC t1, t0, t0`,
    message: 'the sum 2147483648 does not fit an int32',
    culprit: 'MATMUL.I8.ACC t1, t0, t0',
    index: 6,
  },
  'a product beyond 2^53': {
    code: 'integer-overflow',
    r1: 2 ** 31 - 1,
    lines: 'IMUL r2, r1, r1',
    message: 'the result 4611686014132420600 is not exact',
    culprit: 'IMUL r2, r1, r1',
    index: 1,
  },
  'a store beyond int32': {
    code: 'integer-overflow',
    r1: 2 ** 31 - 1,
    lines: 'IADD r1, r1, 1\nISTORE [N], r1',
    message: '2147483648 does not fit an int32',
    culprit: 'ISTORE [N], r1',
    index: 2,
  },
  'a store below int32': {
    code: 'integer-overflow',
    r1: -(2 ** 31),
    lines: 'ISUB r1, r1, 1\nISTORE [N], r1',
    message: '-2147483649 does not fit an int32',
    culprit: 'ISTORE [N], r1',
    index: 2,
  },
  'a jump behind the code': {
    code: 'jump-out-of-code',
    r1: 4,
    lines: 'JR r1',
    message: 'jump to 4, but the code has addresses 0 to 2',
    culprit: 'JR r1',
    index: 1,
  },
  // It once ended the program as if by HALT.
  'a jump to −1': {
    code: 'jump-out-of-code',
    r1: -1,
    lines: 'JR r1',
    message: 'jump to -1, but the code has addresses 0 to 2',
    culprit: 'JR r1',
    index: 1,
  },
  'a jump to the end of the code': {
    code: 'jump-out-of-code',
    r1: 3,
    lines: 'JR r1',
    message: 'control ran past the last instruction',
    culprit: 'HALT',
    index: 2,
  },
};

describe('traps', () => {
  for (const [what, { code, lines, r1, message, culprit, index }] of Object.entries(CASES)) {
    it(`${what}: ${code}`, () => {
      const text = `.data\nN: .i32 2 = [${r1}, 0]\n.text\nILOAD r1, [N]\n${lines}\nHALT`;
      const program = assembleText(text);
      const trap = trapOf(program);
      expect(trap).toMatchObject({ code, message, index });
      expect(trap.hint).not.toBe('');
      expect(trap.span).toEqual(program.spans[trap.pc]);
      const { line, column, length } = trap.span;
      const source = text.split('\n')[line - 1]!;
      expect(source.slice(column - 1, column - 1 + length)).toBe(culprit);
    });
  }
});

describe('exact integers', () => {
  /** Lines that find 2^52 in r1. */
  const run = (lines: string) => {
    const text = `.data\nN: .i32 1 = [${2 ** 26}]\n.text\nILOAD r1, [N]\nIMUL r1, r1, r1`;
    const vm = new Vm(assembleText(`${text}\n${lines}\nHALT`));
    while (vm.next());
    return vm;
  };

  it('reach ±(2^53 − 1)', () => {
    const vm = run('ISUB r2, r1, 1\nIADD r2, r2, r1\nIMUL r3, r2, -1');
    expect(vm.trap).toBeUndefined();
    expect([vm.scalar(2), vm.scalar(3)]).toEqual([2 ** 53 - 1, -(2 ** 53 - 1)]);
  });

  // 2^53 + 1 rounds to 2^53: were that let through, a wrong sum would be too.
  it.each(['IADD r2, r1, r1', 'IMUL r2, r1, -2', 'IMUL r2, r1, 4'])('trap beyond: %s', (line) => {
    expect(run(line).trap).toMatchObject({ code: 'integer-overflow', pc: 2 });
  });
});

describe('limits', () => {
  const LOOP = assembleText('loop: LI r1, 1\nECALL.EMIT r1\nBEQ r1, r1, loop\nHALT');

  it('of instructions: as many are executed, the next one traps', () => {
    const vm = new Vm(LOOP, { maxInstructions: 7 });
    let executed = 0;
    while (vm.next()) executed++;
    expect(executed).toBe(7);
    expect(vm.instructions).toBe(7);
    expect(vm.trap).toMatchObject({ code: 'instruction-limit', pc: 1, index: 7 });
    expect(vm.trap!.message).toBe('more than 7 instructions');
    expect(vm.trap!.hint).toContain('--max-instructions');
  });

  it('of instructions: a program with exactly as many runs to its end', () => {
    const program = assembleText('LI r1, 1\nLI r2, 2\nHALT');
    const vm = new Vm(program, { maxInstructions: 3 });
    while (vm.next());
    expect(vm.trap).toBeUndefined();
    expect(trapOf(program, { maxInstructions: 2 }).code).toBe('instruction-limit');
  });

  it('of instructions: is 100 million unless given', () => {
    expect(DEFAULT_MAX_INSTRUCTIONS).toBe(100_000_000);
  });

  it('of emitted tokens', () => {
    const trap = trapOf(LOOP);
    expect(trap).toMatchObject({ code: 'token-limit', message: 'more than 1000000 tokens', pc: 1 });
  });
});

describe('what is no program of ours', () => {
  it('traps with a place of its own when there is no code at all', () => {
    const program = { ...assembleText('HALT'), code: [], spans: [], parts: [] };
    const trap = trapOf(program);
    expect(trap.code).toBe('jump-out-of-code');
    expect(trap.span).toEqual({ file: 'test.lasm', line: 1, column: 1, length: 1 });
  });

  it('is told apart from our own faults, which are thrown', () => {
    const program = assembleText('LI r1, 1\nHALT');
    const broken = {
      ...program.code[0]!,
      definition: {
        ...program.code[0]!.definition,
        compute: undefined,
        execute: () => {
          throw new Error('invariant: broken');
        },
      },
    };
    const vm = new Vm({ ...program, code: [broken, program.code[1]!] });
    expect(() => vm.next()).toThrow('invariant: broken');
  });
});
