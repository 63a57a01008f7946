import { defineLoad } from '../transfer.ts';

/** LOAD.I8: int8 values in memory → tile. */
export const loadI8 = defineLoad({
  mnemonic: 'LOAD.I8',
  opcode: 0x62,
  set: 'lowp',
  elements: 'i8',
  summary: 'td ← memory[addr], rows × cols int8 values, rows stride bytes apart',
  manual: `
Each integer becomes the float32 of the same value, as MATMUL.I8 wants it. Rows, columns and stride
are implied as for LOAD.

Traps as LOAD does; any address and any stride will do.`,
  example: 'LOAD.I8 t8, [Q], rows=4, cols=16',
});
