import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** GELU.ERF: Gaussian error linear unit. */
export const geluErf = defineInstruction({
  mnemonic: 'GELU.ERF',
  opcode: 0x16,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← ts · Φ(ts) = ts · (1 + erf(ts / √2)) / 2',
  manual: `
Elementwise; the exact form of Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016).`,
  example: 'GELU.ERF t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'sfu:erf', 'vec:multiply'),
  execute({ ts }, { out, kernels }) {
    kernels.geluErf(out, ts);
  },
});
