/** Logits for tests, and what sampling makes of them. */
import { exp32 } from '../../../src/tensor/functions.ts';
import { standardNormal } from '../../../src/tensor/random.ts';

const f = Math.fround;

/** Ragged and whole, one tile and several, one level and up to six. */
export const SIZES = [
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
export const logitsOf = (vocabulary: number, seed: number, isCoarse: boolean) =>
  Array.from({ length: vocabulary }, (_, i) => {
    const z = 3 * standardNormal(seed, i);
    if (isCoarse && i > 0 && z < -5) return -Infinity;
    return f(isCoarse ? Math.round(z) : z);
  });

/** e^((logit − highest) ÷ temperature), each step rounded. */
export function weightsOf(logits: readonly number[], temperature: number): number[] {
  const highest = logits.reduce((a, b) => Math.max(a, b));
  return logits.map((z) => exp32(f(f(z - highest) / f(temperature))));
}

export const descending = (weights: readonly number[]) => weights.toSorted((a, b) => b - a);

/** Weight 0 for what is lighter than the k-th. */
export function topK(weights: readonly number[], k: number): number[] {
  const threshold = descending(weights)[k - 1] ?? 0;
  return weights.map((w) => (w >= threshold ? w : 0));
}
