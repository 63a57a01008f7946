import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUNCTION_ERROR_ULP } from '../../../src/tensor/functions.ts';
import { mask, softmax } from '../../../src/tensor/kernels/softmax.ts';
import type { Tile } from '../../../src/tensor/tile.ts';
import { tileOf } from '../../../src/tensor/tile.ts';
import {
  U,
  anyTile,
  entries,
  gamma,
  laneRoundings,
  moderate,
  room,
  rowsOf,
  runs,
} from '../numbers.ts';

const scores = anyTile(6, 40, moderate(30));
const offset = fc.option(fc.integer({ min: -8, max: 45 }), { nil: undefined });

function weights(s: Tile, scale = 1, causalOffset?: number): number[][] {
  const out = room();
  softmax(out, s, scale, causalOffset);
  expect([out.rows, out.cols]).toEqual([s.rows, s.cols]);
  return rowsOf(out);
}

/** The largest relative error of one e = exp32(fl(fl(scale · s) − m)) against exp(scale · s − max). */
function exponentialError(x: number, m: number): number {
  const shift = U * (Math.abs(x) + Math.abs(m)) + U * (1 + 2 * U) * (Math.abs(x) + Math.abs(m));
  const ownError = FUNCTION_ERROR_ULP.exp * 2 * U;
  return Math.exp(shift) * (1 + ownError) - 1;
}

/** Each weight of one row in float64, with how far the float32 one may be from it. */
function referenceRow(row: readonly number[], scale: number): { weight: number; bound: number }[] {
  const x = row.map((s) => s * scale);
  const m = Math.max(...x);
  const e = x.map((value) => Math.exp(value - m));
  const total = e.reduce((sum, value) => sum + value, 0);
  const largestError = Math.max(...x.map((value) => exponentialError(value, m)));
  // Numerator, sum, division; below 2⁻¹²⁶ a result also loses up to half of 2⁻¹⁴⁹ at each of two roundings.
  const sumError = (1 + largestError) * (1 + gamma(laneRoundings(row.length))) - 1;
  return e.map((value, j) => {
    const relative = ((1 + exponentialError(x[j], m)) * (1 + U)) / (1 - sumError) - 1;
    return { weight: value / total, bound: (relative * value) / total + 2 ** -148 };
  });
}

describe('softmax', () => {
  it('is within its derived bound of the float64 formula, and masks exactly', () => {
    const scale = fc.float({ min: Math.fround(0.05), max: 2, noNaN: true });
    fc.assert(
      fc.property(scores, scale, offset, (s, factor, causalOffset) => {
        const rows = rowsOf(s);
        weights(s, factor, causalOffset).forEach((row, i) => {
          const visible = rows[i].filter(
            (_, j) => causalOffset === undefined || j <= i + causalOffset,
          );
          referenceRow(visible, factor).forEach(({ weight, bound }, j) => {
            expect(Math.abs(row[j] - weight)).toBeLessThanOrEqual(bound);
          });
          expect(row.slice(visible.length)).toEqual(rows[i].slice(visible.length).map(() => 0));
        });
      }),
      runs,
    );
  });

  it('gives weights in [0, 1] that sum to 1 within the rounding of the sum and of each division', () => {
    fc.assert(
      fc.property(scores, (s) => {
        for (const row of weights(s)) {
          for (const weight of row) expect(weight >= 0 && weight <= 1).toBe(true);
          const total = row.reduce((sum, weight) => sum + weight, 0);
          const bound = gamma(laneRoundings(row.length) + 1) + row.length * 2 ** -149;
          expect(Math.abs(total - 1)).toBeLessThanOrEqual(bound);
        }
      }),
      runs,
    );
  });

  it('with a mask gives the bits of a row that ends there', () => {
    fc.assert(
      fc.property(scores, fc.nat(), (s, choice) => {
        const visible = (choice % s.cols) + 1;
        const short = tileOf([rowsOf(s)[0].slice(0, visible)]);
        expect(weights(s, 0.5, visible - 1)[0].slice(0, visible)).toEqual(weights(short, 0.5)[0]);
      }),
      runs,
    );
  });

  it('with −∞ for the hidden entries gives the same bits as its causal form', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: -8, max: 45 }), (s, causalOffset) => {
        const masked = room();
        mask(masked, s, causalOffset);
        expect(weights(masked, 0.25)).toEqual(weights(s, 0.25, causalOffset));
      }),
      runs,
    );
  });

  it('treats rows apart', () => {
    fc.assert(
      fc.property(scores, (s) => {
        expect(weights(s)).toEqual(rowsOf(s).map((row) => weights(tileOf([row]))[0]));
      }),
      runs,
    );
  });

  it('does not overflow, whatever the size of the logits', () => {
    expect(weights(tileOf([[1e38, -1e38, 1e38]]))).toEqual([[0.5, 0, 0.5]]);
    expect(weights(tileOf([[-3e38, -3e38]]))).toEqual([[0.5, 0.5]]);
    expect(weights(tileOf([[0, 3e38]]), 1e-38)[0][1]).toBeCloseTo(1 / (1 + Math.exp(-3)), 7);
  });

  it.each([1, 2, 3, 7, 16, 17, 40])('shares equally among %d equal logits', (n) => {
    const row = Array.from({ length: n }, () => 12.5);
    expect(weights(tileOf([row]))[0]).toEqual(row.map(() => Math.fround(1 / n)));
  });

  it('gives a lone entry exactly 1', () => {
    for (const logit of [0, -0, 1e-40, -88.5, 3e38])
      expect(weights(tileOf([[logit]]))).toEqual([[1]]);
  });

  it('gives zeros to a row that sees nothing, or only −∞', () => {
    const s = tileOf([
      [1, 2],
      [-Infinity, -Infinity],
      [-Infinity, 5],
    ]);
    expect(weights(s, 1, -1)).toEqual([
      [0, 0],
      [0, 0],
      [0, 1],
    ]);
    expect(weights(s, 1, -9)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it('shows NaN and +∞ in all that the row sees, and nowhere else', () => {
    const s = tileOf([
      [NaN, 1, 2],
      [1, Infinity, 2],
      [1, 2, 3],
    ]);
    expect(weights(s, 1, 1).slice(0, 2)).toEqual([
      [NaN, NaN, 0],
      [NaN, NaN, NaN],
    ]);
    expect(weights(tileOf([[1, NaN]]), 1, 0)).toEqual([[1, 0]]);
    expect(weights(s)[2]).not.toContain(NaN);
  });

  it('rounds the scale to float32 before it multiplies', () => {
    const s = tileOf([[1e7, 9e6, 0]]);
    expect(weights(s, 0.1)).toEqual(weights(s, Math.fround(0.1)));
  });
});

describe('mask', () => {
  it('puts −∞ beyond the diagonal and copies the rest', () => {
    const out = room();
    mask(
      out,
      tileOf([
        [1, NaN, 3],
        [4, -0, 6],
      ]),
      0,
    );
    expect([...entries(out)]).toEqual([1, -Infinity, -Infinity, 4, -0, -Infinity]);
  });
});
