import { argmax as kernel } from '../../src/tensor/kernels/select.ts';
import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesScalar } from '../operand.ts';
import { requireVector } from '../shapes.ts';

/** ARGMAX: the position of the largest element. */
export const argmax = defineInstruction({
  mnemonic: 'ARGMAX',
  opcode: 0x50,
  set: 'token',
  unit: 'vec',
  summary: 'rd ← the position of the largest element of ts',
  manual: `
Greedy decoding. ts is one row or one column; the first of equal elements wins, and NaN counts as
largest.`,
  example: 'ARGMAX r1, t0',
  operands: { rd: writesScalar('the position, from 0'), ts: readsTile('one row or one column') },
  shape({ ts }) {
    requireVector('ts', ts);
    return undefined;
  },
  work: ({ ts }) => elementWork(ts, 'vec:maximum'),
  execute({ ts }, results) {
    results.scalar = kernel(ts);
  },
});
