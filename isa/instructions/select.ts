import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';
import { broadcastShape } from '../shapes.ts';
import { broadcastWork } from '../element-work.ts';

/** SELECT: elementwise choice between two tiles. */
export const select = defineInstruction({
  mnemonic: 'SELECT',
  opcode: 0x2b,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← ta where tc ≠ 0, tb elsewhere',
  manual: `
Elementwise. Each of the three tiles may have one row, one column or one element, which is broadcast
to the shape of the others. What is not chosen does not matter: NaN there goes nowhere. NaN in tc
counts as ≠ 0.`,
  example: 'SELECT t3, t0, t1, t2',
  operands: {
    td: writesTile('the result'),
    tc: readsTile('the condition, as LESS and EQUAL leave it'),
    ta: readsTile('taken where tc ≠ 0'),
    tb: readsTile('taken where tc = 0'),
  },
  shape: ({ tc, ta, tb }) => broadcastShape(broadcastShape(tc, ta), tb),
  work: ({ tc, ta, tb }) => broadcastWork([tc, ta, tb], 'vec:select'),
  execute({ tc, ta, tb }, { out, kernels }) {
    kernels.select(out, tc, ta, tb);
  },
});
