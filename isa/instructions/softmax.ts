import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { numberKey, optionalIntegerKey, readsTile, writesTile } from '../operand.ts';

/** SOFTMAX: rows become probability distributions. */
export const softmax = defineInstruction({
  mnemonic: 'SOFTMAX',
  opcode: 0x05,
  set: 'base',
  unit: 'sfu',
  summary: 'td ← softmax of scale · ts, row by row',
  manual: `
Each row: x = scale·ts, m = max x, e = exp(x − m), td = e / Σe. With causal=c, row i sees only the
columns j ≤ i + c; the others become 0. A row that sees nothing becomes zeros, never NaN.`,
  example: 'SOFTMAX t5, t5, scale=0.25, causal=0',
  operands: {
    td: writesTile('the distributions'),
    ts: readsTile('the scores'),
    scale: numberKey(1, 'factor applied to the scores first, such as 1/√d of attention'),
    causal: optionalIntegerKey('how many columns beyond its own number a row may see'),
  },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'vec:maximum', 'sfu:exp', 'vec:sum', 'sfu:divide'),
  execute({ ts, scale, causal }, { out, kernels }) {
    kernels.softmax(out, ts, scale, causal);
  },
});
