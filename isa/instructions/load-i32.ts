import { defineLoad } from '../transfer.ts';

/** LOAD.I32: int32 values in memory → tile. */
export const loadI32 = defineLoad({
  mnemonic: 'LOAD.I32',
  opcode: 0x63,
  set: 'lowp',
  elements: 'i32',
  summary: 'td ← memory[addr], rows × cols int32 values, rows stride bytes apart',
  manual: `
Each integer becomes a float32: of the same value up to ±2^24, beyond it the nearest one, ties to
even. Rows, columns and stride are implied as for LOAD.

Traps as LOAD does.`,
  example: 'LOAD.I32 t8, [tokens], rows=4, cols=16',
});
