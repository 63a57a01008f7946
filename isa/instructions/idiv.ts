import { defineInstruction } from '../instruction.ts';
import { integer, readsScalar, writesScalar } from '../operand.ts';
import { computes } from '../scalar.ts';
import { SCALAR_WORK } from '../work.ts';
import { requireDivisor } from '../shapes.ts';

/** IDIV: integer quotient. */
export const idiv = defineInstruction({
  mnemonic: 'IDIV',
  opcode: 0x33,
  set: 'control',
  unit: 'alu',
  summary: 'rd ← ⌊ra ÷ b⌋',
  manual: `
Rounds towards −∞, so that ra = b·IDIV + IREM with IREM of b's sign. Traps when b is 0.`,
  example: 'IDIV r3, r1, 4',
  operands: {
    rd: writesScalar('the result'),
    ra: readsScalar('left operand'),
    b: integer('right operand'),
  },
  shape: () => undefined,
  work: () => SCALAR_WORK,
  ...computes((ra, b) => Math.floor(ra / requireDivisor(b))),
});
