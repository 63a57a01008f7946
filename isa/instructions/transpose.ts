import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** TRANSPOSE: rows become columns. */
export const transpose = defineInstruction({
  mnemonic: 'TRANSPOSE',
  opcode: 0x1d,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← tsᵀ',
  manual: `
rows × cols → cols × rows.`,
  example: 'TRANSPOSE t1, t0',
  operands: { td: writesTile('the transposed tile'), ts: readsTile('the tile') },
  shape: ({ ts }) => ({ rows: ts.cols, cols: ts.rows }),
  work: ({ ts }) => elementWork(ts, 'vec:move'),
  execute({ ts }, { out, kernels }) {
    kernels.transpose(out, ts);
  },
});
