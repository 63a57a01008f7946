import { defineLoad } from '../transfer.ts';

/** LOAD: memory → tile. */
export const load = defineLoad({
  mnemonic: 'LOAD',
  opcode: 0x01,
  set: 'base',
  elements: 'f32',
  summary: 'td ← memory[addr], rows × cols float32 values, rows stride bytes apart',
  manual: `
Reads row i of the tile from address addr + i·stride. Where the address names a symbol that fits a
tile, rows and cols are implied by its shape; where it names any symbol, stride is implied by the
bytes of one of its rows; without a symbol, stride is implied by cols.

Traps when an address is outside memory or not a multiple of 4, and when the shape is larger than
the machine's tile.`,
  example: 'LOAD t8, [W + r5 + 64], rows=r6, cols=16, stride=64',
});
