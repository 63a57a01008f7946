/** Activation functions against tables and identities. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as f from '../../src/reference/activation.ts';
import { RUNS } from './random.ts';

const real = fc.double({ min: -30, max: 30, noNaN: true });

describe('error function', () => {
  // Abramowitz & Stegun, tables 7.1 and 7.3, continued to 17 digits.
  test.each([
    [0, 0],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
  ])('erf(%d) = %d', (x, expected) => {
    expect(Math.abs(f.erf(x) - expected)).toBeLessThan(4e-16);
    expect(f.erf(-x) + f.erf(x)).toBe(0);
  });

  test.each([
    [2, 4.677734981047266e-3],
    [3, 2.209049699858544e-5],
    [5, 1.5374597944280349e-12],
    [10, 2.088487583762545e-45],
  ])('erfc(%d) = %d, to relative precision', (x, expected) => {
    expect(Math.abs(f.erfc(x) / expected - 1)).toBeLessThan(1e-13);
  });

  test('the series and the continued fraction meet', () => {
    const [below, above] = [f.erf(2.5 - 1e-12), f.erf(2.5)];
    expect(above - below).toBeGreaterThanOrEqual(0);
    expect(above - below).toBeLessThan(1e-14);
  });
});

describe('identities', () => {
  test('sigmoid(x) + sigmoid(−x) = 1, and silu and gelu differ from their mirror by x', () => {
    fc.assert(
      fc.property(real, (x) => {
        expect(Math.abs(f.sigmoid(x) + f.sigmoid(-x) - 1)).toBeLessThan(1e-15);
        for (const g of [f.silu, f.gelu, f.geluTanh]) {
          expect(Math.abs(g(x) - g(-x) - x)).toBeLessThan(1e-13);
        }
      }),
      RUNS,
    );
  });

  test('tanh(x) = 2·sigmoid(2x) − 1', () => {
    fc.assert(
      fc.property(real, (x) => {
        expect(Math.abs(f.tanh(x) - (2 * f.sigmoid(2 * x) - 1))).toBeLessThan(1e-15);
      }),
      RUNS,
    );
  });

  test('the tanh form of gelu stays within 5e-4 of the exact one, and is not the same', () => {
    // The largest difference, 4.7e-4, is a property of the approximation itself.
    fc.assert(
      fc.property(real, (x) => {
        expect(Math.abs(f.gelu(x) - f.geluTanh(x))).toBeLessThan(5e-4);
      }),
      RUNS,
    );
    expect(Math.abs(f.gelu(2.3) - f.geluTanh(2.3))).toBeGreaterThan(1e-4);
  });
});

test('by hand', () => {
  expect([-2, 0, 3].map(f.relu)).toEqual([0, 0, 3]);
  expect(f.relu(NaN)).toBeNaN();
  expect(f.sigmoid(0)).toBe(0.5);
  expect(f.silu(0)).toBe(0);
  expect(f.gelu(1)).toBeCloseTo(0.8413447460685429, 15); // Φ(1)
});
