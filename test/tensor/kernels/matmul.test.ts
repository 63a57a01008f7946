import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transpose } from '../../../src/tensor/kernels/layout.ts';
import { matmul } from '../../../src/tensor/kernels/matmul.ts';
import type { Tile } from '../../../src/tensor/tile.ts';
import { makeTile, tileOf } from '../../../src/tensor/tile.ts';
import { TINY, entries, gamma, moderate, room, rowsOf, runs, tileOfShape } from '../numbers.ts';

const size = fc.integer({ min: 1, max: 9 });

/** a (m×k), b (k×n) and an accumulator (m×n). */
const factors = fc
  .tuple(size, fc.integer({ min: 1, max: 24 }), size)
  .chain(([m, k, n]) =>
    fc.tuple(
      tileOfShape(m, k, moderate(8)),
      tileOfShape(k, n, moderate(8)),
      tileOfShape(m, n, moderate(8)),
    ),
  );

function product(a: Tile, b: Tile, accumulator?: Tile): Float32Array {
  const out = room();
  matmul(out, a, b, false, accumulator);
  return entries(out);
}

/** The columns of `tile` in the given order. */
function columns(tile: Tile, order: readonly number[]): Tile {
  return tileOf(rowsOf(tile).map((row) => order.map((j) => row[j])));
}

describe('matmul', () => {
  it('multiplies', () => {
    const out = room();
    matmul(
      out,
      tileOf([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      tileOf([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      false,
      undefined,
    );
    expect([out.rows, out.cols, ...entries(out)]).toEqual([2, 2, 22, 28, 49, 64]);
  });

  it('rounds the product, then the sum: no fused multiply-add', () => {
    const x = 1 + 2 ** -12;
    // x² = 1 + 2⁻¹¹ + 2⁻²⁴ rounds to 1 + 2⁻¹¹ (ties to even), so nothing is left; a fused step would leave 2⁻²⁴.
    expect([...product(tileOf([[-1 - 2 ** -11, x]]), tileOf([[1], [x]]))]).toEqual([0]);
  });

  it('adds in ascending k', () => {
    const ones = tileOf([[1], [1], [1]]);
    expect([...product(tileOf([[2 ** 24, 1, 1]]), ones)]).toEqual([2 ** 24]);
    expect([...product(tileOf([[1, 1, 2 ** 24]]), ones)]).toEqual([2 ** 24 + 2]);
  });

  it('starts at +0, or at the accumulator', () => {
    const [minus, zero] = [tileOf([[-1]]), tileOf([[0]])];
    expect(product(minus, zero)).toEqual(Float32Array.of(0));
    expect(product(minus, zero, tileOf([[-0]]))).toEqual(Float32Array.of(-0));
    expect(product(minus, zero, tileOf([[7]]))).toEqual(Float32Array.of(7));
  });

  it('is within γₖ |a| |b| of the exact product', () => {
    fc.assert(
      fc.property(factors, ([a, b]) => {
        const out = product(a, b);
        for (let at = 0; at < out.length; at++) {
          const [i, j] = [Math.floor(at / b.cols), at % b.cols];
          let [exact, size] = [0, 0];
          for (let k = 0; k < a.cols; k++) {
            const term = a.data[i * a.cols + k] * b.data[k * b.cols + j];
            exact += term;
            size += Math.abs(term);
          }
          expect(Math.abs(out[at] - exact)).toBeLessThanOrEqual(
            gamma(a.cols) * size + a.cols * TINY * 2,
          );
        }
      }),
      runs,
    );
  });

  it('gives the same bits when K is cut into accumulating pieces, also into its own result', () => {
    fc.assert(
      fc.property(factors, fc.nat(), ([a, b, accumulator], choice) => {
        const cut = choice % a.cols;
        const order = Array.from({ length: a.cols }, (_, k) => k);
        const whole = product(a, b, accumulator);
        const out = { ...accumulator, data: accumulator.data.slice() };
        for (const part of [order.slice(0, cut), order.slice(cut)]) {
          if (part.length > 0)
            matmul(out, columns(a, part), tileOf(part.map((k) => rowsOf(b)[k])), false, out);
        }
        expect(entries(out)).toEqual(whole);
      }),
      runs,
    );
  });

  it('with transposeB gives the bits of the product with the transpose', () => {
    fc.assert(
      fc.property(factors, ([a, b]) => {
        const [transposed, out] = [room(), room()];
        transpose(transposed, b);
        matmul(out, a, transposed, true, undefined);
        expect(entries(out)).toEqual(product(a, b));
      }),
      runs,
    );
  });

  it('treats the columns of b apart: permuting them permutes the result, bit for bit', () => {
    fc.assert(
      fc.property(factors, ([a, b]) => {
        const order = Array.from({ length: b.cols }, (_, j) => (j + 1) % b.cols);
        const straight = { rows: a.rows, cols: b.cols, data: product(a, b) };
        expect(product(a, columns(b, order))).toEqual(entries(columns(straight, order)));
      }),
      runs,
    );
  });

  it('lets NaN and ∞ · 0 through', () => {
    expect([...product(tileOf([[NaN, 0]]), tileOf([[0], [0]]))]).toEqual([NaN]);
    expect([...product(tileOf([[Infinity, 1]]), tileOf([[0], [1]]))]).toEqual([NaN]);
  });

  it('refuses shapes that do not fit, a small result and an aliased one', () => {
    const a = makeTile(2, 3);
    expect(() => product(a, makeTile(2, 3))).toThrow('invariant: the right factor is 2×3, not 3×3');
    expect(() => product(a, makeTile(3, 2), makeTile(1, 2))).toThrow(
      'invariant: the accumulator is 1×2',
    );
    expect(() => matmul(makeTile(1, 1), a, makeTile(3, 2), false, undefined)).toThrow(
      'invariant: no room',
    );
    expect(() => matmul(a, a, makeTile(3, 3), false, undefined)).toThrow(
      'overwritten by the result, 2×3',
    );
    expect(() => matmul(room(), makeTile(0, 3), makeTile(3, 1), false, undefined)).toThrow('empty');
  });
});
