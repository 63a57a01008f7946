import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** RSQRT: reciprocal square root. */
export const rsqrt = defineInstruction({
  mnemonic: 'RSQRT',
  opcode: 0x22,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← 1 / √ts',
  manual: `
Elementwise, rounded once. +0 gives +∞, −0 gives −∞, a negative number NaN. With ROWSUM it
normalises rows that are longer than a tile.`,
  example: 'RSQRT t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'sfu:rsqrt'),
  execute({ ts }, { out, kernels }) {
    kernels.rsqrt(out, ts);
  },
});
