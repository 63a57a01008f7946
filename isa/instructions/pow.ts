import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { broadcastShape } from '../shapes.ts';
import { broadcastWork } from '../element-work.ts';

/** POW: elementwise power. */
export const pow = defineInstruction({
  mnemonic: 'POW',
  opcode: 0x28,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← ta^tb',
  manual: `
Elementwise. A tile of one row, one column or one element is broadcast to the other's shape.

Rounded once (docs/numerics.md), so a power that is a float32 is exact. A base below 0 needs an
integer exponent; otherwise the result is NaN. Zeros, infinities and NaN as IEEE 754 says: anything
to ±0 is 1, and 1 to anything is 1, NaN included.`,
  example: 'POW t2, t0, t1',
  operands: {
    td: writesTile('the result'),
    ta: readsTile('left operand'),
    tb: readsTile('right operand'),
  },
  shape: ({ ta, tb }) => broadcastShape(ta, tb),
  work: ({ ta, tb }) => broadcastWork([ta, tb], 'sfu:log', 'vec:multiply', 'sfu:exp'),
  execute({ ta, tb }, { out, kernels }) {
    kernels.pow(out, ta, tb);
  },
});
