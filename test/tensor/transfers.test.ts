/** Rows between memory and tiles: the fast transfers give the bits of the plain ones in every format. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ElementFormat } from '../../src/tensor/formats.ts';
import { ELEMENT_FORMATS, FORMATS } from '../../src/tensor/formats.ts';
import { PLAIN_KERNELS } from '../../src/tensor/kernels/kernels.ts';
import { createStorage } from '../../src/tensor/storage.ts';
import { createSpace } from '../../src/tensor/wasm/module.ts';
import { runs } from './numbers.ts';

const MEMORY_BYTES = 8192;
const EDGE = 256;
const size = { memoryBytes: MEMORY_BYTES, tiles: 2, edge: EDGE };
const [fast, plain] = [false, true].map((isPlain) => createStorage(size, isPlain));

/** NaN as one value, for a host may choose which one a conversion gives. */
const numbersOf = (storage: typeof fast, count: number): Uint8Array => {
  const data = storage.tiles[0].data.slice(0, count).map((x) => (Number.isNaN(x) ? NaN : x));
  return new Uint8Array(data.buffer);
};

const memoryOf = ({ buffer }: typeof fast) => Buffer.from(buffer, 0, MEMORY_BYTES);

/** Puts the same bytes into both memories. */
function fillMemory(seed: number): void {
  for (const { buffer } of [fast, plain]) {
    const words = new Int32Array(buffer, 0, MEMORY_BYTES / 4);
    for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + seed, 0x9e3779b1);
  }
}

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  cols: fc.integer({ min: 1, max: 21 }),
  step: fc.integer({ min: -8, max: 32 }),
  seed: fc.nat(),
});

/** Rows begin in the middle of memory; the longest steps stay inside. */
const MIDDLE = 2048;

describe.each(ELEMENT_FORMATS)('rows of %s', (format) => {
  const { bytes } = FORMATS[format];

  it('are read into a tile', () => {
    fc.assert(
      fc.property(shapes, ({ rows, cols, step, seed }) => {
        fillMemory(seed);
        for (const { transfers, tiles } of [fast, plain]) {
          transfers[format].load(tiles[0].address, MIDDLE + bytes, step * bytes, rows, cols);
        }
        const [mine, expected] = [fast, plain].map((s) => numbersOf(s, rows * cols));
        expect(Buffer.compare(mine, expected)).toBe(0);
      }),
      runs,
    );
  });

  it('are written in ascending order, and nothing beside them', () => {
    const numbers = fc.array(
      fc.oneof(fc.float(), fc.float({ min: -200, max: 200 }), fc.constantFrom(-0, 0.5, 2.5, -1.5)),
      { minLength: 1, maxLength: 50 },
    );
    fc.assert(
      fc.property(shapes, numbers, ({ rows, cols, step, seed }, values) => {
        fillMemory(seed);
        for (const { transfers, tiles } of [fast, plain]) {
          const [{ data, address }] = tiles;
          for (let i = 0; i < rows * cols; i++) data[i] = values[i % values.length];
          transfers[format].store(MIDDLE + bytes, step * bytes, address, rows, cols);
        }
        expect(Buffer.compare(memoryOf(fast), memoryOf(plain))).toBe(0);
      }),
      runs,
    );
  });
});

/** Encodes one tile of numbers in both storages. */
function compareEncoded(format: ElementFormat, numbers: Float32Array): void {
  for (const { transfers, tiles } of [fast, plain]) {
    tiles[0].data.set(numbers);
    transfers[format].store(tiles[1].address, 0, tiles[0].address, 1, numbers.length);
  }
  const [mine, expected] = [fast, plain].map(({ buffer, tiles }) =>
    Buffer.from(buffer, tiles[1].address, numbers.length * FORMATS[format].bytes),
  );
  expect(Buffer.compare(mine, expected)).toBe(0);
}

describe('every number', () => {
  it.each(['f16', 'bf16'] as const)('of %s is read, and written back', (format) => {
    for (const { buffer, transfers, tiles } of [fast, plain]) {
      const patterns = new Uint16Array(buffer, tiles[1].address, EDGE * EDGE);
      patterns.forEach((_, i) => (patterns[i] = i));
      transfers[format].load(tiles[0].address, tiles[1].address, 0, 1, EDGE * EDGE);
    }
    const [mine, expected] = [fast, plain].map((s) => numbersOf(s, EDGE * EDGE));
    expect(Buffer.compare(mine, expected)).toBe(0);
    compareEncoded(format, plain.tiles[0].data.slice());
  });

  it.each(['f16', 'bf16'] as const)('between and beside those of %s is rounded alike', (format) => {
    const { decode } = FORMATS[format];
    const bits = new Int32Array(1);
    const float = new Float32Array(bits.buffer);
    const half = format === 'f16' ? 2 ** 12 : 2 ** 15;
    for (const shift of [-half - 1, -half, -half + 1, -1, 1, half - 1, half, half + 1]) {
      const near = Float32Array.from({ length: EDGE * EDGE }, (_, pattern) => {
        float[0] = decode(pattern);
        bits[0] += shift;
        return float[0];
      });
      compareEncoded(format, near);
    }
  });

  it.each(['f16', 'bf16', 'i8', 'i32'] as const)('of float32 is written as %s alike', (format) => {
    const STEP = 2003;
    for (let from = 0; from < 2 ** 32; from += STEP * EDGE * EDGE) {
      const patterns = Int32Array.from({ length: EDGE * EDGE }, (_, i) => from + i * STEP);
      compareEncoded(format, new Float32Array(patterns.buffer));
    }
  });
});

describe('storage', () => {
  it('is plain where that is wanted, or where no WebAssembly memory is large enough', () => {
    expect(plain.kernels).toBe(PLAIN_KERNELS);
    expect(fast.kernels).not.toBe(PLAIN_KERNELS);
    expect(createSpace(2 ** 32 + 1)).toBeUndefined();
  });
});
