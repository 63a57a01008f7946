/** Fast kernels give the bits of the plain loops, and touch nothing but their result. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAIN_KERNELS } from '../../src/tensor/kernels/kernels.ts';
import { createStorage } from '../../src/tensor/storage.ts';
import { makeTile } from '../../src/tensor/tile.ts';
import {
  TILES,
  bits,
  bytes,
  compare,
  moderate,
  place,
  pool,
  size,
  storage,
} from './fast-support.ts';
import { runs } from './numbers.ts';

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

  const BINARY = ['add', 'sub', 'mul', 'div', 'max', 'min', 'less', 'equal'] as const;

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

  it.each(['exp', 'relu', 'sqrt', 'trunc', 'rowSum', 'rowMax', 'transpose'] as const)(
    '%s',
    (name) => {
      fc.assert(
        fc.property(size, size, pool, (rows, cols, numbers) => {
          compare([place(0, rows, cols, numbers)], (kernels, out, [s]) => {
            kernels[name](out, s);
          });
        }),
        runs,
      );
    },
  );

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
