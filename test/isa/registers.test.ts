/** Read and write sets: what hazard logic knows of an instruction, and the names of registers. */
import { describe, expect, it } from 'vitest';
import {
  REGISTER_COUNT,
  hasFlag,
  isTileRegister,
  registerName,
  scalarRegister,
  staticInstruction,
  tileRegister,
} from '../../isa/registers.ts';
import { bytesOf, macsOf, passes } from '../../isa/work.ts';
import { assembleText } from '../support/run.ts';

/** The sets of a line, behind lines that write all that it reads. */
function setsOf(line: string) {
  const text = `
.data
M: .f32 16, 16 = zeros()
.text
there:
  LI r1, 0
  LI r2, 0
  LI r3, 1
${[0, 1, 2, 3].map((t) => `  FILL t${t}, 0, rows=1, cols=1`).join('\n')}
  ${line}
  HALT
.show M`;
  const { reads, writes, accumulates, unit, control } = staticInstruction(
    assembleText(text).code[7]!,
  );
  const name = (register: number) => (register < 0 ? '' : registerName(register));
  return {
    reads: reads.map(name).join(' '),
    writes: name(writes),
    accumulates: name(accumulates),
    unit,
    control,
  };
}

const SETS: readonly [line: string, reads: string, writes: string, accumulates: string][] = [
  ['MATMUL t4, t0, t1', 't0 t1', 't4', ''],
  ['MATMUL.ACC t2, t0, t1', 't0 t1 t2', 't2', 't2'],
  // Read as a factor too, the accumulator cannot stay inside the array.
  ['MATMUL.ACC t0, t0, t1', 't0 t1', 't0', ''],
  ['ADD t0, t0, t0', 't0', 't0', ''],
  ['NORM.LAYER t4, t0, t1, t2', 't0 t1 t2', 't4', ''],
  ['LOAD t4, [M + r2 + r1], rows=r3, cols=1, stride=r1', 'r2 r1 r3', 't4', ''],
  ['LOAD t4, [M + r0 + 4], rows=1, cols=1', '', 't4', ''],
  ['STORE [M + r1], t0', 'r1 t0', '', ''],
  ['SOFTMAX t4, t0, causal=r1', 't0 r1', 't4', ''],
  ['SOFTMAX t4, t0', 't0', 't4', ''],
  ['IADD r4, r1, 1', 'r1', 'r4', ''],
  ['IADD r4, r0, r1', 'r1', 'r4', ''],
  ['BEQ r1, r2, there', 'r1 r2', '', ''],
  ['ECALL.SAMPLE r4, t0, r1', 't0 r1', 'r4', ''],
];

describe('staticInstruction', () => {
  for (const [line, reads, writes, accumulates] of SETS) {
    it(line, () => {
      expect(setsOf(line)).toMatchObject({ reads, writes, accumulates });
    });
  }

  it('leaves r0 out: nobody waits for what is always 0', () => {
    expect(setsOf('LI r0, 3').writes).toBe('');
    expect(setsOf('JAL r0, there').writes).toBe('');
  });

  it('says how control may go on', () => {
    expect(setsOf('BEQ r1, r2, there').control).toBe('branch');
    expect(setsOf('JAL r0, there').control).toBe('jump');
    expect(setsOf('ADD t0, t0, t0').control).toBe('next');
    expect(setsOf('HALT').control).toBe('halt');
  });
});

describe('register numbers', () => {
  it('are tiles first, then scalars', () => {
    expect(tileRegister(31)).toBe(31);
    expect(scalarRegister(31)).toBe(REGISTER_COUNT - 1);
    expect([isTileRegister(0), isTileRegister(31), isTileRegister(32)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isTileRegister(-1)).toBe(false);
    expect([registerName(3), registerName(37)]).toEqual(['t3', 'r5']);
  });
});

describe('flags and work', () => {
  it('knows a flag by its name, and none that is not defined', () => {
    const [instruction] = assembleText(
      'FILL t0, 1, rows=1, cols=1\nMATMUL.T t1, t0, t0\nHALT',
    ).code.slice(1);
    expect(hasFlag(instruction!, 'T')).toBe(true);
    expect(hasFlag(instruction!, 'ACC')).toBe(false);
    expect(hasFlag(instruction!, 'Q')).toBe(false);
  });

  it('counts multiply-accumulates and bytes', () => {
    expect(macsOf({ kind: 'matrix', m: 2, k: 3, n: 4 })).toBe(24);
    expect(macsOf({ kind: 'scalar' })).toBe(0);
    expect(
      bytesOf({
        kind: 'memory',
        direction: 'read',
        address: 0,
        rows: 3,
        rowBytes: 8,
        strideBytes: 64,
      }),
    ).toBe(24);
    expect(bytesOf({ kind: 'scalar' })).toBe(0);
    expect(passes(5, 'vec:add', 'sfu:exp')).toEqual([
      { name: 'add', unit: 'vec', elements: 5 },
      { name: 'exp', unit: 'sfu', elements: 5 },
    ]);
  });
});
