import { defineInstruction } from '../instruction.ts';
import { integer, readsScalar, writesScalar } from '../operand.ts';
import { computes } from '../scalar.ts';
import { SCALAR_WORK } from '../work.ts';

/** IMIN: integer minimum. */
export const imin = defineInstruction({
  mnemonic: 'IMIN',
  opcode: 0x35,
  set: 'control',
  unit: 'alu',
  summary: 'rd ← the smaller of ra and b',
  manual: `
The size of a ragged last tile, among other things: IMIN r6, r5, 16.`,
  example: 'IMIN r3, r1, 4',
  operands: {
    rd: writesScalar('the result'),
    ra: readsScalar('left operand'),
    b: integer('right operand'),
  },
  shape: () => undefined,
  work: () => SCALAR_WORK,
  ...computes((ra, b) => Math.min(ra, b)),
});
