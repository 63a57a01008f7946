import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** TANH: hyperbolic tangent. */
export const tanh = defineInstruction({
  mnemonic: 'TANH',
  opcode: 0x1a,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← tanh(ts)',
  manual: `
Elementwise.`,
  example: 'TANH t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'sfu:tanh'),
  execute({ ts }, { out, kernels }) {
    kernels.tanh(out, ts);
  },
});
