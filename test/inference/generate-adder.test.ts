/** The adder model adds: 200 of its 10,000 sums; `npm run check:adder` tries them all. */
import { describe, expect, it } from 'vitest';
import { uniform01 } from '../../src/tensor/random.ts';
import { SUMMANDS, answer, openAdder } from '../adder/sums.ts';

const SUMS = 200;
const SEED = 10000;

const draw = (number: number) => Math.floor(uniform01(SEED, number) * SUMMANDS);

describe('the adder on the machine', () => {
  it(`is right in ${SUMS} sums of ${SUMMANDS * SUMMANDS}`, () => {
    const adder = openAdder();
    const sums = Array.from({ length: SUMS }, (_, i) => [draw(2 * i), draw(2 * i + 1)] as const);
    const wrong = sums.filter(([a, b]) => answer(adder, a, b) !== String(a + b));
    expect(wrong).toEqual([]);
    expect(new Set(sums.map(String)).size).toBeGreaterThan(190); // mostly different ones
  });
});
