import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normLayer, normRms } from '../../../src/tensor/kernels/norm.ts';
import { tileOf, makeTile } from '../../../src/tensor/tile.ts';
import {
  TINY,
  U,
  gamma,
  laneRoundings,
  moderate,
  room,
  rowsOf,
  runs,
  tileOfShape,
} from '../numbers.ts';

const EPS = Math.fround(1e-5);

/** Rows, a gain and a bias of one width. */
const layers = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 }))
  .chain(([rows, cols]) =>
    fc.tuple(
      tileOfShape(rows, cols, moderate(50)),
      tileOfShape(1, cols, moderate(4)),
      tileOfShape(1, cols, moderate(4)),
    ),
  );

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

describe('normRms', () => {
  it('is within γ of the float64 formula, relatively: every term is positive', () => {
    fc.assert(
      fc.property(layers, ([s, gain]) => {
        const out = room();
        normRms(out, s, gain, EPS);
        rowsOf(s).forEach((row, i) => {
          const inverse = 1 / Math.sqrt(mean(row.map((x) => x * x)) + EPS);
          // Square, sum, division and + eps count once at most through the root; then root, product, gain.
          const relative = gamma(1 + laneRoundings(s.cols) + 2 + 1 + 2);
          row.forEach((x, j) => {
            const exact = x * inverse * gain.data[j];
            const tiny = 2 * TINY * (1 + Math.abs(gain.data[j]));
            expect(Math.abs(out.data[i * s.cols + j] - exact)).toBeLessThanOrEqual(
              relative * Math.abs(exact) + tiny,
            );
          });
        });
      }),
      runs,
    );
  });

  it('of zeros is zero, of NaN is NaN in that row only', () => {
    const out = room();
    normRms(
      out,
      tileOf([
        [0, 0],
        [NaN, 1],
        [3, 4],
      ]),
      tileOf([[1, 1]]),
      EPS,
    );
    expect(rowsOf(out).slice(0, 2)).toEqual([
      [0, 0],
      [NaN, NaN],
    ]);
    expect(out.data[4]).toBeCloseTo(3 / Math.sqrt(12.5), 5);
  });
});

describe('normLayer', () => {
  /**
   * Let D bound |d̂ − d|: the error γ·mean|x| of the mean, and one rounding. By the triangle inequality
   * the root of the mean square moves by at most D too. To first order the result is off by
   * |gain|/σ · (D + |d| (D/σ + γ)), and one rounding of the last sum; all of it grows by less than 1/8
   * through the terms left out as long as D/σ ≤ 1/50, which the property requires.
   */
  it('is within its derived bound of the float64 formula', () => {
    fc.assert(
      fc.property(layers, ([s, gain, bias]) => {
        const out = room();
        normLayer(out, s, gain, bias, EPS);
        rowsOf(s).forEach((row, i) => {
          const centre = mean(row);
          const d = row.map((x) => x - centre);
          const sigma = Math.sqrt(mean(d.map((x) => x * x)) + EPS);
          const meanError = gamma(laneRoundings(s.cols) + 1) * mean(row.map(Math.abs));
          const D = meanError + U * Math.max(...d.map(Math.abs)) + meanError * U;
          expect(D / sigma).toBeLessThanOrEqual(1 / 50);
          const scaling = gamma(1 + laneRoundings(s.cols) + 2 + 1 + 2);
          d.forEach((value, j) => {
            const unit = Math.abs(value) / sigma;
            const error = Math.abs(gain.data[j]) * (D / sigma + unit * (D / sigma + scaling));
            const exact = (value / sigma) * gain.data[j] + bias.data[j];
            const bound = error * (9 / 8) * (1 + U) + U * Math.abs(exact) + 8 * TINY;
            expect(Math.abs(out.data[i * s.cols + j] - exact)).toBeLessThanOrEqual(bound);
          });
        });
      }),
      runs,
    );
  });

  it('of a constant row is the bias', () => {
    const out = room();
    normLayer(out, tileOf([[7, 7, 7]]), tileOf([[2, 2, 2]]), tileOf([[1, -2, 3]]), EPS);
    expect(rowsOf(out)).toEqual([[1, -2, 3]]);
  });

  it('does not cancel: two passes keep a small spread on a large mean', () => {
    const out = room();
    normLayer(out, tileOf([[4096, 4097, 4098, 4099]]), tileOf([[1, 1, 1, 1]]), makeTile(1, 4), 0);
    const sigma = Math.sqrt(1.25);
    rowsOf(out)[0].forEach((y, j) => {
      expect(Math.abs(y - (j - 1.5) / sigma)).toBeLessThanOrEqual(gamma(4) * 2);
    });
  });

  it('refuses a gain or bias of another width, and a result over its bias', () => {
    const s = makeTile(2, 3);
    const [fits, wrong] = [makeTile(1, 3), makeTile(1, 2)];
    expect(() => normLayer(room(), s, wrong, fits, EPS)).toThrow('the gain is 1×2, not 1×3');
    expect(() => normLayer(room(), s, fits, wrong, EPS)).toThrow('the bias is 1×2, not 1×3');
    const bias = { rows: 1, cols: 3, data: new Float32Array(6) };
    expect(() => normLayer(bias, s, fits, bias, EPS)).toThrow('overwritten');
  });
});
