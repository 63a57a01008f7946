import { defineLoad } from '../transfer.ts';

/** LOAD.F16: half-precision (IEEE 754 binary16) values in memory → tile. */
export const loadF16 = defineLoad({
  mnemonic: 'LOAD.F16',
  opcode: 0x60,
  set: 'lowp',
  elements: 'f16',
  summary:
    'td ← memory[addr], rows × cols half-precision (IEEE 754 binary16) values, rows stride bytes apart',
  manual: `
Each value is widened to float32, exactly. Rows, columns and stride are implied as for LOAD.

Traps as LOAD does; addresses and strides are multiples of 2.`,
  example: 'LOAD.F16 t8, [H], rows=4, cols=16',
});
