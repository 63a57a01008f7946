import { defineInstruction } from '../instruction.ts';
import { numberKey, readsTile, writesTile } from '../operand.ts';
import { elementsOf, requireRow } from '../shapes.ts';
import { passes } from '../work.ts';

/** NORM.LAYER: layer normalisation. */
export const normLayer = defineInstruction({
  mnemonic: 'NORM.LAYER',
  opcode: 0x06,
  set: 'base',
  unit: 'vec',
  summary: 'td ← (ts − mean) / √(variance + eps) · tg + tb, row by row',
  manual: `
Mean and variance are taken over the columns of each row, the variance dividing by their number
(Ba, Kiros and Hinton, "Layer Normalization", 2016). Rows longer than a tile are normalised with
ROWSUM, RSQRT and the elementwise instructions instead.`,
  example: 'NORM.LAYER t3, t0, t1, t2, eps=1e-5',
  operands: {
    td: writesTile('the normalised rows'),
    ts: readsTile('the rows'),
    tg: readsTile('gain, 1 × cols'),
    tb: readsTile('bias, 1 × cols'),
    eps: numberKey(1e-5, 'added to the variance'),
  },
  shape({ ts, tg, tb }) {
    requireRow('tg', tg, ts.cols);
    requireRow('tb', tb, ts.cols);
    return ts;
  },
  work({ ts }) {
    const elements = elementsOf(ts);
    return {
      kind: 'elements',
      operations: [
        ...passes(elements, 'vec:mean', 'vec:variance'),
        ...passes(ts.rows, 'sfu:rsqrt'),
        ...passes(elements, 'vec:scale'),
      ],
    };
  },
  execute({ ts, tg, tb, eps }, { out, kernels }) {
    kernels.normLayer(out, ts, tg, tb, eps);
  },
});
