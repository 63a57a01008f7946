/** Fast kernels give the bits of the plain loops, and touch nothing but their result. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/tensor/kernels/kernels.ts';
import { PLAIN_KERNELS } from '../../src/tensor/kernels/kernels.ts';
import type { Storage } from '../../src/tensor/storage.ts';
import { createStorage } from '../../src/tensor/storage.ts';
import type { Tile } from '../../src/tensor/tile.ts';
import { makeTile } from '../../src/tensor/tile.ts';
import { createSpace } from '../../src/tensor/wasm/module.ts';
import { entries, runs } from './numbers.ts';

const EDGE = 40;
const MEMORY_BYTES = 4096;
const TILES = 5;
const storage = createStorage({ memoryBytes: MEMORY_BYTES, tiles: TILES, edge: EDGE });
const whole = new Int32Array(storage.buffer);

/** What is hard to get right: NaN, infinities, zeros, subnormals, the ends of float32 and of exp. */
const edgeValue = fc.constantFrom(
  ...[NaN, Infinity, -Infinity, 0, -0, 2 ** -149, -(2 ** -149), 2 ** -126, 3e38, -3e38],
  ...[1, -1, 1 + 2 ** -23, 88.7228317, 88.72284, -103.972076, -103.97209, -87.5],
);
const anyFloat = fc.float().map(Math.fround);
const moderate = fc.float({ min: -8, max: 8, noNaN: true });

/** Mostly everyday numbers, in which one wrong rounding shows; sometimes mixed with, or all, edge values. */
const value = fc.constantFrom(
  moderate,
  fc.oneof({ arbitrary: moderate, weight: 20 }, { arbitrary: edgeValue, weight: 1 }),
  anyFloat,
  edgeValue,
);

const size = fc.oneof(fc.integer({ min: 1, max: EDGE }), fc.constantFrom(1, 4, 15, 16, 17, 32, 33));

/** Numbers without end, taken in turn; cheaper than as many arbitrary ones. */
const pool = value.chain((one) => fc.array(one, { minLength: 1, maxLength: 97 }));

/** Puts a tile of the given shape into place `index`, NaN behind it; and returns a copy elsewhere. */
function place(index: number, rows: number, cols: number, numbers: readonly number[]) {
  const tile = storage.tiles[index];
  tile.rows = rows;
  tile.cols = cols;
  tile.data.fill(NaN);
  for (let i = 0; i < rows * cols; i++) tile.data[i] = numbers[(i * 7 + index) % numbers.length];
  return { inside: tile, outside: { rows, cols, data: tile.data.slice() } };
}

/** Bits, with all NaN as one. */
function bits(tile: Tile): Int32Array {
  const data = entries(tile).map((x) => (Number.isNaN(x) ? NaN : x));
  return new Int32Array(data.buffer);
}

type Operands = readonly ReturnType<typeof place>[];

