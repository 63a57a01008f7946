/** Products with a packed factor give the bits of the plain loop, for matrices of any size. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matmul } from '../../src/tensor/kernels/matmul.ts';
import { packFactor } from '../../src/tensor/packed.ts';
import type { Tile } from '../../src/tensor/tile.ts';
import { makeTile } from '../../src/tensor/tile.ts';
import { runs, tileOfShape } from './numbers.ts';

const value = fc.oneof(
  { arbitrary: fc.float({ min: -8, max: 8, noNaN: true }), weight: 30 },
  { arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, 2 ** -149), weight: 1 },
);

function plain(a: Tile, b: Tile): Tile {
  const out = makeTile(a.rows, b.cols);
  matmul(out, a, b, false, undefined);
  return out;
}

/** All of it, so that what a kernel wrote behind a row would show. */
function packed(a: Tile, b: Tile): Tile {
  const out = makeTile(a.rows, b.cols);
  packFactor(b).multiply(out, a);
  return out;
}

describe('packFactor', () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 37 }),
  );
  const factors = sizes.chain(([m, k, n]) =>
    fc.tuple(tileOfShape(m, k, value), tileOfShape(k, n, value)),
  );

  it('multiplies like the plain loop', () => {
    fc.assert(
      fc.property(factors, ([a, b]) => {
        expect(packed(a, b)).toEqual(plain(a, b));
      }),
      runs,
    );
  });

  it('takes more rows than fit at once, and the same factor again', () => {
    const a = { ...makeTile(300, 5), data: Float32Array.from({ length: 1500 }, (_, i) => i / 7) };
    const b = {
      ...makeTile(5, 19),
      data: Float32Array.from({ length: 95 }, (_, i) => 1 / (i + 1)),
    };
    const factor = packFactor(b);
    const [once, twice] = [makeTile(300, 19), makeTile(300, 19)];
    factor.multiply(once, a);
    b.data.fill(NaN);
    factor.multiply(twice, a);
    expect(twice).toEqual(once);
    expect([factor.rows, factor.cols, once.data[0]]).toEqual([5, 19, plainFirst(a)]);
  });

  it('refuses a left factor that does not fit', () => {
    const factor = packFactor(makeTile(3, 4));
    expect(() => {
      factor.multiply(makeTile(2, 4), makeTile(2, 2));
    }).toThrow('invariant: the left factor is 2×2, not 2×3');
  });
});

/** The first element of the product above, by hand: Σ (k / 7) / (19 k + 1), each step rounded. */
function plainFirst({ data }: Tile): number {
  const f = Math.fround;
  let sum = 0;
  for (let k = 0; k < 5; k++) sum = f(sum + f(data[k] * f(1 / (19 * k + 1))));
  return sum;
}
