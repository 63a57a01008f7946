import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** EXP: elementwise exponential. */
export const exp = defineInstruction({
  mnemonic: 'EXP',
  opcode: 0x14,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← e^ts',
  manual: `
At most 1 ULP from the true value; exactly 0 below the smallest float32 result and +∞ above the
largest (docs/numerics.md).`,
  example: 'EXP t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'sfu:exp'),
  execute({ ts }, { out, kernels }) {
    kernels.exp(out, ts);
  },
});
