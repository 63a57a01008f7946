import { defineInstruction } from '../instruction.ts';
import { readsScalar } from '../operand.ts';
import { SCALAR_WORK } from '../work.ts';

/** JR: jump to a register. */
export const jr = defineInstruction({
  mnemonic: 'JR',
  opcode: 0x45,
  set: 'control',
  unit: 'alu',
  summary: 'go to the code address in rs',
  manual: `
Returns from a routine called with JAL. Traps when the address is outside the code.`,
  example: 'JR r31',
  operands: { rs: readsScalar('a code address') },
  control: 'jump',
  shape: () => undefined,
  work: () => SCALAR_WORK,
  execute({ rs }, results) {
    results.nextPc = rs;
  },
});
