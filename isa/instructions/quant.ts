import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { requireRowScale } from '../shapes.ts';

/** QUANT: float32 → small integers. */
export const quant = defineInstruction({
  mnemonic: 'QUANT',
  opcode: 0x69,
  set: 'lowp',
  unit: 'vec',
  summary: 'td ← ts · tr, rounded to an integer and limited to ±127',
  manual: `
The product is rounded to float32, then to the nearest integer, ties to even, then limited to −127 to
127; NaN becomes 0. The integers are float32 numbers, ready for MATMUL.I8 and STORE.I8. With tr =
127 ÷ the largest magnitude of the row nothing is limited; the largest magnitude is ROWMAX of MAX of
the row and its negative.`,
  example: 'QUANT t2, t0, t1',
  operands: {
    td: writesTile('the integers'),
    ts: readsTile('the operand'),
    tr: readsTile('a factor for each row (rows × 1), or one for all (1 × 1)'),
  },
  shape({ ts, tr }) {
    requireRowScale('tr', tr, ts.rows);
    return ts;
  },
  work: ({ ts }) => elementWork(ts, 'vec:multiply', 'vec:round'),
  execute({ ts, tr }, { out, kernels }) {
    kernels.quant(out, ts, tr);
  },
});
