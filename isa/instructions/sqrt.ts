import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** SQRT: elementwise square root. */
export const sqrt = defineInstruction({
  mnemonic: 'SQRT',
  opcode: 0x23,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← √ts',
  manual: `
Elementwise, correctly rounded. NaN below 0; −0 stays −0.`,
  example: 'SQRT t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'sfu:sqrt'),
  execute({ ts }, { out, kernels }) {
    kernels.sqrt(out, ts);
  },
});
