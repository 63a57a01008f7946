import { defineLoad } from '../transfer.ts';

/** LOAD.BF16: bfloat16 values in memory → tile. */
export const loadBf16 = defineLoad({
  mnemonic: 'LOAD.BF16',
  opcode: 0x61,
  set: 'lowp',
  elements: 'bf16',
  summary: 'td ← memory[addr], rows × cols bfloat16 values, rows stride bytes apart',
  manual: `
A bfloat16 is the upper half of a float32; it is widened exactly. Rows, columns and stride are
implied as for LOAD.

Traps as LOAD does; addresses and strides are multiples of 2.`,
  example: 'LOAD.BF16 t8, [G], rows=4, cols=16',
});
