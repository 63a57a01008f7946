import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** LOG: elementwise natural logarithm. */
export const log = defineInstruction({
  mnemonic: 'LOG',
  opcode: 0x24,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← ln ts',
  manual: `
Elementwise, rounded once (docs/numerics.md). −∞ at ±0, NaN below, exactly +0 at 1.`,
  example: 'LOG t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'sfu:log'),
  execute({ ts }, { out, kernels }) {
    kernels.log(out, ts);
  },
});
