import { defineStore } from '../transfer.ts';

/** STORE.I8: tile → int8 values in memory. */
export const storeI8 = defineStore({
  mnemonic: 'STORE.I8',
  opcode: 0x66,
  set: 'lowp',
  elements: 'i8',
  summary: 'memory[addr] ← ts as int8 values, rows stride bytes apart',
  manual: `
Each value is rounded to the nearest integer, ties to even, and saturates: below −128 it becomes
−128, above 127 it becomes 127. NaN becomes 0. Stride is implied as for STORE.

Traps as STORE does; any address and any stride will do.`,
  example: 'STORE.I8 [Q], t7',
});
