import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** GELU.TANH: Gaussian error linear unit, tanh form. */
export const geluTanh = defineInstruction({
  mnemonic: 'GELU.TANH',
  opcode: 0x17,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← ts · (1 + tanh(√(2/π) · (ts + 0.044715·ts³))) / 2',
  manual: `
Elementwise; the approximation that GPT-2 uses (gelu_new).`,
  example: 'GELU.TANH t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'vec:polynomial', 'sfu:tanh', 'vec:multiply'),
  execute({ ts }, { out, kernels }) {
    kernels.geluTanh(out, ts);
  },
});
