import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { broadcastShape } from '../shapes.ts';
import { broadcastWork } from '../element-work.ts';

/** MIN: elementwise minimum. */
export const min = defineInstruction({
  mnemonic: 'MIN',
  opcode: 0x27,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← min(ta, tb)',
  manual: `
Elementwise. A tile of one row, one column or one element is broadcast to the other's shape.
NaN in either operand gives NaN; −0 is below +0.`,
  example: 'MIN t2, t0, t1',
  operands: {
    td: writesTile('the result'),
    ta: readsTile('left operand'),
    tb: readsTile('right operand'),
  },
  shape: ({ ta, tb }) => broadcastShape(ta, tb),
  work: ({ ta, tb }) => broadcastWork([ta, tb], 'vec:minimum'),
  execute({ ta, tb }, { out, kernels }) {
    kernels.min(out, ta, tb);
  },
});
