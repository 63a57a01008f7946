import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { broadcastShape } from '../shapes.ts';
import { broadcastWork } from '../element-work.ts';

/** DIV: elementwise quotient. */
export const div = defineInstruction({
  mnemonic: 'DIV',
  opcode: 0x12,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← ta ÷ tb',
  manual: `
Elementwise. A tile of one row, one column or one element is broadcast to the other's shape. Division by zero gives ±∞ or NaN as IEEE 754 has it; it does not trap.`,
  example: 'DIV t2, t0, t1',
  operands: {
    td: writesTile('the result'),
    ta: readsTile('left operand'),
    tb: readsTile('right operand'),
  },
  shape: ({ ta, tb }) => broadcastShape(ta, tb),
  work: ({ ta, tb }) => broadcastWork([ta, tb], 'sfu:divide'),
  execute({ ta, tb }, { out, kernels }) {
    kernels.div(out, ta, tb);
  },
});
