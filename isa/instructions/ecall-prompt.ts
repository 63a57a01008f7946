import { defineInstruction } from '../instruction.ts';
import { readsScalar, writesScalar } from '../operand.ts';
import { SCALAR_WORK } from '../work.ts';

/** ECALL.PROMPT: read a token of the prompt. */
export const ecallPrompt = defineInstruction({
  mnemonic: 'ECALL.PROMPT',
  opcode: 0x52,
  set: 'token',
  unit: 'alu',
  summary: 'rd ← prompt token number rs, or −1 behind the last',
  manual: `
The prompt is given to lasm run with --tokens.`,
  example: 'ECALL.PROMPT r1, r2',
  operands: { rd: writesScalar('the token'), rs: readsScalar('its position, from 0') },
  shape: () => undefined,
  work: () => SCALAR_WORK,
  execute({ rs }, results) {
    results.scalar = results.host.promptToken(rs);
  },
});
