/** Sampling: what is drawn, exactly, and how often, by chi-squared. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laneSum } from '../../../src/tensor/kernels/lanes.ts';
import { uniform01 } from '../../../src/tensor/random.ts';
import { SIZES, descending, logitsOf, topK, weightsOf } from './logits.ts';
import type { Wanted } from './support.ts';
import { GREEDY, finish, stubProgram } from './support.ts';

const sizes = fc.constantFrom(...SIZES);
const seeds = fc.nat(2 ** 31 - 1);
const RUNS = { numRuns: 300, seed: 20250305 } as const;

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
  function chiSquared(
    wanted: Wanted,
    probabilities: readonly number[],
    draws: number,
    seed: number,
  ): number {
    const program = stubProgram({ ...wanted, maxNewTokens: draws, context: draws + 1 }, 1);
    const logits = logitsOf(wanted.vocabulary, 11, false).map((z) => Math.fround(z / 2));
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
    const logits = logitsOf(vocabulary, 11, false).map((z) => Math.fround(z / 2));
    const kept = descending(logits).slice(0, k);
    const e = logits.map((z) => (kept.includes(z) ? Math.exp(z / temperature) : 0));
    const total = e.reduce((a, b) => a + b, 0);
    return e.map((x) => x / total);
  }

  it.each([1, 2, 3])('follow the softmax of the logits, seed %i', (seed) => {
    const wanted: Wanted = { vocabulary: 17, tile: 4, sampling: { temperature: 2 } };
    const p = probabilities(17, 2, 17);
    // Below about 5 expected draws of a token, chi-squared would not be the distribution.
    expect(Math.min(...p) * 3000).toBeGreaterThan(5);
    expect(chiSquared(wanted, p, 3000, seed)).toBeLessThan(45.92);
  });

  it.each([1, 2, 3])('follow it among the k best, seed %i', (seed) => {
    const sampling = { temperature: 1.5, topK: 5 };
    const p = probabilities(67, 1.5, 5);
    expect(p.filter((x) => x * 500 > 5)).toHaveLength(5);
    expect(chiSquared({ vocabulary: 67, tile: 16, sampling }, p, 500, seed)).toBeLessThan(23.51);
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
