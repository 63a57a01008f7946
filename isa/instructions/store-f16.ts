import { defineStore } from '../transfer.ts';

/** STORE.F16: tile → half-precision (IEEE 754 binary16) values in memory. */
export const storeF16 = defineStore({
  mnemonic: 'STORE.F16',
  opcode: 0x64,
  set: 'lowp',
  elements: 'f16',
  summary:
    'memory[addr] ← ts as half-precision (IEEE 754 binary16) values, rows stride bytes apart',
  manual: `
Each value is rounded to the nearest binary16, ties to even. From 65520 up it becomes ∞; subnormal
results are kept; NaN stays NaN. Stride is implied as for STORE.

Traps as STORE does; addresses and strides are multiples of 2.`,
  example: 'STORE.F16 [H], t7',
});
