import { defineInstruction } from '../instruction.ts';
import { readsScalar } from '../operand.ts';
import { SCALAR_WORK } from '../work.ts';

/** ECALL.EMIT: hand a token to the host. */
export const ecallEmit = defineInstruction({
  mnemonic: 'ECALL.EMIT',
  opcode: 0x51,
  set: 'token',
  unit: 'alu',
  summary: 'emit the token rs',
  manual: `
The host collects the tokens in order; .expect tokens compares them.`,
  example: 'ECALL.EMIT r1',
  operands: { rs: readsScalar('the token') },
  shape: () => undefined,
  work: () => SCALAR_WORK,
  emits: true,
  execute({ rs }, { host }) {
    host.emitToken(rs);
  },
});
