/** What the tests of `tensor` share: rounding bounds, random tiles, and float64 formulas of their own. */

import fc from 'fast-check';
import type { Tile } from '../../src/tensor/tile.ts';

/** The unit roundoff of float32 and half its smallest number: fl(x op y) = (x op y)(1 + δ) + η, |δ| ≤ U, |η| ≤ TINY. */
export const U = 2 ** -24;
export const TINY = 2 ** -150;

/** n roundings in a row change a number by this part at most. Source: Higham, "Accuracy and Stability", lemma 3.1. */
export function gamma(n: number): number {
  return (n * U) / (1 - n * U);
}

/** The most roundings that one term of a lane-ordered sum of n terms meets: its lane, then a tree of depth 4. */
export function laneRoundings(n: number): number {
  return Math.ceil(n / 16) + 4;
}

/** One seed and enough runs for every property. */
export const runs = { seed: 20240607, numRuns: 400 };

/** Any finite float32 of moderate size, subnormals and both zeros included. */
export function moderate(limit: number): fc.Arbitrary<number> {
  return fc.float({ min: -limit, max: limit, noNaN: true });
}

/** A tile of exactly this shape. */
export function tileOfShape(
  rows: number,
  cols: number,
  value: fc.Arbitrary<number>,
): fc.Arbitrary<Tile> {
  const length = rows * cols;
  return fc
    .array(value, { minLength: length, maxLength: length })
    .map((data) => ({ rows, cols, data: Float32Array.from(data) }));
}

/** A tile of some shape up to the given one. */
export function anyTile(
  rows: number,
  cols: number,
  value: fc.Arbitrary<number>,
): fc.Arbitrary<Tile> {
  const shape = fc.tuple(fc.integer({ min: 1, max: rows }), fc.integer({ min: 1, max: cols }));
  return shape.chain(([m, n]) => tileOfShape(m, n, value));
}

/** Room for a result: wrong shape, larger than needed, full of NaN, so that a forgotten entry shows. */
export function room(): Tile {
  return { rows: 1, cols: 1, data: new Float32Array(4096).fill(NaN) };
}

/** The entries of a tile, without what lies behind its shape. */
export function entries(tile: Tile): Float32Array {
  return tile.data.slice(0, tile.rows * tile.cols);
}

/** The rows of a tile as float64 lists. */
export function rowsOf(tile: Tile): number[][] {
  return Array.from({ length: tile.rows }, (_, i) => [
    ...tile.data.subarray(i * tile.cols, (i + 1) * tile.cols),
  ]);
}

/** The documented order of row sums, written for reading: sixteen lists, each summed, then folded in halves. */
export function foldedSum(row: readonly number[]): number {
  let sums = Array.from({ length: 16 }, (_, lane) =>
    row.filter((__, i) => i % 16 === lane).reduce((acc, x) => Math.fround(acc + x), 0),
  );
  while (sums.length > 1) {
    const half = sums.length / 2;
    sums = sums.slice(0, half).map((x, j) => Math.fround(x + sums[j + half]));
  }
  return sums[0];
}

/** erf by its Maclaurin series, Abramowitz & Stegun 7.1.6; for |x| ≤ 2.5. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 100; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc by its continued fraction, Abramowitz & Stegun 7.1.14, from the far end; for x > 2.5. */
function erfcFraction(x: number): number {
  let value = x;
  for (let n = 200; n >= 1; n--) value = x + n / 2 / value;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * value);
}

/** erfc in float64, by formulas that the product does not use. */
export function referenceErfc(x: number): number {
  if (x > 2.5) return erfcFraction(x);
  return x < -2.5 ? 2 - erfcFraction(-x) : 1 - erfSeries(x);
}

/** erf in float64, by formulas that the product does not use. */
export function referenceErf(x: number): number {
  if (Math.abs(x) <= 2.5) return erfSeries(x);
  return x > 0 ? 1 - erfcFraction(x) : erfcFraction(-x) - 1;
}
