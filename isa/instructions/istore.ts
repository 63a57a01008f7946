import { defineInstruction } from '../instruction.ts';
import { address, readsScalar } from '../operand.ts';

/** ISTORE: scalar register → int32 memory. */
export const istore = defineInstruction({
  mnemonic: 'ISTORE',
  opcode: 0x39,
  set: 'control',
  unit: 'dma',
  elements: 'i32',
  summary: 'memory[addr] ← rs as int32',
  manual: `
Traps when rs does not fit an int32, and when the address is outside memory or not a multiple
of 4.`,
  example: 'ISTORE [tokens + r2], r1',
  operands: { addr: address('where the integer goes'), rs: readsScalar('the integer') },
  shape: () => undefined,
  work: ({ addr }) => ({
    kind: 'memory',
    direction: 'write',
    address: addr,
    rows: 1,
    rowBytes: 4,
    strideBytes: 4,
  }),
  execute({ addr, rs }, { memory }) {
    memory.writeInteger(addr, rs);
  },
});
