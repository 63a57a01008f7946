import { defineInstruction } from '../instruction.ts';
import { integer, readsScalar, writesScalar } from '../operand.ts';
import { computes } from '../scalar.ts';
import { SCALAR_WORK } from '../work.ts';
import { requireDivisor } from '../shapes.ts';

function floorRemainder(a: number, b: number): number {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
}

/** IREM: integer remainder. */
export const irem = defineInstruction({
  mnemonic: 'IREM',
  opcode: 0x34,
  set: 'control',
  unit: 'alu',
  summary: 'rd ← ra − b·⌊ra ÷ b⌋',
  manual: `
Has the sign of b. Traps when b is 0.`,
  example: 'IREM r3, r1, 4',
  operands: {
    rd: writesScalar('the result'),
    ra: readsScalar('left operand'),
    b: integer('right operand'),
  },
  shape: () => undefined,
  work: () => SCALAR_WORK,
  ...computes((ra, b) => floorRemainder(ra, requireDivisor(b))),
});
