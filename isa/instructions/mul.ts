import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { broadcastShape } from '../shapes.ts';
import { broadcastWork } from '../element-work.ts';

/** MUL: elementwise product. */
export const mul = defineInstruction({
  mnemonic: 'MUL',
  opcode: 0x11,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← ta × tb',
  manual: `
Elementwise. A tile of one row, one column or one element is broadcast to the other's shape.`,
  example: 'MUL t2, t0, t1',
  operands: {
    td: writesTile('the result'),
    ta: readsTile('left operand'),
    tb: readsTile('right operand'),
  },
  shape: ({ ta, tb }) => broadcastShape(ta, tb),
  work: ({ ta, tb }) => broadcastWork([ta, tb], 'vec:multiply'),
  execute({ ta, tb }, { out, kernels }) {
    kernels.mul(out, ta, tb);
  },
});
