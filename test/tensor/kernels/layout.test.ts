import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copy, fill, rope, transpose } from '../../../src/tensor/kernels/layout.ts';
import type { Tile } from '../../../src/tensor/tile.ts';
import { makeTile, tileOf } from '../../../src/tensor/tile.ts';
import {
  TINY,
  U,
  anyTile,
  entries,
  moderate,
  room,
  rowsOf,
  runs,
  tileOfShape,
} from '../numbers.ts';

describe('transpose, copy, fill', () => {
  it('transpose swaps the indices, and twice gives the tile back', () => {
    fc.assert(
      fc.property(anyTile(7, 7, fc.float()), (s) => {
        const [once, twice] = [room(), room()];
        transpose(once, s);
        transpose(twice, once);
        expect([once.rows, once.cols]).toEqual([s.cols, s.rows]);
        expect(rowsOf(once)).toEqual(rowsOf(s)[0].map((_, j) => rowsOf(s).map((row) => row[j])));
        expect(entries(twice)).toEqual(s.data);
      }),
      runs,
    );
  });

  it('copy copies shape and entries, and nothing behind them', () => {
    const [s, out] = [
      tileOf([
        [1, NaN],
        [-0, 4],
      ]),
      { ...makeTile(1, 1), data: new Float32Array(5).fill(9) },
    ];
    copy(out, s);
    expect(out).toEqual({ rows: 2, cols: 2, data: Float32Array.of(1, NaN, -0, 4, 9) });
  });

  it('fill rounds its value to float32 and stays inside the shape', () => {
    const out = { ...makeTile(1, 1), data: new Float32Array(7) };
    fill(out, 2, 3, 0.1);
    const tenth = Math.fround(0.1);
    expect(out).toEqual({
      rows: 2,
      cols: 3,
      data: Float32Array.of(tenth, tenth, tenth, tenth, tenth, tenth, 0),
    });
  });
});

/** rows×2h numbers with rows×h angles, as tables; one row of angles when `shared`. */
const turns = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), fc.boolean())
  .chain(([rows, half, shared]) =>
    fc.tuple(
      tileOfShape(rows, 2 * half, moderate(9)),
      tileOfShape(shared ? 1 : rows, half, moderate(3)),
    ),
  )
  .map(([s, angles]) => {
    const table = (f: (x: number) => number): Tile => ({ ...angles, data: angles.data.map(f) });
    return { s, cos: table(Math.cos), sin: table(Math.sin) };
  });

function turned(s: Tile, cos: Tile, sin: Tile, interleaved: boolean): Tile {
  const out = room();
  rope(out, s, cos, sin, interleaved);
  return { ...out, data: entries(out) };
}

/** The columns of each row moved so that half-split pairs become adjacent ones. */
function adjacent(s: Tile): Tile {
  const half = s.cols / 2;
  return tileOf(rowsOf(s).map((row) => row.map((_, j) => row[(j % 2) * half + Math.floor(j / 2)])));
}

describe('rope', () => {
  it('is within two roundings of each rotated pair', () => {
    fc.assert(
      fc.property(turns, ({ s, cos, sin }) => {
        const half = s.cols / 2;
        const out = rowsOf(turned(s, cos, sin, false));
        rowsOf(s).forEach((row, i) => {
          for (let p = 0; p < half; p++) {
            const at = (cos.rows === 1 ? 0 : i) * half + p;
            const [a, b, c, n] = [row[p], row[p + half], cos.data[at], sin.data[at]];
            const bound = (x: number, y: number): number =>
              (2 * U + U * U) * (Math.abs(x) + Math.abs(y)) + 4 * TINY;
            expect(Math.abs(out[i][p] - (a * c - b * n))).toBeLessThanOrEqual(bound(a * c, b * n));
            expect(Math.abs(out[i][p + half] - (b * c + a * n))).toBeLessThanOrEqual(
              bound(b * c, a * n),
            );
          }
        });
      }),
      runs,
    );
  });

  it('interleaved gives the same bits on pairs that stand side by side', () => {
    fc.assert(
      fc.property(turns, ({ s, cos, sin }) => {
        const split = adjacent(turned(s, cos, sin, false));
        expect(turned(adjacent(s), cos, sin, true)).toEqual(split);
      }),
      runs,
    );
  });

  it('by angle 0 changes nothing, by a right angle swaps with a sign', () => {
    const s = tileOf([[1, 2, 3, 4]]);
    const [zero, one] = [tileOf([[0, 0]]), tileOf([[1, 1]])];
    expect([...turned(s, one, zero, false).data]).toEqual([1, 2, 3, 4]);
    expect([...turned(s, zero, one, false).data]).toEqual([-3, -4, 1, 2]);
    expect([...turned(s, zero, one, true).data]).toEqual([-2, 1, -4, 3]);
  });

  it('refuses tables of another shape', () => {
    const s = makeTile(3, 4);
    const [fits, wrong] = [makeTile(3, 2), makeTile(2, 2)];
    expect(() => turned(s, wrong, fits, false)).toThrow('the cosine table is 2×2, not 3×2');
    expect(() => turned(s, fits, makeTile(1, 2), false)).toThrow('the sine table is 1×2, not 3×2');
  });
});
