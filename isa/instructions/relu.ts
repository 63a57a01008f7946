import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** RELU: rectified linear unit. */
export const relu = defineInstruction({
  mnemonic: 'RELU',
  opcode: 0x15,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← max(ts, 0)',
  manual: `
Elementwise. NaN stays NaN.`,
  example: 'RELU t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'vec:maximum'),
  execute({ ts }, { out, kernels }) {
    kernels.relu(out, ts);
  },
});
