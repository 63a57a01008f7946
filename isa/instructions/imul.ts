import { defineInstruction } from '../instruction.ts';
import { integer, readsScalar, writesScalar } from '../operand.ts';
import { computes } from '../scalar.ts';
import { SCALAR_WORK } from '../work.ts';

/** IMUL: integer product. */
export const imul = defineInstruction({
  mnemonic: 'IMUL',
  opcode: 0x32,
  set: 'control',
  unit: 'alu',
  summary: 'rd ← ra × b',
  manual: `
Traps when the result is not between ±(2^53 − 1).`,
  example: 'IMUL r3, r1, 4',
  operands: {
    rd: writesScalar('the result'),
    ra: readsScalar('left operand'),
    b: integer('right operand'),
  },
  shape: () => undefined,
  work: () => SCALAR_WORK,
  ...computes((ra, b) => ra * b),
});
