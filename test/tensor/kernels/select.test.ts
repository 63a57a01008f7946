import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argmax, sampleIndex } from '../../../src/tensor/kernels/select.ts';
import { uniform01 } from '../../../src/tensor/random.ts';
import { tileOf } from '../../../src/tensor/tile.ts';
import { runs, tileOfShape } from '../numbers.ts';

const row = fc
  .integer({ min: 1, max: 30 })
  .chain((n) => tileOfShape(1, n, fc.float({ noNaN: true })));

describe('argmax', () => {
  it.each<[number[], number]>([
    [[5], 0],
    [[1, 3, 3, 2], 1],
    [[-0, 0], 0],
    [[-Infinity, -Infinity], 0],
    [[1, Infinity, NaN, NaN], 2],
    [[NaN, 1], 0],
  ])('of %j is %d, as a row and as a column', (values, expected) => {
    expect(argmax(tileOf([values]))).toBe(expected);
    expect(argmax(tileOf(values.map((value) => [value])))).toBe(expected);
  });

  it('finds an entry that none exceeds and none before it equals', () => {
    fc.assert(
      fc.property(row, (s) => {
        const best = argmax(s);
        s.data.forEach((x, i) =>
          expect(i < best ? x < s.data[best] : x <= s.data[best]).toBe(true),
        );
      }),
      runs,
    );
  });
});

describe('sampleIndex', () => {
  it.each<[number[], number, number]>([
    [[1, 1, 2], 0, 0],
    [[1, 1, 2], 0.25, 1],
    [[1, 1, 2], 0.49, 1],
    [[1, 1, 2], 0.5, 2],
    [[1, 1, 2], 1 - 2 ** -53, 2],
    [[0, 0, 3, 0], 0, 2],
    [[0, 0, 3, 0], 1 - 2 ** -53, 2],
    [[0, 0], 0.5, -1],
    [[1, NaN], 0, -1],
    [[1, Infinity], 0, -1],
    [[2, -1], 0, -1],
  ])('from %j with u = %d is %d', (weights, u, expected) => {
    expect(sampleIndex(tileOf([weights]), u)).toBe(expected);
  });

  it('always draws an entry of positive weight, up to the largest u', () => {
    const weights = fc
      .integer({ min: 1, max: 20 })
      .chain((n) => tileOfShape(1, n, fc.float({ min: 0, max: 1, noNaN: true })));
    const u = fc.oneof(
      fc.constantFrom(0, 1 - 2 ** -53),
      fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true }),
    );
    fc.assert(
      fc.property(weights, u, (tile, draw) => {
        fc.pre(tile.data.some((weight) => weight > 0));
        expect(tile.data[sampleIndex(tile, draw)]).toBeGreaterThan(0);
      }),
      runs,
    );
  });

  it('draws in proportion to the weights', () => {
    const weights = tileOf([[1, 0, 3, 6]]);
    const draws = 20_000;
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < draws; i++) counts[sampleIndex(weights, uniform01(5, i))]++;
    [0.1, 0, 0.3, 0.6].forEach((p, i) => {
      // Five standard errors of a binomial share.
      expect(Math.abs(counts[i] / draws - p)).toBeLessThanOrEqual(
        5 * Math.sqrt((p * (1 - p)) / draws),
      );
    });
  });
});
