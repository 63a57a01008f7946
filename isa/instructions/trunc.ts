import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** TRUNC: elementwise rounding towards zero. */
export const trunc = defineInstruction({
  mnemonic: 'TRUNC',
  opcode: 0x26,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← ts without its fraction',
  manual: `
Elementwise, exact. The sign stays, so −0.5 becomes −0; ∞ and NaN stay what they are.`,
  example: 'TRUNC t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'vec:truncate'),
  execute({ ts }, { out, kernels }) {
    kernels.trunc(out, ts);
  },
});
