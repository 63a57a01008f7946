import { copy as kernel } from '../../src/tensor/kernels/layout.ts';
import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** COPY: a tile to another register. */
export const copy = defineInstruction({
  mnemonic: 'COPY',
  opcode: 0x1e,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← ts',
  manual: `
Values and shape.`,
  example: 'COPY t1, t0',
  operands: { td: writesTile('the copy'), ts: readsTile('the tile') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'vec:move'),
  execute({ ts }, { out }) {
    kernel(out, ts);
  },
});
