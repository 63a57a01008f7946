import { defineInstruction } from '../instruction.ts';
import { integer, readsScalar, writesScalar } from '../operand.ts';
import { computes } from '../scalar.ts';
import { SCALAR_WORK } from '../work.ts';

/** IMAX: integer maximum. */
export const imax = defineInstruction({
  mnemonic: 'IMAX',
  opcode: 0x36,
  set: 'control',
  unit: 'alu',
  summary: 'rd ← the larger of ra and b',
  manual: 'The larger of two integers.',
  example: 'IMAX r3, r1, 4',
  operands: {
    rd: writesScalar('the result'),
    ra: readsScalar('left operand'),
    b: integer('right operand'),
  },
  shape: () => undefined,
  work: () => SCALAR_WORK,
  ...computes((ra, b) => Math.max(ra, b)),
});
