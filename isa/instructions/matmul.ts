import { defineInstruction } from '../instruction.ts';
import { accumulatesTile, readsTile } from '../operand.ts';
import { PRODUCT_FLAGS, productShape, productWork } from '../product.ts';

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
  flags: PRODUCT_FLAGS,
  operands: {
    td: accumulatesTile('ACC', 'the product'),
    ta: readsTile('left factor'),
    tb: readsTile('right factor'),
  },
  shape: productShape,
  work: productWork,
  execute({ td, ta, tb, T }, { out, kernels }) {
    kernels.matmul(out, ta, tb, T, td);
  },
});
