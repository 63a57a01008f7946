import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** ROWSUM: the sum of each row. */
export const rowSum = defineInstruction({
  mnemonic: 'ROWSUM',
  opcode: 0x1c,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← the sum of each row of ts, as a column',
  manual: `
rows × cols → rows × 1. Summed in 16 lanes and a fixed tree (docs/numerics.md).`,
  example: 'ROWSUM t1, t0',
  operands: { td: writesTile('one column'), ts: readsTile('the rows') },
  shape: ({ ts }) => ({ rows: ts.rows, cols: 1 }),
  work: ({ ts }) => elementWork(ts, 'vec:sum'),
  execute({ ts }, { out, kernels }) {
    kernels.rowSum(out, ts);
  },
});
