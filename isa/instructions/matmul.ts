import { matmul as multiply } from '../../src/tensor/kernels/matmul.ts';
import { OperandError, defineInstruction } from '../instruction.ts';
import { accumulatesTile, readsTile } from '../operand.ts';
import { mayEqual, showPartialShape } from '../shapes.ts';

/** MATMUL: the product of two tiles. */
export const matmul = defineInstruction({
  mnemonic: 'MATMUL',
  opcode: 0x03,
  set: 'base',
  unit: 'mxu',
  summary: 'td ← ta · tb',
  manual: `
(m × k) · (k × n) → (m × n). Each element is summed in ascending k, every product and every sum
rounded to float32, from +0 or, with .ACC, from the element of td. So a product cut into blocks
along k and chained with .ACC has the same bits as the uncut one.

On the systolic array tb is the stationary operand and ta streams past it (weight-stationary).`,
  example: 'MATMUL.T.ACC t5, t2, t3',
  flags: { T: 'use tbᵀ: (m × k) · (n × k)ᵀ', ACC: 'add to td, which is then read too' },
  operands: {
    td: accumulatesTile('ACC', 'the product'),
    ta: readsTile('left factor'),
    tb: readsTile('right factor'),
  },
  shape({ td, ta, tb, T }) {
    const [k, n] = T ? [tb.cols, tb.rows] : [tb.rows, tb.cols];
    if (!mayEqual(ta.cols, k)) {
      const product = `${showPartialShape(ta)} · ${showPartialShape(tb)}${T ? 'ᵀ' : ''}`;
      const hint = T
        ? 'with .T the columns of both tiles must be equal'
        : 'the columns of ta must equal the rows of tb; did you mean MATMUL.T?';
      throw new OperandError('tb', `${product}: the inner dimensions differ`, hint);
    }
    if (td && !(mayEqual(td.rows, ta.rows) && mayEqual(td.cols, n))) {
      throw new OperandError(
        'td',
        `the product is ${showPartialShape({ rows: ta.rows, cols: n })}, but td holds ${showPartialShape(td)}`,
        'with .ACC the accumulator must already have the shape of the product',
      );
    }
    return { rows: ta.rows, cols: n };
  },
  work: ({ ta, tb, T }) => ({ kind: 'matrix', m: ta.rows, k: ta.cols, n: T ? tb.rows : tb.cols }),
  execute({ td, ta, tb, T }, { out }) {
    multiply(out, ta, tb, T, td);
  },
});
