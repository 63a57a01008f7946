/** The steps that docs/numerics.md lists, written out with every rounding, against the kernels, bit for bit. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp32, rsqrt32 } from '../../../src/tensor/functions.ts';
import { rope } from '../../../src/tensor/kernels/layout.ts';
import { normLayer, normRms } from '../../../src/tensor/kernels/norm.ts';
import { softmax } from '../../../src/tensor/kernels/softmax.ts';
import { foldedSum, moderate, room, rowsOf, runs, tileOfShape } from '../numbers.ts';

const f = Math.fround;

/** A row with a gain and a bias; of even width, so that its halves are cosines and sines as well. */
const rows = fc.integer({ min: 1, max: 20 }).chain((half) => {
  const row = tileOfShape(1, 2 * half, moderate(20));
  return fc.tuple(row, row, row);
});

describe('the documented steps', () => {
  it('of SOFTMAX', () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0.01, max: 2, noNaN: true }), ([s], scale) => {
        const x = rowsOf(s)[0].map((value) => f(f(scale) * value));
        const m = Math.max(...x);
        const e = x.map((value) => exp32(f(value - m)));
        const total = foldedSum(e);
        const out = room();
        softmax(out, s, scale, undefined);
        expect(rowsOf(out)[0]).toEqual(e.map((value) => f(value / total)));
      }),
      runs,
    );
  });

  it('of NORM.LAYER', () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), ([s, gain, bias], eps) => {
        const row = rowsOf(s)[0];
        const mean = f(foldedSum(row) / row.length);
        const d = row.map((x) => f(x - mean));
        const variance = f(foldedSum(d.map((x) => f(x * x))) / row.length);
        const inverse = rsqrt32(f(variance + f(eps)));
        const out = room();
        normLayer(out, s, gain, bias, eps);
        const expected = d.map((x, j) => f(f(f(x * inverse) * gain.data[j]) + bias.data[j]));
        expect(rowsOf(out)[0]).toEqual(expected);
      }),
      runs,
    );
  });

  it('of NORM.RMS', () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), ([s, gain], eps) => {
        const row = rowsOf(s)[0];
        const meanSquare = f(foldedSum(row.map((x) => f(x * x))) / row.length);
        const inverse = rsqrt32(f(meanSquare + f(eps)));
        const out = room();
        normRms(out, s, gain, eps);
        expect(rowsOf(out)[0]).toEqual(row.map((x, j) => f(f(x * inverse) * gain.data[j])));
      }),
      runs,
    );
  });

  it('of ROPE', () => {
    fc.assert(
      fc.property(rows, ([s, tables]) => {
        const half = s.cols / 2;
        const cos = { rows: 1, cols: half, data: tables.data.slice(0, half) };
        const sin = { rows: 1, cols: half, data: tables.data.slice(half) };
        const out = room();
        rope(out, s, cos, sin, false);
        cos.data.forEach((c, p) => {
          const [a, b, n] = [s.data[p], s.data[p + half], sin.data[p]];
          expect(out.data[p]).toBe(f(f(a * c) - f(b * n)));
          expect(out.data[p + half]).toBe(f(f(b * c) + f(a * n)));
        });
      }),
      runs,
    );
  });
});
