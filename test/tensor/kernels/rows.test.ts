import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laneSum, laneSumOfSquares } from '../../../src/tensor/kernels/lanes.ts';
import { rowMax, rowSum } from '../../../src/tensor/kernels/rows.ts';
import { tileOf } from '../../../src/tensor/tile.ts';
import {
  anyTile,
  entries,
  foldedSum,
  gamma,
  laneRoundings,
  moderate,
  room,
  rowsOf,
  runs,
} from '../numbers.ts';

const wide = anyTile(3, 50, moderate(1e6));

describe('rowSum', () => {
  it('adds in lanes, then as a tree, bit for bit', () => {
    fc.assert(
      fc.property(wide, (s) => {
        const out = room();
        rowSum(out, s);
        expect([out.rows, out.cols]).toEqual([s.rows, 1]);
        expect([...entries(out)]).toEqual(rowsOf(s).map(foldedSum));
      }),
      runs,
    );
  });

  it('is within γ Σ|x| of the exact sum', () => {
    fc.assert(
      fc.property(wide, (s) => {
        for (const row of rowsOf(s)) {
          const exact = row.reduce((sum, x) => sum + x, 0);
          const size = row.reduce((sum, x) => sum + Math.abs(x), 0);
          const error = Math.abs(laneSum(Float32Array.from(row), 0, row.length) - exact);
          expect(error).toBeLessThanOrEqual(gamma(laneRoundings(row.length)) * size);
        }
      }),
      runs,
    );
  });

  it('tells the lane order from the plain one', () => {
    // Lane 0 holds 2²⁴ alone; lane 1 gathers 1 + 1 first. In plain order each 1 would be lost.
    const row = new Float32Array(18);
    [row[0], row[1], row[17]] = [2 ** 24, 1, 1];
    expect(laneSum(row, 0, 18)).toBe(2 ** 24 + 2);
    expect(row.reduce((sum, x) => Math.fround(sum + x), 0)).toBe(2 ** 24);
  });

  it('does not see zeros behind the row, and sums nothing to +0', () => {
    const row = Float32Array.from({ length: 40 }, (_, i) => (i < 21 ? 1 / (i + 1) : 0));
    expect(laneSum(row, 0, 40)).toBe(laneSum(row, 0, 21));
    expect([laneSum(row, 0, 0), laneSum(Float32Array.of(-0, -0), 0, 2)]).toEqual([0, 0]);
    expect(laneSum(Float32Array.of(9, 2, 3), 1, 2)).toBe(5);
  });

  it('lets NaN and opposite infinities through', () => {
    expect(laneSum(Float32Array.of(1, NaN), 0, 2)).toBeNaN();
    expect(laneSum(Float32Array.of(Infinity, -Infinity), 0, 2)).toBeNaN();
  });
});

describe('laneSumOfSquares', () => {
  it('squares the rounded deviations in the same order', () => {
    fc.assert(
      fc.property(wide, moderate(10), (s, centre) => {
        const row = rowsOf(s)[0];
        const squares = row.map((x) => Math.fround(Math.fround(x - centre) ** 2));
        expect(laneSumOfSquares(s.data, 0, s.cols, centre)).toBe(foldedSum(squares));
      }),
      runs,
    );
  });
});

describe('rowMax', () => {
  it('is the largest entry of each row', () => {
    fc.assert(
      fc.property(wide, (s) => {
        const out = room();
        rowMax(out, s);
        expect([...entries(out)]).toEqual(rowsOf(s).map((row) => Math.max(...row)));
      }),
      runs,
    );
  });

  it('shows NaN, and −∞ only when there is nothing else', () => {
    const out = room();
    rowMax(
      out,
      tileOf([
        [1, NaN],
        [-Infinity, -Infinity],
        [-Infinity, -3],
      ]),
    );
    expect([...entries(out)]).toEqual([NaN, -Infinity, -3]);
  });
});
