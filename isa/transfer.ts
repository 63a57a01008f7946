/** LOAD and STORE in each element format: one declaration for the family, one file for each instruction. */
import type { ElementFormat } from '../src/tensor/formats.ts';
import { FORMATS } from '../src/tensor/formats.ts';
import type { InstructionDefinition, InstructionSource } from './instruction.ts';
import { defineInstruction } from './instruction.ts';
import type { OperandSpecs } from './operand.ts';
import { address, integerKey, readsTile, writesTile } from './operand.ts';
import { requireRange } from './shapes.ts';

/** What tells one transfer from another. */
type Transfer = Pick<
  InstructionSource<OperandSpecs, never>,
  'mnemonic' | 'opcode' | 'set' | 'summary' | 'manual' | 'example'
> & { readonly elements: ElementFormat };

/** An instruction that fills a tile from memory. */
export function defineLoad(transfer: Transfer): InstructionDefinition {
  const { elements } = transfer;
  return defineInstruction({
    ...transfer,
    unit: 'dma',
    transfer: 'load',
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
      rowBytes: cols * FORMATS[elements].bytes,
      strideBytes: stride,
    }),
    execute({ addr, rows, cols, stride }, { memory, out }) {
      memory.readTile(addr, rows, cols, stride, out, elements);
    },
  });
}

/** An instruction that writes a tile to memory. */
export function defineStore(transfer: Transfer): InstructionDefinition {
  const { elements } = transfer;
  return defineInstruction({
    ...transfer,
    unit: 'dma',
    transfer: 'store',
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
      rowBytes: ts.cols * FORMATS[elements].bytes,
      strideBytes: stride,
    }),
    execute({ addr, ts, stride }, { memory }) {
      memory.writeTile(addr, stride, ts, elements);
    },
  });
}
