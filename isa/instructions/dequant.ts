import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { requireColumnScale, requireRowScale } from '../shapes.ts';

/** DEQUANT: an int32 accumulator → float32. */
export const dequant = defineInstruction({
  mnemonic: 'DEQUANT',
  opcode: 0x6a,
  set: 'lowp',
  unit: 'vec',
  summary: 'td ← ts · tr · tc, with the int32 values of ts as float32',
  manual: `
ts is what MATMUL.I8 leaves: each element's bits are an int32. It is converted to float32 (rounded
above 2^24), multiplied by the scale of its row, then by that of its column, each step rounded to
float32. A scale of 1 changes nothing.`,
  example: 'DEQUANT t3, t0, t1, t2',
  operands: {
    td: writesTile('the result'),
    ts: readsTile('the int32 accumulator'),
    tr: readsTile('a scale for each row (rows × 1), or one for all (1 × 1)'),
    tc: readsTile('a scale for each column (1 × cols), or one for all (1 × 1)'),
  },
  shape({ ts, tr, tc }) {
    requireRowScale('tr', tr, ts.rows);
    requireColumnScale('tc', tc, ts.cols);
    return ts;
  },
  work: ({ ts }) => elementWork(ts, 'vec:convert', 'vec:multiply', 'vec:multiply'),
  execute({ ts, tr, tc }, { out, kernels }) {
    kernels.dequant(out, ts, tr, tc);
  },
});
