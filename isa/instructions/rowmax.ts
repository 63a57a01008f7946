import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** ROWMAX: the largest element of each row. */
export const rowMax = defineInstruction({
  mnemonic: 'ROWMAX',
  opcode: 0x1b,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← the largest element of each row of ts, as a column',
  manual: `
rows × cols → rows × 1. NaN in a row makes its maximum NaN.`,
  example: 'ROWMAX t1, t0',
  operands: { td: writesTile('one column'), ts: readsTile('the rows') },
  shape: ({ ts }) => ({ rows: ts.rows, cols: 1 }),
  work: ({ ts }) => elementWork(ts, 'vec:maximum'),
  execute({ ts }, { out, kernels }) {
    kernels.rowMax(out, ts);
  },
});
