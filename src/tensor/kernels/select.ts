/** ARGMAX and the choice of a token: from a row or column of numbers to an index. */

import type { Tile } from '../tile.ts';

/**
 * The index of the largest entry of a 1×n or n×1 tile, the first one on ties (+0 ties with −0).
 *
 * NaN counts as larger than every number, as in NumPy, so that it shows.
 */
export function argmax(s: Tile): number {
  const count = s.rows * s.cols;
  let best = 0;
  for (let i = 0; i < count; i++) {
    if (Number.isNaN(s.data[i])) return i;
    if (s.data[i] > s.data[best]) best = i;
  }
  return best;
}

/**
 * The index drawn with probability weight / total by `u` in [0, 1), from a 1×n or n×1 tile of weights.
 *
 * The smallest index whose running float64 sum exceeds u · total, where total is the same sum run to the
 * end. An entry of weight 0 is never drawn. Returns −1 when no draw is possible: all weights 0, one negative, one
 * not finite.
 */
export function sampleIndex(weights: Tile, u: number): number {
  const target = u * totalWeight(weights);
  const count = weights.rows * weights.cols;
  let running = 0;
  for (let i = 0; i < count; i++) {
    running += weights.data[i];
    if (running > target) return i;
  }
  return -1;
}

/** The float64 sum of the weights in ascending order; NaN when one is negative or not finite. */
function totalWeight(weights: Tile): number {
  const count = weights.rows * weights.cols;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights.data[i];
    if (!(weight >= 0 && weight < Infinity)) return NaN;
    total += weight;
  }
  return total;
}
