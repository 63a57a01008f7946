/** Sampling: which tokens are kept, exactly; what is drawn, exactly; and how often, by chi-squared. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp32 } from '../../../src/tensor/functions.ts';
import { laneSum } from '../../../src/tensor/kernels/lanes.ts';
import { standardNormal, uniform01 } from '../../../src/tensor/random.ts';
import type { Wanted } from './support.ts';
import { GREEDY, finish, stubProgram } from './support.ts';

const f = Math.fround;
const SEED = 20250303;

/** Ragged and whole, one tile and several, one level and up to six. */
const SIZES = [
  { vocabulary: 2, tile: 4 },
  { vocabulary: 3, tile: 4 },
  { vocabulary: 16, tile: 4 },
  { vocabulary: 17, tile: 4 },
  { vocabulary: 32, tile: 4 },
  { vocabulary: 67, tile: 4 },
  { vocabulary: 257, tile: 4 },
  { vocabulary: 16, tile: 16 },
  { vocabulary: 17, tile: 16 },
  { vocabulary: 67, tile: 16 },
  { vocabulary: 256, tile: 16 },
  { vocabulary: 512, tile: 16 },
  { vocabulary: 600, tile: 16 },
];

/** Normal logits; coarse ones have many ties, and −∞ is a token that cannot be. */
const logitsOf = (vocabulary: number, seed: number, isCoarse: boolean) =>
  Array.from({ length: vocabulary }, (_, i) => {
    const z = 3 * standardNormal(seed, i);
    if (isCoarse && i > 0 && z < -5) return -Infinity;
    return f(isCoarse ? Math.round(z) : z);
  });

/** e^((logit − highest) ÷ temperature), each step rounded. */
function weightsOf(logits: readonly number[], temperature: number): number[] {
  const highest = logits.reduce((a, b) => Math.max(a, b));
  return logits.map((z) => exp32(f(f(z - highest) / f(temperature))));
}

/** What the program leaves in its weights after one token; behind the vocabulary there are zeros. */
function keptBy(wanted: Wanted, logits: readonly number[]): number[] {
  const program = stubProgram({ ...wanted, maxNewTokens: 1 }, 1);
  const kept = finish(program, logits, { promptTokens: [0] }).values('choice_weights');
  expect([...kept.subarray(wanted.vocabulary)].every((w) => w === 0)).toBe(true);
  return [...kept.subarray(0, wanted.vocabulary)];
}

const descending = (weights: readonly number[]) => weights.toSorted((a, b) => b - a);

function topK(weights: readonly number[], k: number): number[] {
  const threshold = descending(weights)[k - 1] ?? 0;
  return weights.map((w) => (w >= threshold ? w : 0));
}

const sizes = fc.constantFrom(...SIZES);
const seeds = fc.nat(2 ** 31 - 1);
const temperatures = fc.constantFrom(0.1, 0.7, 1, 1.5, 10);
const RUNS = { numRuns: 300, seed: SEED } as const;

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
    const goal = f(p) * sum(weights);
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

  it('takes exactly half of four equal halves of halves', () => {
    const logits = [0, 1, 0, 0, 0, 0, 0, 1, 0].map((z) => (z === 1 ? 0 : -Infinity));
    const kept = keptBy({ vocabulary: 9, sampling: { temperature: 1, topP: 0.5 } }, logits);
    expect(kept).toEqual([0, 1, 0, 0, 0, 0, 0, 1, 0]);
  });
});

