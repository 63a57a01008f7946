import { defineInstruction } from '../instruction.ts';
import { integer, writesScalar } from '../operand.ts';
import { SCALAR_WORK } from '../work.ts';

/** LI: load immediate. */
export const li = defineInstruction({
  mnemonic: 'LI',
  opcode: 0x37,
  set: 'control',
  unit: 'alu',
  summary: 'rd ← value',
  manual: `
A constant expression, the address of a data symbol included, or another register.`,
  example: 'LI r1, 64',
  operands: { rd: writesScalar('the register that is set'), value: integer('its new value') },
  shape: () => undefined,
  work: () => SCALAR_WORK,
  compute: (value) => value,
  execute({ value }, results) {
    results.scalar = value;
  },
});
