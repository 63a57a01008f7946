import { defineInstruction } from '../instruction.ts';
import { label, writesScalar } from '../operand.ts';
import { SCALAR_WORK } from '../work.ts';

/** JAL: jump and link. */
export const jal = defineInstruction({
  mnemonic: 'JAL',
  opcode: 0x44,
  set: 'control',
  unit: 'alu',
  summary: 'rd ← the next code address; go to target',
  manual: `
Calls a routine that ends with JR rd. With r0 as rd it is a plain jump.`,
  example: 'JAL r31, routine',
  operands: { rd: writesScalar('the link register'), target: label('where to go') },
  control: 'jump',
  shape: () => undefined,
  work: () => SCALAR_WORK,
  execute({ target }, results) {
    results.scalar = results.pc + 1;
    results.nextPc = target;
  },
});
