/** What programs say must be true: checked, failed with what was found, or skipped. */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/run/run.ts';
import { assembleText, machineNamed } from '../support/run.ts';

const PROGRAM = `
.data
X: .f32 2, 3 = [[1, 2, 3], [4, 5, 6.5]]
N: .i32 2 = [7, 8]
.bss
Y: .f32 1, 2
.text
LI r1, 4
ECALL.EMIT r1
LI r1, 9
ECALL.EMIT r1
HALT
.show X
.show N
.show Y
`;

/** Status and message of an expectation behind the program above, which takes 9 cycles. */
function outcome(line: string, machine = 'multicycle') {
  const program = assembleText(`${PROGRAM}${line}\n`);
  const { expectations } = runProgram(program, machineNamed(machine));
  expect(expectations).toHaveLength(1);
  const [{ text, file, line: at, status, message }] = expectations as [(typeof expectations)[0]];
  expect([text, file, at]).toEqual([
    line.replace('.expect ', ''),
    'test.lasm',
    PROGRAM.split('\n').length,
  ]);
  return [status, message];
}

const PASSED = ['passed', ''];

describe('values', () => {
  it.each([
    '.expect X == [[1, 2, 3], [4, 5, 6.5]]',
    '.expect X ~= [[1, 2, 3], [4, 5, 6]], tolerance=0.5',
    '.expect N == [7, 8]',
    '.expect Y == full(nan)',
  ])('hold: %s', (line) => {
    expect(outcome(line)).toEqual(PASSED);
  });

  it('name the first element that differs, and by how much', () => {
    expect(outcome('.expect X == [[1, 2, 3], [4, 5.25, 6]]')).toEqual([
      'failed',
      'X[1, 1] is 5, expected 5.25 (off by 0.250, tolerance 0)',
    ]);
    expect(outcome('.expect X ~= [[1, 2, 3], [4, 5.25, 6]], tolerance=0.25')).toEqual([
      'failed',
      'X[1, 2] is 6.5, expected 6 (off by 0.500, tolerance 0.25)',
    ]);
    expect(outcome('.expect N == [7, 9]')).toEqual([
      'failed',
      'N[0, 1] is 8, expected 9 (off by 1.00, tolerance 0)',
    ]);
  });

  it('explain NaN', () => {
    expect(outcome('.expect Y == [1, 2]')).toEqual([
      'failed',
      'Y[0, 0] is NaN, expected 1: it was never stored, or computed from NaN',
    ]);
  });
});

describe('tokens', () => {
  it('hold when they are the same, in number too', () => {
    expect(outcome('.expect tokens == [4, 9]')).toEqual(PASSED);
    const failed = ['failed', 'the program emitted [4, 9]'];
    expect(outcome('.expect tokens == [4]')).toEqual(failed);
    expect(outcome('.expect tokens == [4, 9, 1]')).toEqual(failed);
    expect(outcome('.expect tokens == [9, 4]')).toEqual(failed);
  });

  it('show the first 32 of many', () => {
    const lines =
      'LI r1, 0\nloop: ECALL.EMIT r1\nIADD r1, r1, 1\nBLT r1, 50, loop\nHALT\n.expect tokens == [1]';
    const { expectations } = runProgram(assembleText(lines), machineNamed('multicycle'));
    expect(expectations[0]!.message).toMatch(/^the program emitted \[0, 1, .*, 31\]$/);
  });
});

describe('counts', () => {
  // Five instructions, one in each cycle: the last is written back in cycle 4 + 4.
  it.each([
    ['== 9', true],
    ['== 10', false],
    ['<= 9', true],
    ['<= 8', false],
    ['>= 9', true],
    ['>= 10', false],
    ['< 10', true],
    ['< 9', false],
    ['> 8', true],
    ['> 9', false],
  ])('cycles %s: %s', (comparison, holds) => {
    const expected = holds ? PASSED : ['failed', 'found 9 cycles'];
    expect(outcome(`.expect cycles ${comparison}`)).toEqual(expected);
  });

  it('of instructions', () => {
    expect(outcome('.expect instructions == 5')).toEqual(PASSED);
    expect(outcome('.expect instructions < 5')).toEqual(['failed', 'found 5 instructions']);
  });

  it('for another machine are skipped', () => {
    expect(outcome('.expect cycles(classic5) == 1')).toEqual(['skipped', '']);
    expect(outcome('.expect cycles(multicycle) == 9')).toEqual(PASSED);
    expect(outcome('.expect cycles(multicycle) == 9', 'classic5')).toEqual(['skipped', '']);
  });
});

describe('a program that traps', () => {
  it('is not asked', () => {
    const program = assembleText(`${PROGRAM}.expect cycles == 1`);
    const { trap, expectations } = runProgram(program, machineNamed('multicycle'), {
      maxInstructions: 2,
    });
    expect(trap?.code).toBe('instruction-limit');
    expect(expectations).toEqual([]);
  });
});

describe('our own faults', () => {
  it('an expectation of a symbol that is not there is one', () => {
    const program = assembleText(`${PROGRAM}.expect Y == full(nan)`);
    const [expectation] = program.expectations;
    const broken = {
      ...program,
      expectations: [{ ...expectation!, symbol: 'Q' }],
    } as typeof program;
    expect(() => runProgram(broken, machineNamed('multicycle'))).toThrow(
      'invariant: expectation of unknown symbol Q',
    );
  });
});
