import { defineInstruction } from '../instruction.ts';
import { integer, label, readsScalar } from '../operand.ts';
import { SCALAR_WORK } from '../work.ts';

/** BLT: compare and branch. */
export const blt = defineInstruction({
  mnemonic: 'BLT',
  opcode: 0x42,
  set: 'control',
  unit: 'alu',
  summary: 'go to target if ra < b',
  manual: `
Integers compare exactly.`,
  example: 'BLT r1, 8, loop',
  operands: {
    ra: readsScalar('left side'),
    b: integer('right side'),
    target: label('where to go'),
  },
  control: 'branch',
  shape: () => undefined,
  work: () => SCALAR_WORK,
  execute({ ra, b, target }, results) {
    if (ra < b) results.nextPc = target;
  },
});
