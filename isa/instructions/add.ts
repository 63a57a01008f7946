import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { broadcastShape } from '../shapes.ts';
import { broadcastWork } from '../element-work.ts';

/** ADD: elementwise sum. */
export const add = defineInstruction({
  mnemonic: 'ADD',
  opcode: 0x04,
  set: 'base',
  unit: 'vec',
  summary: 'td ← ta + tb',
  manual: `
Elementwise. A tile of one row, one column or one element is broadcast to the other's shape.`,
  example: 'ADD t2, t0, t1',
  operands: {
    td: writesTile('the result'),
    ta: readsTile('left operand'),
    tb: readsTile('right operand'),
  },
  shape: ({ ta, tb }) => broadcastShape(ta, tb),
  work: ({ ta, tb }) => broadcastWork([ta, tb], 'vec:add'),
  execute({ ta, tb }, { out, kernels }) {
    kernels.add(out, ta, tb);
  },
});
