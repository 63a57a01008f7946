import { defineStore } from '../transfer.ts';

/** STORE: tile → memory. */
export const store = defineStore({
  mnemonic: 'STORE',
  opcode: 0x02,
  set: 'base',
  elements: 'f32',
  summary: 'memory[addr] ← ts, rows stride bytes apart',
  manual: `
Writes row i of the tile to address addr + i·stride; the shape is the tile's. Where the address
names a symbol, stride is implied by the bytes of one of its rows.

Traps when an address is outside memory or not a multiple of 4.`,
  example: 'STORE [Y], t7',
});
