/** Fast ROPE, SELECT and the products and scales of small integers give the bits of the plain loops. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/tensor/kernels/kernels.ts';
import { PLAIN_KERNELS } from '../../src/tensor/kernels/kernels.ts';
import { createStorage } from '../../src/tensor/storage.ts';
import { bitsOf, makeTile } from '../../src/tensor/tile.ts';
import { EDGE, TILES, compare, place, pool, size, storage } from './fast-support.ts';
import { runs } from './numbers.ts';

describe('fast kernels with tables', () => {
  it('turn pairs, neighbours or halves, with angles for all rows or for each', () => {
    const half = fc.integer({ min: 1, max: EDGE / 2 });
    fc.assert(
      fc.property(
        size,
        half,
        pool,
        fc.boolean(),
        fc.boolean(),
        (rows, pairs, numbers, isShared, PAIR) => {
          const operands = [
            place(0, rows, 2 * pairs, numbers),
            place(1, isShared ? 1 : rows, pairs, numbers),
            place(2, isShared ? 1 : rows, pairs, numbers),
          ];
          compare(operands, (kernels, out, [s, cos, sin]) => {
            kernels.rope(out, s, cos, sin, PAIR);
          });
        },
      ),
      runs,
    );
  });

  it('turn the pairs of the smallest full tile, and leave its neighbour alone', () => {
    const { kernels, tiles } = createStorage({ memoryBytes: 64, tiles: 5, edge: 4 });
    const [s, cos, sin, out, behind] = tiles;
    for (const [tile, cols] of [
      [s, 4],
      [cos, 2],
      [sin, 2],
      [behind, 4],
    ] as const) {
      // prettier-ignore
      tile.rows = 4;
      tile.cols = cols;
      tile.data.fill(0.5);
    }
    for (const PAIR of [false, true]) {
      kernels.rope(out, s, cos, sin, PAIR);
      expect([...out.data]).toEqual(Array.from({ length: 16 }, (_, i) => i % (PAIR ? 2 : 4) < (PAIR ? 1 : 2) ? 0 : 0.5)); // prettier-ignore
      expect(behind.data.every((x) => x === 0.5)).toBe(true);
    }
  });

  it('select with any of the three repeated', () => {
    const repeats = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(size, size, repeats, pool, (rows, cols, repeat, numbers) => {
        const operands = [0, 1, 2].map((i) =>
          place(
            i,
            repeat[2 * i] ? 1 : rows,
            repeat[2 * i + 1] ? 1 : cols,
            i === 0 ? numbers.map((x) => (x > 1 ? 0 : x)) : numbers,
          ),
        );
        compare(operands, (kernels, out, [c, a, b]) => {
          kernels.select(out, c, a, b);
        });
      }),
      runs,
    );
  });
});

describe('fast kernels of small integers', () => {
  const int8 = fc.integer({ min: -128, max: 127 });
  const integers = fc.array(int8, { minLength: 1, maxLength: 97 });

  /** A tile of int32 bit patterns in place `index`. */
  function placeInt32(index: number, rows: number, cols: number, numbers: readonly number[]) {
    const tile = place(index, rows, cols, [0]);
    for (const { data } of [tile.inside, tile.outside]) {
      const bits = bitsOf({ rows, cols, data });
      for (let i = 0; i < rows * cols; i++) bits[i] = numbers[(i * 5) % numbers.length];
    }
    return tile;
  }

  /** Compares int32 results, and what is returned. */
  function compareSums(
    operands: readonly ReturnType<typeof place>[],
    run: (kernels: Kernels, out: ReturnType<typeof makeTile>, tiles: ReturnType<typeof makeTile>[]) => unknown, // prettier-ignore
  ): void {
    const [out, expected] = [storage.tiles[TILES - 1], makeTile(EDGE, EDGE)];
    const fast = run(storage.kernels, out, operands.map(({ inside }) => inside)); // prettier-ignore
    const plain = run(PLAIN_KERNELS, expected, operands.map(({ outside }) => outside)); // prettier-ignore
    expect(fast).toBe(plain);
    if (plain !== undefined) return;
    const count = expected.rows * expected.cols;
    expect([out.rows, out.cols]).toEqual([expected.rows, expected.cols]);
    expect(bitsOf(out).slice(0, count)).toEqual(bitsOf(expected).slice(0, count));
  }

  it('multiply and accumulate, to the last sum that int32 holds', () => {
    const before = fc.array(
      fc.oneof(
        fc.integer({ min: -1e6, max: 1e6 }),
        fc.integer({ min: 2 ** 31 - 4000, max: 2 ** 31 - 1 }),
        fc.integer({ min: -(2 ** 31), max: -(2 ** 31) + 4000 }),
      ),
      { minLength: 1, maxLength: 7 },
    );
    fc.assert(
      fc.property(
        fc.tuple(size, size, size),
        integers,
        fc.boolean(),
        fc.option(before, { nil: undefined }),
        ([m, k, n], numbers, T, sums) => {
          const a = place(0, m, k, numbers);
          const b = T ? place(1, n, k, numbers) : place(1, k, n, numbers);
          const operands = [a, b, ...(sums ? [placeInt32(2, m, n, sums)] : [])];
          compareSums(operands, (kernels, out, [x, y, acc]) =>
            kernels.matmulInt8(out, x, y, T, acc),
          );
        },
      ),
      runs,
    );
  });

  it('multiply the largest numbers of the deepest tiles exactly', () => {
    const largest = createStorage({ memoryBytes: 64, tiles: 3, edge: 256 });
    const [out, a, b] = largest.tiles;
    for (const [tile, number] of [
      [a, -128],
      [b, 127],
    ] as const) {
      // prettier-ignore
      tile.rows = 256;
      tile.cols = 256;
      tile.data.fill(number);
    }
    expect(largest.kernels.matmulInt8(out, a, b, false, undefined)).toBeUndefined();
    expect(new Set(bitsOf(out))).toEqual(new Set([256 * -128 * 127]));
  });

  it('accumulate into the accumulator itself', () => {
    const [a, b, sums] = [place(0, 3, 5, [7, -3]), place(1, 5, 6, [2]), placeInt32(TILES - 1, 3, 6, [9])]; // prettier-ignore
    const expected = makeTile(3, 6);
    PLAIN_KERNELS.matmulInt8(expected, a.outside, b.outside, false, sums.outside);
    storage.kernels.matmulInt8(sums.inside, a.inside, b.inside, false, sums.inside);
    expect(bitsOf(sums.inside).slice(0, 18)).toEqual(bitsOf(expected));
  });

  it('find what is no such integer', () => {
    const stray = fc.constantFrom(128, -129, 0.5, NaN, Infinity, -Infinity, 2 ** -149, -0, 127, -128); // prettier-ignore
    fc.assert(
      fc.property(size, size, integers, stray, fc.nat(), (rows, cols, numbers, other, where) => {
        const { inside, outside } = place(0, rows, cols, numbers);
        for (const { data } of [inside, outside]) data[where % (rows * cols)] = other;
        expect(storage.kernels.firstNotInt8(inside)).toBe(PLAIN_KERNELS.firstNotInt8(outside));
      }),
      runs,
    );
  });

  it('quantise: ties to even, limits, NaN and −0', () => {
    fc.assert(
      fc.property(size, size, pool, fc.boolean(), (rows, cols, numbers, isShared) => {
        const halves = [...numbers, 0.5, 1.5, -0.5, -2.5, 126.5, 127.5, -127.5, 1e9];
        const operands = [
          place(0, rows, cols, halves),
          place(1, isShared ? 1 : rows, 1, [1, ...numbers]),
        ];
        compare(operands, (kernels, out, [s, scale]) => {
          kernels.quant(out, s, scale);
        });
      }),
      runs,
    );
  });

  it('scale int32 to float32, with every rounding', () => {
    const any = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 1 });
    const shared = fc.tuple(fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(size, size, any, pool, shared, (rows, cols, sums, numbers, [row, col]) => {
        const operands = [
          placeInt32(0, rows, cols, sums),
          place(1, row ? 1 : rows, 1, numbers),
          place(2, 1, col ? 1 : cols, numbers),
        ];
        compare(operands, (kernels, out, [s, rowScale, colScale]) => {
          kernels.dequant(out, s, rowScale, colScale);
        });
      }),
      runs,
    );
  });
});
