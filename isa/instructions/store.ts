import { defineInstruction } from '../instruction.ts';
import { address, integerKey, readsTile } from '../operand.ts';

/** STORE: tile → memory. */
export const store = defineInstruction({
  mnemonic: 'STORE',
  opcode: 0x02,
  set: 'base',
  unit: 'dma',
  summary: 'memory[addr] ← ts, rows stride bytes apart',
  manual: `
Writes row i of the tile to address addr + i·stride; the shape is the tile's. Where the address
names a symbol, stride is implied by the bytes of one of its rows.

Traps when an address is outside memory or not a multiple of 4.`,
  example: 'STORE [Y], t7',
  operands: {
    addr: address('where the first row goes'),
    ts: readsTile('the tile that is written out'),
    stride: integerKey('bytes from the start of one row to the start of the next'),
  },
  shape: () => undefined,
  work: ({ addr, ts, stride }) => ({
    kind: 'memory',
    direction: 'write',
    address: addr,
    rows: ts.rows,
    rowBytes: ts.cols * 4,
    strideBytes: stride,
  }),
  execute({ addr, ts, stride }, { memory }) {
    memory.writeTile(addr, stride, ts);
  },
});
