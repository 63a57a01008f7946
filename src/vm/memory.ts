/** Flat little-endian memory of a running program. */
import type { MemoryPort } from '../../isa/instruction.ts';
import type { Program } from '../program/program.ts';
import { memoryEnd } from '../program/program.ts';
import type { ElementFormat, StoredArray } from '../tensor/formats.ts';
import { ELEMENT_FORMATS, FORMATS, widened } from '../tensor/formats.ts';
import { elementCount } from '../tensor/host-tensor.ts';
import type { Storage } from '../tensor/storage.ts';
import type { PlacedTile, Tile } from '../tensor/tile.ts';
import type { Transfers } from '../tensor/transfers.ts';
import { requireAligned, requireInside, requireInt32 } from './faults.ts';

const WORD_BYTES = FORMATS.i32.bytes;

/** Memory from MEMORY_BASE to the end of the last symbol; every access is checked. */
export class Memory implements MemoryPort {
  readonly floats: Float32Array;
  readonly integers: Int32Array;
  /** The whole of memory in each format. */
  private readonly views: Readonly<Record<ElementFormat, StoredArray>>;
  /** The first address behind it. */
  readonly end: number;
  /** Between memory and tiles, without a check. */
  readonly transfers: Transfers;

  /** Takes the first bytes of the storage, as many as the program needs. */
  constructor(program: Program, { buffer, transfers }: Pick<Storage, 'buffer' | 'transfers'>) {
    this.end = memoryEnd(program);
    this.transfers = transfers;
    const words = Math.ceil(this.end / WORD_BYTES);
    this.floats = new Float32Array(buffer, 0, words);
    this.integers = new Int32Array(buffer, 0, words);
    this.views = viewsOf(buffer, words * WORD_BYTES);
    for (const { address, dtype, shape, data } of program.symbols) {
      const from = address / FORMATS[dtype].bytes;
      // NaN shows a missing STORE, where a zero would hide it.
      if (data) this.views[dtype].set(data, from);
      else this.views[dtype].fill(FORMATS[dtype].unwritten, from, from + elementCount(shape));
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

  /** `count` elements as they are stored, from an aligned address inside memory; a view. */
  stored(address: number, count: number, format: ElementFormat): StoredArray {
    const from = address / FORMATS[format].bytes;
    return this.views[format].subarray(from, from + count);
  }

  /** The same as numbers, float32 or int32; a view in these two formats, a copy in the others. */
  numbers(address: number, count: number, format: ElementFormat): Float32Array | Int32Array {
    return widened(format, this.stored(address, count, format));
  }

  readTile(
    address: number,
    rows: number,
    cols: number,
    strideBytes: number,
    out: Tile,
    format: ElementFormat,
  ): void {
    this.checkRows(address, rows, cols, strideBytes, format);
    out.rows = rows;
    out.cols = cols;
    const to = (out as PlacedTile).address;
    this.transfers[format].load(to, address, strideBytes, rows, cols);
  }

  writeTile(address: number, strideBytes: number, tile: Tile, format: ElementFormat): void {
    const { rows, cols } = tile;
    this.checkRows(address, rows, cols, strideBytes, format);
    const from = (tile as PlacedTile).address;
    this.transfers[format].store(address, strideBytes, from, rows, cols);
  }

  readInteger(address: number): number {
    this.checkRows(address, 1, 1, WORD_BYTES, 'i32');
    return this.integers[address / WORD_BYTES]!;
  }

  writeInteger(address: number, value: number): void {
    requireInt32(value);
    this.checkRows(address, 1, 1, WORD_BYTES, 'i32');
    this.integers[address / WORD_BYTES] = value;
  }

  /** Throws unless every row lies in memory, and every element where elements lie. */
  private checkRows(
    address: number,
    rows: number,
    cols: number,
    strideBytes: number,
    format: ElementFormat,
  ): void {
    const { bytes } = FORMATS[format];
    requireAligned(address, strideBytes, bytes);
    const lastRow = address + (rows - 1) * strideBytes;
    const low = Math.min(address, lastRow);
    requireInside(low, Math.max(address, lastRow) + cols * bytes, this.end);
  }
}

function viewsOf(buffer: ArrayBuffer, memoryBytes: number): Record<ElementFormat, StoredArray> {
  const view = (format: ElementFormat) => {
    const { bytes, view: viewOf } = FORMATS[format];
    return [format, viewOf(buffer, 0, memoryBytes / bytes)];
  };
  return Object.fromEntries(ELEMENT_FORMATS.map(view)) as Record<ElementFormat, StoredArray>;
}
