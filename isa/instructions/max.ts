import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { broadcastShape } from '../shapes.ts';
import { broadcastWork } from '../element-work.ts';

/** MAX: elementwise maximum. */
export const max = defineInstruction({
  mnemonic: 'MAX',
  opcode: 0x13,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← max(ta, tb)',
  manual: `
Elementwise. A tile of one row, one column or one element is broadcast to the other's shape. NaN in either operand gives NaN.`,
  example: 'MAX t2, t0, t1',
  operands: {
    td: writesTile('the result'),
    ta: readsTile('left operand'),
    tb: readsTile('right operand'),
  },
  shape: ({ ta, tb }) => broadcastShape(ta, tb),
  work: ({ ta, tb }) => broadcastWork([ta, tb], 'vec:maximum'),
  execute({ ta, tb }, { out, kernels }) {
    kernels.max(out, ta, tb);
  },
});
