import { defineStore } from '../transfer.ts';

/** STORE.I32: tile → int32 values in memory. */
export const storeI32 = defineStore({
  mnemonic: 'STORE.I32',
  opcode: 0x67,
  set: 'lowp',
  elements: 'i32',
  summary: 'memory[addr] ← ts as int32 values, rows stride bytes apart',
  manual: `
Each value loses its fraction (towards zero) and saturates at −2^31 and 2^31 − 1. NaN becomes 0.
Stride is implied as for STORE. It is the way to an integer that ILOAD can read.

Traps as STORE does.`,
  example: 'STORE.I32 [tokens], t7',
});