describe('draws', () => {
  /** The position that `u` draws, as ECALL.SAMPLE does. */
  function draw(weights: readonly number[], u: number): number {
    const target = u * weights.reduce((a, b) => a + b, 0);
    let running = 0;
    return weights.findIndex((w) => (running += w) > target);
  }

  /** As the definition says: sums of groups up to a row that fits a tile, then down, one draw each. */
  function drawToken(weights: readonly number[], tile: number, next: () => number): number {
    const levels = [weights];
    for (let below = weights; below.length > tile; levels.push(below)) {
      const data = Float32Array.from(below);
      below = Array.from({ length: Math.ceil(data.length / tile) }, (_, group) =>
        laneSum(data, group * tile, Math.min(tile, data.length - group * tile)),
      );
    }
    return levels.reduceRight((group, level) => {
      const members = level.slice(group * tile, (group + 1) * tile);
      return group * tile + draw(members, next());
    }, 0);
  }

  it('go down a pyramid of sums, each with its own number', () => {
    fc.assert(
      fc.property(sizes, seeds, seeds, (size, dataSeed, seed) => {
        const rows = Array.from({ length: 6 }, (_, i) =>
          logitsOf(size.vocabulary, dataSeed - i, false),
        );
        const sampling = { temperature: 1.3, topK: 12 };
        const program = stubProgram({ ...size, sampling, maxNewTokens: 6 }, 6);
        const { tokens } = finish(program, rows.flat(), { promptTokens: [0], seed });
        let number = 0;
        const wanted = rows.map((logits) =>
          drawToken(topK(weightsOf(logits, 1.3), 12), size.tile, () => uniform01(seed, number++)),
        );
        expect(tokens).toEqual(wanted);
      }),
      RUNS,
    );
  });

  it('are the same for the same seed, and others for another', () => {
    const program = stubProgram({ vocabulary: 67, sampling: { temperature: 1 } }, 1);
    const logits = logitsOf(67, 7, false);
    const text = (seed: number) => finish(program, logits, { promptTokens: [0], seed }).tokens;
    expect(text(1)).toEqual(text(1));
    expect(text(1)).not.toEqual(text(2));
  });

  /**
   * Σ (observed − expected)² ÷ expected over tokens that can be drawn; none that cannot may be. The limits
   * below are the 0.9999 quantiles of the chi-squared distribution, with one degree of freedom less than tokens.
   */
  function chiSquared(wanted: Wanted, probabilities: readonly number[], seed: number): number {
    const draws = 3000;
    const program = stubProgram({ ...wanted, maxNewTokens: draws, context: draws + 1 }, 1);
    const logits = logitsOf(wanted.vocabulary, 11, false).map((z) => f(z / 2));
    const { tokens } = finish(program, logits, { promptTokens: [0], seed });
    expect(tokens).toHaveLength(draws);
    const counts = probabilities.map((_, token) => tokens.filter((t) => t === token).length);
    return probabilities.reduce((sum, p, token) => {
      if (p === 0) expect(counts[token]).toBe(0);
      return p === 0 ? sum : sum + (counts[token]! - draws * p) ** 2 / (draws * p);
    }, 0);
  }

  /** In float64, from the logits that `chiSquared` uses. */
  function probabilities(vocabulary: number, temperature: number, k: number): number[] {
    const logits = logitsOf(vocabulary, 11, false).map((z) => f(z / 2));
    const kept = descending(logits).slice(0, k);
    const e = logits.map((z) => (kept.includes(z) ? Math.exp(z / temperature) : 0));
    const total = e.reduce((a, b) => a + b, 0);
    return e.map((x) => x / total);
  }

  it.each([1, 2, 3])('follow the softmax of the logits, seed %i', (seed) => {
    const wanted: Wanted = { vocabulary: 17, tile: 4, sampling: { temperature: 2 } };
    const p = probabilities(17, 2, 17);
    expect(Math.min(...p) * 3000).toBeGreaterThan(5); // or chi-squared would not be its distribution
    expect(chiSquared(wanted, p, seed)).toBeLessThan(45.92);
  });

  it.each([1, 2, 3])('follow it among the k best, seed %i', (seed) => {
    const sampling = { temperature: 1.5, topK: 5 };
    const p = probabilities(67, 1.5, 5);
    expect(p.filter((x) => x > 0)).toHaveLength(5);
    expect(chiSquared({ vocabulary: 67, tile: 16, sampling }, p, seed)).toBeLessThan(23.51);
  });
});

describe('the ends of the scale', () => {
  const logits = logitsOf(67, 3, false);
  const tokensAt = (sampling: Wanted['sampling'] & object) =>
    finish(stubProgram({ vocabulary: 67, sampling }, 1), logits, { promptTokens: [0] }).tokens;

  it('a temperature that is 0 as a float32 is greedy', () => {
    expect(tokensAt({ temperature: 1e-46 })).toEqual(tokensAt(GREEDY));
  });

  it('the smallest temperatures above draw among the best only', () => {
    expect(tokensAt({ temperature: 1e-45 })).toEqual(tokensAt(GREEDY));
    expect(tokensAt({ temperature: 1, topK: 1 })).toEqual(tokensAt(GREEDY));
    expect(tokensAt({ temperature: 1, topP: 1e-45 })).toEqual(tokensAt(GREEDY));
  });

  it.each([NaN, Infinity])('a logit of %d is a trap, not a choice', (bad) => {
    const program = stubProgram({ vocabulary: 67, sampling: { temperature: 1, topK: 5 } }, 1);
    const broken = logits.with(40, bad);
    expect(() => finish(program, broken, { promptTokens: [0] })).toThrow(/no positive finite sum/);
  });
});
