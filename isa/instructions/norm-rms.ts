import { defineInstruction } from '../instruction.ts';
import { numberKey, readsTile, writesTile } from '../operand.ts';
import { elementsOf, requireRow } from '../shapes.ts';
import { passes } from '../work.ts';

/** NORM.RMS: root-mean-square normalisation. */
export const normRms = defineInstruction({
  mnemonic: 'NORM.RMS',
  opcode: 0x07,
  set: 'base',
  unit: 'vec',
  summary: 'td ← ts / √(mean of ts² + eps) · tg, row by row',
  manual: `
The mean is taken over the columns of each row (Zhang and Sennrich, "Root Mean Square Layer
Normalization", 2019). Rows longer than a tile are normalised with ROWSUM, RSQRT and the
elementwise instructions instead.`,
  example: 'NORM.RMS t2, t0, t1, eps=1e-6',
  operands: {
    td: writesTile('the normalised rows'),
    ts: readsTile('the rows'),
    tg: readsTile('gain, 1 × cols'),
    eps: numberKey(1e-6, 'added to the mean square'),
  },
  shape({ ts, tg }) {
    requireRow('tg', tg, ts.cols);
    return ts;
  },
  work({ ts }) {
    const elements = elementsOf(ts);
    return {
      kind: 'elements',
      operations: [
        ...passes(elements, 'vec:mean-square'),
        ...passes(ts.rows, 'sfu:rsqrt'),
        ...passes(elements, 'vec:scale'),
      ],
    };
  },
  execute({ ts, tg, eps }, { out, kernels }) {
    kernels.normRms(out, ts, tg, eps);
  },
});
