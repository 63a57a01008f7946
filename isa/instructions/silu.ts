import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** SILU: sigmoid linear unit. */
export const silu = defineInstruction({
  mnemonic: 'SILU',
  opcode: 0x18,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← ts · σ(ts)',
  manual: `
Elementwise; also called swish. The gate of Llama's feed-forward.`,
  example: 'SILU t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'sfu:exp', 'sfu:reciprocal', 'vec:multiply'),
  execute({ ts }, { out, kernels }) {
    kernels.silu(out, ts);
  },
});
