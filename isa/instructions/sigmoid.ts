import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** SIGMOID: logistic function. */
export const sigmoid = defineInstruction({
  mnemonic: 'SIGMOID',
  opcode: 0x19,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← 1 / (1 + e^−ts)',
  manual: `
Elementwise; the gates of LSTM and GRU cells.`,
  example: 'SIGMOID t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'sfu:exp', 'sfu:reciprocal'),
  execute({ ts }, { out, kernels }) {
    kernels.sigmoid(out, ts);
  },
});
