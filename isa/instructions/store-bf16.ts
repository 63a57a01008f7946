import { defineStore } from '../transfer.ts';

/** STORE.BF16: tile → bfloat16 values in memory. */
export const storeBf16 = defineStore({
  mnemonic: 'STORE.BF16',
  opcode: 0x65,
  set: 'lowp',
  elements: 'bf16',
  summary: 'memory[addr] ← ts as bfloat16 values, rows stride bytes apart',
  manual: `
Each value is rounded to the nearest bfloat16, ties to even; what rounds beyond the largest one
becomes ∞, and NaN stays NaN. Stride is implied as for STORE.

Traps as STORE does; addresses and strides are multiples of 2.`,
  example: 'STORE.BF16 [G], t7',
});