/** Runs a kernel in the storage and outside it; the bits agree, and all else in the storage stays. */
function compare(
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

const bytes = (data: Int32Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

describe('fast kernels', () => {
  it('are there: this host has WebAssembly with SIMD', () => {
    expect(storage.kernels).not.toBe(PLAIN_KERNELS);
  });

  it('multiply like the plain loop: any shape, transposed or not, with and without an accumulator', () => {
    fc.assert(
      fc.property(
        size,
        size,
        size,
        pool,
        fc.boolean(),
        fc.boolean(),
        (m, k, n, numbers, T, acc) => {
          const a = place(0, m, k, numbers);
          const b = T ? place(1, n, k, numbers) : place(1, k, n, numbers);
          const sum = place(2, m, n, numbers);
          compare([a, b, sum], (kernels, out, [x, y, before]) => {
            kernels.matmul(out, x, y, T, acc ? before : undefined);
          });
        },
      ),
      runs,
    );
  });

  it('accumulate into the accumulator itself', () => {
    fc.assert(
      fc.property(size, size, size, pool, (m, k, n, numbers) => {
        const [a, b] = [place(0, m, k, numbers), place(1, k, n, numbers)];
        const { outside: before } = place(TILES - 1, m, n, numbers);
        compare([a, b], (kernels, out, [x, y]) => {
          if (kernels === PLAIN_KERNELS) kernels.matmul(out, x, y, false, before);
          else kernels.matmul(out, x, y, false, out);
        });
      }),
      runs,
    );
  });

  it.each([
    [256, 256, 256],
    [1, 256, 255],
    [255, 130, 67],
  ])('multiply the largest tiles: %i×%i×%i', (m, k, n) => {
    const largest = createStorage({ memoryBytes: 64, tiles: 3, edge: 256 });
    const [out, a, b] = largest.tiles;
    for (const [tile, rows, cols] of [
      [a, m, k],
      [b, n, k],
    ] as const) {
      tile.rows = rows;
      tile.cols = cols;
      for (let i = 0; i < rows * cols; i++) tile.data[i] = Math.fround(((i * 37) % 101) / 7 - 7);
    }
    const expected = makeTile(m, n);
    largest.kernels.matmul(out, a, b, true, undefined);
    PLAIN_KERNELS.matmul(expected, a, b, true, undefined);
    expect(Buffer.compare(bytes(bits(out)), bytes(bits(expected)))).toBe(0);
  });

  const BINARY = ['add', 'sub', 'mul', 'div', 'max', 'min'] as const;

  it.each(BINARY)('%s: also with a repeated row, column or element', (name) => {
    const repeats = fc.tuple(fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(
        size,
        size,
        repeats,
        repeats,
        pool,
        (rows, cols, [aRow, aCol], [bRow, bCol], numbers) => {
          const a = place(0, aRow ? 1 : rows, aCol ? 1 : cols, numbers);
          const b = place(1, bRow ? 1 : rows, bCol ? 1 : cols, numbers);
          compare([a, b], (kernels, out, [x, y]) => {
            kernels[name](out, x, y);
          });
        },
      ),
      runs,
    );
  });

  it.each(['exp', 'relu', 'sqrt', 'rowSum', 'rowMax'] as const)('%s', (name) => {
    fc.assert(
      fc.property(size, size, pool, (rows, cols, numbers) => {
        compare([place(0, rows, cols, numbers)], (kernels, out, [s]) => {
          kernels[name](out, s);
        });
      }),
      runs,
    );
  });

  it('exp at every 65521st float32', () => {
    const STEP = 65521;
    const pattern = new Int32Array(1);
    const number = new Float32Array(pattern.buffer);
    const all = Array.from({ length: Math.floor(2 ** 32 / STEP) }, (_, i) => {
      pattern[0] = i * STEP;
      return number[0];
    });
    for (let from = 0; from < all.length; from += EDGE * EDGE) {
      const part = all.slice(from, from + EDGE * EDGE);
      const tile = place(0, EDGE, EDGE, [0]);
      tile.inside.data.set(part);
      tile.outside.data.set(part);
      compare([tile], (kernels, out, [s]) => {
        kernels.exp(out, s);
      });
    }
  });

  it('softmax with any scale and causal offset', () => {
    const offset = fc.option(fc.oneof(fc.integer({ min: -50, max: 50 }), fc.maxSafeInteger()), {
      nil: undefined,
    });
    const scale = fc.oneof(fc.constantFrom(1, 0.25, 0, -1), moderate);
    fc.assert(
      fc.property(size, size, pool, scale, offset, (rows, cols, numbers, factor, causal) => {
        compare([place(0, rows, cols, numbers)], (kernels, out, [s]) => {
          kernels.softmax(out, s, factor, causal);
        });
      }),
      runs,
    );
  });

  it('normalise', () => {
    const eps = fc.constantFrom(0, 1e-5, 1e-12, 1);
    fc.assert(
      fc.property(size, size, pool, eps, fc.boolean(), (rows, cols, numbers, small, isLayer) => {
        const operands = [
          place(0, rows, cols, numbers),
          place(1, 1, cols, numbers),
          place(2, 1, cols, numbers),
        ];
        compare(operands, (kernels, out, [s, gain, bias]) => {
          if (isLayer) kernels.normLayer(out, s, gain, bias, small);
          else kernels.normRms(out, s, gain, small);
        });
      }),
      runs,
    );
  });

  it('refuse what the plain kernels refuse', () => {
    const { inside: a } = place(0, 2, 3, [1]);
    const { inside: b } = place(1, 2, 3, [1]);
    const out = storage.tiles[TILES - 1];
    const { kernels } = storage;
    expect(() => {
      kernels.matmul(out, a, b, false, undefined);
    }).toThrow('invariant: the right factor is 2×3');
    expect(() => {
      kernels.add(out, a, place(2, 3, 3, [1]).inside);
    }).toThrow('do not broadcast');
    expect(() => {
      kernels.exp(a, a);
    }).toThrow('overwritten by the result');
    expect(() => {
      kernels.exp(out, makeTile(2, 3));
    }).toThrow('invariant: a fast kernel got a tile from elsewhere');
  });
});

describe('storage', () => {
  const copies = fc.record({
    rows: fc.integer({ min: 1, max: 9 }),
    cols: fc.integer({ min: 1, max: 21 }),
    toStep: fc.integer({ min: -8, max: 32 }),
    fromStep: fc.integer({ min: -8, max: 32 }),
  });

  it('copies rows bit for bit, in ascending order, with any step', () => {
    const make = (isPlain: boolean): Storage =>
      createStorage({ memoryBytes: 8192, tiles: 0, edge: 1 }, isPlain);
    const [fast, plain] = [make(false), make(true)];
    expect(fast.copyRows).not.toBe(plain.copyRows);
    fc.assert(
      fc.property(copies, ({ rows, cols, toStep, fromStep }) => {
        const [first, second] = [fast, plain].map(({ buffer, copyRows }) => {
          const words = new Int32Array(buffer).map((_, i) => Math.imul(i + 1, 0x9e3779b1));
          new Int32Array(buffer).set(words);
          copyRows(5000, toStep * 4, 1024, fromStep * 4, rows, cols * 4);
          return new Int32Array(buffer, 0, 2048).slice();
        });
        expect(Buffer.compare(bytes(first), bytes(second))).toBe(0);
      }),
      runs,
    );
  });

  it('is plain where that is wanted, or where no WebAssembly memory is large enough', () => {
    const plain = createStorage({ memoryBytes: 64, tiles: 1, edge: 4 }, true);
    expect(plain.kernels).toBe(PLAIN_KERNELS);
    expect(createSpace(2 ** 32 + 1)).toBeUndefined();
  });
});
