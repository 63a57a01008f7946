import { mask as kernel } from '../../src/tensor/kernels/softmax.ts';
import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { integerKey, readsTile, writesTile } from '../operand.ts';

/** MASK: hides the future. */
export const mask = defineInstruction({
  mnemonic: 'MASK',
  opcode: 0x20,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← ts, with −∞ in row i at every column j > i + causal',
  manual: `
The causal mask as an instruction of its own, for a softmax that is spread over several tiles
(online softmax). SOFTMAX with causal= does both at once.`,
  example: 'MASK t1, t0, causal=0',
  operands: {
    td: writesTile('the masked scores'),
    ts: readsTile('the scores'),
    causal: integerKey('how many columns beyond its own number a row may see; may be negative'),
  },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'vec:select'),
  execute({ ts, causal }, { out }) {
    kernel(out, ts, causal);
  },
});
