import { defineInstruction } from '../instruction.ts';
import { address, integerKey, writesTile } from '../operand.ts';
import { requireRange } from '../shapes.ts';

/** LOAD: memory → tile. */
export const load = defineInstruction({
  mnemonic: 'LOAD',
  opcode: 0x01,
  set: 'base',
  unit: 'dma',
  summary: 'td ← memory[addr], rows × cols float32 values, rows stride bytes apart',
  manual: `
Reads row i of the tile from address addr + i·stride. Where the address names a symbol that fits a
tile, rows and cols are implied by its shape; where it names any symbol, stride is implied by the
bytes of one of its rows; without a symbol, stride is implied by cols.

Traps when an address is outside memory or not a multiple of 4, and when the shape is larger than
the machine's tile.`,
  example: 'LOAD t8, [W + r5 + 64], rows=r6, cols=16, stride=64',
  operands: {
    td: writesTile('the tile that is filled'),
    addr: address('where the first row begins'),
    rows: integerKey('rows to read, at least 1'),
    cols: integerKey('columns to read, at least 1'),
    stride: integerKey('bytes from the start of one row to the start of the next'),
  },
  shape({ rows, cols }) {
    const hint = 'a tile has at least one row and one column';
    requireRange('rows', rows, 1, Infinity, hint);
    requireRange('cols', cols, 1, Infinity, hint);
    return { rows, cols };
  },
  work: ({ addr, rows, cols, stride }) => ({
    kind: 'memory',
    direction: 'read',
    address: addr,
    rows,
    rowBytes: cols * 4,
    strideBytes: stride,
  }),
  execute({ addr, rows, cols, stride }, { memory, out }) {
    memory.readTile(addr, rows, cols, stride, out);
  },
});
