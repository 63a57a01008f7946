import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { broadcastShape } from '../shapes.ts';
import { broadcastWork } from '../element-work.ts';

/** SUB: elementwise difference. */
export const sub = defineInstruction({
  mnemonic: 'SUB',
  opcode: 0x10,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← ta − tb',
  manual: `
Elementwise. A tile of one row, one column or one element is broadcast to the other's shape.`,
  example: 'SUB t2, t0, t1',
  operands: {
    td: writesTile('the result'),
    ta: readsTile('left operand'),
    tb: readsTile('right operand'),
  },
  shape: ({ ta, tb }) => broadcastShape(ta, tb),
  work: ({ ta, tb }) => broadcastWork([ta, tb], 'vec:subtract'),
  execute({ ta, tb }, { out, kernels }) {
    kernels.sub(out, ta, tb);
  },
});
