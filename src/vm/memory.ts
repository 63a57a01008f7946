/** Flat little-endian memory of a running program. */
import type { MemoryPort } from '../../isa/instruction.ts';
import type { Program } from '../program/program.ts';
import { ELEMENT_BYTES, MEMORY_BASE, memoryEnd, symbolBytes } from '../program/program.ts';
import type { Tile } from '../tensor/tile.ts';
import { Fault } from './trap.ts';

const INT32_LOW = -(2 ** 31);
const INT32_HIGH = 2 ** 31 - 1;

/** Memory from MEMORY_BASE to the end of the last symbol; every access is checked. */
export class Memory implements MemoryPort {
  readonly floats: Float32Array;
  readonly integers: Int32Array;
  private readonly end: number;

  constructor(program: Program) {
    this.end = memoryEnd(program);
    const buffer = new ArrayBuffer(Math.ceil(this.end / ELEMENT_BYTES) * ELEMENT_BYTES);
    this.floats = new Float32Array(buffer);
    this.integers = new Int32Array(buffer);
    for (const symbol of program.symbols) {
      const at = symbol.address / ELEMENT_BYTES;
      const length = symbolBytes(symbol) / ELEMENT_BYTES;
      if (symbol.data instanceof Int32Array) this.integers.set(symbol.data, at);
      else if (symbol.data) this.floats.set(symbol.data, at);
      // NaN shows a missing STORE, where a zero would hide it.
      else if (symbol.dtype === 'f32') this.floats.fill(NaN, at, at + length);
    }
  }

  /** A copy of all of it, bit for bit. */
  snapshot(): Int32Array {
    return this.integers.slice();
  }

  /** Puts back what `snapshot` gave. */
  restore(saved: Int32Array): void {
    this.integers.set(saved);
  }

  readTile(address: number, rows: number, cols: number, strideBytes: number, out: Tile): void {
    const from = this.checkedRows(address, rows, cols, strideBytes);
    const stride = strideBytes / ELEMENT_BYTES;
    for (let i = 0; i < rows; i++) {
      const row = from + i * stride;
      for (let j = 0; j < cols; j++) out.data[i * cols + j] = this.floats[row + j]!;
    }
    out.rows = rows;
    out.cols = cols;
  }

  writeTile(address: number, strideBytes: number, tile: Tile): void {
    const { rows, cols, data } = tile;
    const from = this.checkedRows(address, rows, cols, strideBytes);
    const stride = strideBytes / ELEMENT_BYTES;
    for (let i = 0; i < rows; i++) {
      const row = from + i * stride;
      for (let j = 0; j < cols; j++) this.floats[row + j] = data[i * cols + j]!;
    }
  }

  readInteger(address: number): number {
    return this.integers[this.checkedRows(address, 1, 1, ELEMENT_BYTES)]!;
  }

  writeInteger(address: number, value: number): void {
    if (value < INT32_LOW || value > INT32_HIGH) {
      const hint = `an int32 holds ${INT32_LOW} to ${INT32_HIGH}`;
      throw new Fault('integer-overflow', `${value} does not fit an int32`, hint);
    }
    this.integers[this.checkedRows(address, 1, 1, ELEMENT_BYTES)] = value;
  }

  /** The element index of `address`, when every row lies in memory. */
  private checkedRows(address: number, rows: number, cols: number, strideBytes: number): number {
    if (address % ELEMENT_BYTES !== 0 || strideBytes % ELEMENT_BYTES !== 0) {
      const what = address % ELEMENT_BYTES !== 0 ? `address ${address}` : `stride ${strideBytes}`;
      throw new Fault(
        'address-misaligned',
        `${what} is not a multiple of ${ELEMENT_BYTES}`,
        'offsets and strides are in bytes; multiply element numbers by 4',
      );
    }
    const lastRow = address + (rows - 1) * strideBytes;
    const low = Math.min(address, lastRow);
    const high = Math.max(address, lastRow) + cols * ELEMENT_BYTES;
    if (low < MEMORY_BASE || high > this.end) {
      throw new Fault(
        'address-out-of-range',
        `bytes ${low} to ${high - 1} are outside memory (${MEMORY_BASE} to ${this.end - 1})`,
        'check the offset, the number of rows and the stride',
      );
    }
    return address / ELEMENT_BYTES;
  }
}
