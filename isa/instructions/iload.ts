import { defineInstruction } from '../instruction.ts';
import { address, writesScalar } from '../operand.ts';

/** ILOAD: int32 memory → scalar register. */
export const iload = defineInstruction({
  mnemonic: 'ILOAD',
  opcode: 0x38,
  set: 'control',
  unit: 'dma',
  elements: 'i32',
  summary: 'rd ← the int32 at memory[addr]',
  manual: `
Reads token numbers and tables of indices. Traps when the address is outside memory or not a
multiple of 4.`,
  example: 'ILOAD r1, [tokens + r2]',
  operands: {
    rd: writesScalar('the register that is set'),
    addr: address('where the integer is'),
  },
  shape: () => undefined,
  work: ({ addr }) => ({
    kind: 'memory',
    direction: 'read',
    address: addr,
    rows: 1,
    rowBytes: 4,
    strideBytes: 4,
  }),
  execute({ addr }, results) {
    results.scalar = results.memory.readInteger(addr);
  },
});
