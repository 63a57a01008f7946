import { HALTED, defineInstruction } from '../instruction.ts';
import { SCALAR_WORK } from '../work.ts';

/** HALT: the end of the program. */
export const halt = defineInstruction({
  mnemonic: 'HALT',
  opcode: 0x46,
  set: 'control',
  unit: 'alu',
  summary: 'end the program',
  manual: `
A program that runs past its last instruction traps; it has to say where it ends.`,
  example: 'HALT',
  operands: {},
  control: 'halt',
  shape: () => undefined,
  work: () => SCALAR_WORK,
  execute(_, results) {
    results.nextPc = HALTED;
  },
});
