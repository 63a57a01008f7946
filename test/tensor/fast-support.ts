/** What the tests of fast kernels share: a storage, tiles inside and outside it, and a comparison of bits. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Kernels } from '../../src/tensor/kernels/kernels.ts';
import { PLAIN_KERNELS } from '../../src/tensor/kernels/kernels.ts';
import { createStorage } from '../../src/tensor/storage.ts';
import type { Tile } from '../../src/tensor/tile.ts';
import { makeTile } from '../../src/tensor/tile.ts';
import { entries } from './numbers.ts';

export const EDGE = 40;
const MEMORY_BYTES = 4096;
export const TILES = 5;
export const storage = createStorage({ memoryBytes: MEMORY_BYTES, tiles: TILES, edge: EDGE });
const whole = new Int32Array(storage.buffer);

/** What is hard to get right: NaN, infinities, zeros, subnormals, the ends of float32 and of exp. */
const edgeValue = fc.constantFrom(
  ...[NaN, Infinity, -Infinity, 0, -0, 2 ** -149, -(2 ** -149), 2 ** -126, 3e38, -3e38],
  ...[1, -1, 1 + 2 ** -23, 88.7228317, 88.72284, -103.972076, -103.97209, -87.5],
);
const anyFloat = fc.float().map(Math.fround);
export const moderate = fc.float({ min: -8, max: 8, noNaN: true });

/** Mostly everyday numbers, in which one wrong rounding shows; sometimes mixed with, or all, edge values. */
export const value = fc.constantFrom(
  moderate,
  fc.oneof({ arbitrary: moderate, weight: 20 }, { arbitrary: edgeValue, weight: 1 }),
  anyFloat,
  edgeValue,
);

export const size = fc.oneof(
  fc.integer({ min: 1, max: EDGE }),
  fc.constantFrom(1, 4, 15, 16, 17, 32, 33),
);

/** Numbers without end, taken in turn; cheaper than as many arbitrary ones. */
export const pool = value.chain((one) => fc.array(one, { minLength: 1, maxLength: 97 }));

/** Puts a tile of the given shape into place `index`, NaN behind it; and returns a copy elsewhere. */
export function place(index: number, rows: number, cols: number, numbers: readonly number[]) {
  const tile = storage.tiles[index];
  tile.rows = rows;
  tile.cols = cols;
  tile.data.fill(NaN);
  for (let i = 0; i < rows * cols; i++) tile.data[i] = numbers[(i * 7 + index) % numbers.length];
  return { inside: tile, outside: { rows, cols, data: tile.data.slice() } };
}

/** Bits, with all NaN as one. */
export function bits(tile: Tile): Int32Array {
  const data = entries(tile).map((x) => (Number.isNaN(x) ? NaN : x));
  return new Int32Array(data.buffer);
}

type Operands = readonly ReturnType<typeof place>[];

/** Runs a kernel in the storage and outside it; the bits agree, and all else in the storage stays. */
export function compare(
  operands: Operands,
  run: (kernels: Kernels, out: Tile, operands: readonly Tile[]) => void,
): void {
  const out = storage.tiles[TILES - 1];
  const expected = makeTile(EDGE, EDGE);
  const first = out.data.byteOffset / 4;
  const before = whole.slice(0, first);
  run(
    storage.kernels,
    out,
    operands.map(({ inside }) => inside),
  );
  run(
    PLAIN_KERNELS,
    expected,
    operands.map(({ outside }) => outside),
  );
  expect([out.rows, out.cols]).toEqual([expected.rows, expected.cols]);
  expect(Buffer.compare(bytes(bits(out)), bytes(bits(expected)))).toBe(0);
  expect(Buffer.compare(bytes(before), bytes(whole.subarray(0, first)))).toBe(0);
}

export const bytes = (data: Int32Array) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);
