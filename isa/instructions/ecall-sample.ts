import { sampleIndex } from '../../src/tensor/kernels/select.ts';
import { elementWork } from '../element-work.ts';
import { OperandError, defineInstruction } from '../instruction.ts';
import { readsScalar, readsTile, writesScalar } from '../operand.ts';
import { requireVector } from '../shapes.ts';

/** ECALL.SAMPLE: draw a position from weights. */
export const ecallSample = defineInstruction({
  mnemonic: 'ECALL.SAMPLE',
  opcode: 0x53,
  set: 'token',
  unit: 'vec',
  summary: 'rd ← a position drawn with the weights ts',
  manual: `
ts is one row or one column of weights that are not negative. The draw depends only on the seed of
the run (--seed) and on the draw number rs, so the same program and seed give the same text. Traps
when no weight is positive or one is not finite.`,
  example: 'ECALL.SAMPLE r1, t0, r2',
  operands: {
    rd: writesScalar('the position, from 0'),
    ts: readsTile('the weights'),
    rs: readsScalar('the number of the draw'),
  },
  shape({ ts }) {
    requireVector('ts', ts);
    return undefined;
  },
  work: ({ ts }) => elementWork(ts, 'vec:sum'),
  execute({ ts, rs }, results) {
    results.scalar = sampleIndex(ts, results.host.random(rs));
    if (results.scalar >= 0) return;
    const hint = 'apply SOFTMAX to the scores first';
    throw new OperandError('ts', 'the weights have no positive finite sum', hint);
  },
});
