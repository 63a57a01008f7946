import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { broadcastShape } from '../shapes.ts';
import { broadcastWork } from '../element-work.ts';

/** EQUAL: elementwise comparison. */
export const equal = defineInstruction({
  mnemonic: 'EQUAL',
  opcode: 0x2a,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← 1 where ta = tb, else 0',
  manual: `
Elementwise. A tile of one row, one column or one element is broadcast to the other's shape.
False (0) where either is NaN; −0 equals +0. SELECT takes the result as its condition.`,
  example: 'EQUAL t2, t0, t1',
  operands: {
    td: writesTile('the result'),
    ta: readsTile('left operand'),
    tb: readsTile('right operand'),
  },
  shape: ({ ta, tb }) => broadcastShape(ta, tb),
  work: ({ ta, tb }) => broadcastWork([ta, tb], 'vec:compare'),
  execute({ ta, tb }, { out, kernels }) {
    kernels.equal(out, ta, tb);
  },
});
