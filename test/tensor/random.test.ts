import { describe, expect, it } from 'vitest';
import {
  fillNormal,
  fillUniform,
  inverseNormal,
  standardNormal,
  threefry,
  uniform01,
} from '../../src/tensor/random.ts';
import { log64 } from '../../src/tensor/double.ts';
import { referenceErfc } from './numbers.ts';

const COUNT = 100_000;

describe('Threefry-2x32-20', () => {
  /** The known answers of Random123 (`kat_vectors`), by the authors of the generator. */
  it.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [-1, -1],
      [-1, -1],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ])('key %j, counter %j gives %j', (key, counter, expected) => {
    const out = new Uint32Array(2);
    threefry(key[0], key[1], counter[0], counter[1], out);
    expect([...out]).toEqual(expected);
  });
});

/** Mean and variance of a sample. */
function moments(data: Float32Array): { mean: number; variance: number } {
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
  const variance = data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length;
  return { mean, variance };
}

/** The correlation of each element with the one `lag` places on. */
function correlation(data: Float32Array, lag: number): number {
  const { mean, variance } = moments(data);
  let sum = 0;
  for (let i = lag; i < data.length; i++) sum += (data[i] - mean) * (data[i - lag] - mean);
  return sum / (data.length - lag) / variance;
}

/** Five standard errors: with a fixed seed the test is exact, and a fair generator fails one seed in two million. */
const FIVE = 5;

describe('uniform', () => {
  const data = new Float32Array(COUNT);
  fillUniform(data, -2, 6, 42);

  it('has the moments of a uniform distribution', () => {
    const { mean, variance } = moments(data);
    expect(Math.abs(mean - 2)).toBeLessThan(FIVE * Math.sqrt(64 / 12 / COUNT));
    // The fourth central moment of a width w is w⁴/80, so the variance of the sample variance is w⁴/180 / n.
    expect(Math.abs(variance - 64 / 12)).toBeLessThan(FIVE * 64 * Math.sqrt(1 / 180 / COUNT));
  });

  it('fills all of 64 cells alike, and neighbours know nothing of each other', () => {
    const cells = new Float64Array(64);
    for (const x of data) cells[Math.floor((x + 2) * 8)]++;
    const expected = COUNT / 64;
    const chiSquare = cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(Math.abs(chiSquare - 63)).toBeLessThan(FIVE * Math.sqrt(2 * 63));
    expect(Math.abs(correlation(data, 1))).toBeLessThan(FIVE / Math.sqrt(COUNT));
    expect(Math.abs(correlation(data, 16))).toBeLessThan(FIVE / Math.sqrt(COUNT));
  });

  it('stays in [0, 1) as float64, and depends on seed and index alone', () => {
    for (let i = 0; i < 1000; i++) {
      const u = uniform01(7, i);
      expect(u).toBeGreaterThanOrEqual(0);
      expect(u).toBeLessThan(1);
      expect(uniform01(7, i)).toBe(u);
    }
    const short = new Float32Array(10);
    fillUniform(short, -2, 6, 42);
    expect(short).toEqual(data.slice(0, 10));
    expect(uniform01(1, 2)).not.toBe(uniform01(2, 1));
    expect(uniform01(2 ** 32 + 1, 0)).not.toBe(uniform01(1, 0));
    expect(uniform01(-1, 0)).not.toBe(uniform01(1, 0));
  });

  it('has these first values', () => {
    expect([uniform01(0, 0), uniform01(1, 0), uniform01(1, 1)]).toEqual([
      0.41845711022987275, 0.7039437263423627, 0.05771496279395527,
    ]);
  });

  it.each([0.5, NaN, 2 ** 53])('refuses the seed %d', (seed) => {
    expect(() => uniform01(seed, 0)).toThrow('a seed and an index are safe integers');
  });
});

describe('normal', () => {
  const data = new Float32Array(COUNT);
  fillNormal(data, 3, 2, 9);

  it('has the moments of a normal distribution', () => {
    const { mean, variance } = moments(data);
    expect(Math.abs(mean - 3)).toBeLessThan((FIVE * 2) / Math.sqrt(COUNT));
    expect(Math.abs(variance - 4)).toBeLessThan(FIVE * 4 * Math.sqrt(2 / COUNT));
    expect(Math.abs(correlation(data, 1))).toBeLessThan(FIVE / Math.sqrt(COUNT));
  });

  it.each([-2, -1, 0, 1, 2, 3])('has the right share below %d standard deviations', (z) => {
    const share = data.filter((x) => (x - 3) / 2 < z).length / COUNT;
    const p = referenceErfc(-z / Math.SQRT2) / 2;
    expect(Math.abs(share - p)).toBeLessThan(FIVE * Math.sqrt((p * (1 - p)) / COUNT));
  });

  it('has these first values', () => {
    const first = new Float32Array(4);
    fillNormal(first, 0, 1, 1);
    expect([...first]).toEqual([
      0.53577721118927, -1.5742486715316772, -2.3220462799072266, 1.4508088827133179,
    ]);
    expect(first[2]).toBe(Math.fround(standardNormal(1, 2)));
  });
});

describe('the functions inside', () => {
  it('inverseNormal has the seven figures that AS 241 promises, on both sides', () => {
    for (let k = 1; k <= 32; k++) {
      for (const p of [2 ** -k, 0.7 * 2 ** -k]) {
        const z = inverseNormal(p);
        const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
        const residual = (referenceErfc(-z / Math.SQRT2) / 2 - p) / density;
        expect(Math.abs(residual)).toBeLessThanOrEqual(1e-6 * Math.max(Math.abs(z), 1e-9));
        if (p > 2 ** -20) expect(inverseNormal(1 - p)).toBeCloseTo(-z, 9);
      }
    }
    expect(inverseNormal(0.5)).toBe(0);
  });

  it('log64 agrees with the logarithm to 4 units of float64', () => {
    for (let p = 1; p > 2 ** -33; p *= 0.987) {
      expect(Math.abs(log64(p) - Math.log(p))).toBeLessThanOrEqual(4 * 2 ** -52 * -Math.log(p));
    }
  });
});
