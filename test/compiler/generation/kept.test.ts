/** Sampling: the weights of tokens, and which of them top-k and top-p keep, to the bit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SIZES, logitsOf, topK, weightsOf } from './logits.ts';
import type { Wanted } from './support.ts';
import { finish, stubProgram } from './support.ts';

/** What the program leaves in its weights after one token; behind the vocabulary there are zeros. */
function keptBy(wanted: Wanted, logits: readonly number[]): number[] {
  const program = stubProgram({ ...wanted, maxNewTokens: 1 }, 1);
  const kept = finish(program, logits, { promptTokens: [0] }).values('choice_weights');
  expect([...kept.subarray(wanted.vocabulary)].every((w) => w === 0)).toBe(true);
  return [...kept.subarray(0, wanted.vocabulary)];
}

const sizes = fc.constantFrom(...SIZES);
const seeds = fc.nat(2 ** 31 - 1);
const temperatures = fc.constantFrom(0.1, 0.7, 1, 1.5, 10);
const RUNS = { numRuns: 300, seed: 20250303 } as const;

describe('weights', () => {
  it('are e^((logit − highest) ÷ temperature), to the bit', () => {
    fc.assert(
      fc.property(sizes, seeds, fc.boolean(), temperatures, (size, seed, isCoarse, temperature) => {
        const logits = logitsOf(size.vocabulary, seed, isCoarse);
        const kept = keptBy({ ...size, sampling: { temperature } }, logits);
        expect(kept).toEqual(weightsOf(logits, temperature));
      }),
      RUNS,
    );
  });
});

describe('top-k', () => {
  it('keeps the k best and all that weigh the same as the k-th', () => {
    const parts = fc.constantFrom(0, 0.02, 0.1, 0.5, 0.9, 1);
    fc.assert(
      fc.property(sizes, seeds, fc.boolean(), parts, (size, seed, isCoarse, part) => {
        const k = 1 + Math.floor(part * size.vocabulary);
        const logits = logitsOf(size.vocabulary, seed, isCoarse);
        const kept = keptBy({ ...size, sampling: { temperature: 0.8, topK: k } }, logits);
        expect(kept).toEqual(topK(weightsOf(logits, 0.8), k));
      }),
      RUNS,
    );
  });

  it('tells weights apart that are neighbours as float32', () => {
    // Steps of one unit in the last place of the logits: weights near 0.74, many of them neighbours.
    const logits = Array.from({ length: 41 }, (_, i) => (i === 0 ? 0 : -0.3 - i * 2 ** -25)).map(
      Math.fround,
    );
    const weights = weightsOf(logits, 1);
    expect(new Set(weights).size).toBeGreaterThan(12);
    for (let k = 1; k <= 41; k++) {
      const kept = keptBy({ vocabulary: 41, sampling: { temperature: 1, topK: k } }, logits);
      expect(kept).toEqual(topK(weights, k));
    }
  });

  it('is off at 0', () => {
    const logits = logitsOf(67, 1, false);
    const kept = keptBy({ vocabulary: 67, sampling: { temperature: 1, topK: 0 } }, logits);
    expect(kept).toEqual(weightsOf(logits, 1));
  });

  it('keeps the 40 best of 5000', () => {
    const logits = logitsOf(5000, 5, false);
    const kept = keptBy({ vocabulary: 5000, sampling: { temperature: 1, topK: 40 } }, logits);
    expect(kept).toEqual(topK(weightsOf(logits, 1), 40));
    expect(kept.filter((w) => w > 0)).toHaveLength(40);
  });
});

describe('top-p', () => {
  /**
   * Relative error of comparing two sums, each of row sums (⌈tile/16⌉ + 4 roundings), added over tiles, and
   * summed once more; and of their product with p (docs/numerics.md, tolerances).
   */
  function slack({ vocabulary, tile }: { vocabulary: number; tile: number }): number {
    const roundings = 2 * (Math.ceil(tile / 16) + 4) + Math.ceil(vocabulary / tile ** 2);
    const n = 2 * roundings + 1;
    return (n * 2 ** -24) / (1 - n * 2 ** -24);
  }

  /** The smallest set of heaviest weights that is p of all, up to the rounding of sums; ties are in it. */
  function expectNucleus(
    kept: readonly number[],
    weights: readonly number[],
    p: number,
    bound: number,
  ): void {
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    const lightest = Math.min(...kept.filter((w) => w > 0));
    expect(kept).toEqual(weights.map((w) => (w >= lightest ? w : 0)));
    const goal = Math.fround(p) * sum(weights);
    expect(sum(kept)).toBeGreaterThanOrEqual(goal * (1 - bound));
    const without = sum(kept.filter((w) => w > lightest));
    expect(without).toBeLessThan(goal * (1 + bound));
  }

  const shares = fc.constantFrom(0.001, 0.1, 0.5, 0.9, 0.95, 0.999);

  it('keeps the smallest set of heaviest tokens that is p of the weight', () => {
    fc.assert(
      fc.property(sizes, seeds, fc.boolean(), shares, (size, seed, isCoarse, topP) => {
        const logits = logitsOf(size.vocabulary, seed, isCoarse);
        const kept = keptBy({ ...size, sampling: { temperature: 0.8, topP } }, logits);
        expectNucleus(kept, weightsOf(logits, 0.8), topP, slack(size));
      }),
      RUNS,
    );
  });

  it('comes behind top-k, and shares out what that has left', () => {
    fc.assert(
      fc.property(sizes, seeds, fc.integer({ min: 1, max: 20 }), shares, (size, seed, k, topP) => {
        const logits = logitsOf(size.vocabulary, seed, false);
        const kept = keptBy({ ...size, sampling: { temperature: 1, topK: k, topP } }, logits);
        expectNucleus(kept, topK(weightsOf(logits, 1), k), topP, slack(size));
      }),
      RUNS,
    );
  });

  it('keeps two of the same weight though one of them would do', () => {
    const logits = [-9, 1, -9, -9, -9, -9, -9, 1, -9];
    const kept = keptBy({ vocabulary: 9, sampling: { temperature: 1, topP: 0.5 } }, logits);
    expect(kept).toEqual([0, 1, 0, 0, 0, 0, 0, 1, 0]);
  });
});
