import { elementWork } from '../element-work.ts';
import { defineInstruction } from '../instruction.ts';
import { readsTile, writesTile } from '../operand.ts';

/** ERF: elementwise error function. */
export const erf = defineInstruction({
  mnemonic: 'ERF',
  opcode: 0x25,
  set: 'vector',
  unit: 'sfu',
  summary: 'td ← erf(ts) = 2/√π · ∫₀^ts e^−u² du',
  manual: `
Elementwise, odd, rounded once (docs/numerics.md).`,
  example: 'ERF t1, t0',
  operands: { td: writesTile('the result'), ts: readsTile('the operand') },
  shape: ({ ts }) => ts,
  work: ({ ts }) => elementWork(ts, 'sfu:erf'),
  execute({ ts }, { out, kernels }) {
    kernels.erf(out, ts);
  },
});
