import type { Tile } from '../../src/tensor/tile.ts';
import type { Kernels } from '../../src/tensor/kernels/kernels.ts';
import { OperandError, defineInstruction } from '../instruction.ts';
import { accumulatesTile, readsTile } from '../operand.ts';
import { PRODUCT_FLAGS, productShape, productWork } from '../product.ts';

/** MATMUL.I8: the product of two tiles of small integers, exact. */
export const matmulI8 = defineInstruction({
  mnemonic: 'MATMUL.I8',
  opcode: 0x68,
  set: 'lowp',
  unit: 'mxu',
  summary: 'td ← ta · tb in integers; td becomes an int32 accumulator',
  manual: `
(m × k) · (k × n) → (m × n). Both factors hold integers from −128 to 127, as LOAD.I8 and QUANT leave
them; the sums are exact.

td then holds int32 values: each element's 32 bits are an int32, not a float32. Three instructions
know that: MATMUL.I8.ACC adds to them, DEQUANT turns them into float32, and LOAD, STORE and COPY move
all 32 bits as they are, so that an accumulator can be spilled to .f32 memory and come back. To every
other instruction the bits mean some float32 or NaN.

Traps when an element of a factor is not such an integer, and when a sum leaves the range of int32.
The work is that of MATMUL: a machine has one array.`,
  example: 'MATMUL.I8.T t5, t2, t3',
  flags: PRODUCT_FLAGS,
  operands: {
    td: accumulatesTile('ACC', 'the product, as int32'),
    ta: readsTile('left factor, integers from −128 to 127'),
    tb: readsTile('right factor, likewise'),
  },
  shape: productShape,
  work: productWork,
  execute({ td, ta, tb, T }, { out, kernels }) {
    requireInt8(kernels, 'ta', ta);
    requireInt8(kernels, 'tb', tb);
    const overflow = kernels.matmulInt8(out, ta, tb, T, td);
    if (overflow === undefined) return;
    const hint = 'convert the accumulator with DEQUANT before it is full';
    throw new OperandError('td', `the sum ${overflow} does not fit an int32`, hint);
  },
});

function requireInt8({ firstNotInt8 }: Kernels, operand: string, tile: Tile): void {
  const stray = firstNotInt8(tile);
  if (stray === undefined) return;
  const hint = 'fill the tile with LOAD.I8 or QUANT';
  throw new OperandError(
    operand,
    `${operand} holds ${stray}, which is no integer from −128 to 127`,
    hint,
  );
}
