import { defineInstruction } from '../instruction.ts';
import { integer, label, readsScalar } from '../operand.ts';
import { branchesIf } from '../scalar.ts';
import { SCALAR_WORK } from '../work.ts';

/** BEQ: compare and branch. */
export const beq = defineInstruction({
  mnemonic: 'BEQ',
  opcode: 0x40,
  set: 'control',
  unit: 'alu',
  summary: 'go to target if ra = b',
  manual: `
Integers compare exactly.`,
  example: 'BEQ r1, 8, loop',
  operands: {
    ra: readsScalar('left side'),
    b: integer('right side'),
    target: label('where to go'),
  },
  control: 'branch',
  shape: () => undefined,
  work: () => SCALAR_WORK,
  ...branchesIf((ra, b) => ra === b),
});
