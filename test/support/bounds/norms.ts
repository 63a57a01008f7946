/** Bounds of NORM.LAYER and NORM.RMS, composed of the bounds of their steps. */
import type { Bounded } from './bounded.ts';
import { mapBounded } from './bounded.ts';
import { add, mul, sub } from './elementwise.ts';
import type { FunctionErrors } from './functions.ts';
import { rsqrtBound } from './functions.ts';
import { rowSum } from './rows.ts';
import { afterRoundings, gamma, UNIT_ROUNDOFF } from './rounding.ts';

/** Roundings of sum·fl(1/n): the reciprocal's and the product's; sum/n has one. */
const MEAN_ROUNDINGS = 2;

/**
 * (x − mean)·rsqrt(var + ε)·gain + bias along each row; gain, bias [1 × n]. Two passes: mean and
 * variance each a 16-lane sum over n, the variance of the machine's own differences.
 */
export function layerNorm(
  x: Bounded,
  gain: Bounded,
  bias: Bounded,
  epsilon: number,
  ulps: FunctionErrors,
): Bounded {
  const centred = sub(x, rowMean(x));
  return add(mul(mul(centred, inverseRoot(centred, epsilon, ulps)), gain), bias);
}

/** x·rsqrt(mean(x²) + ε)·gain along each row; gain [1 × n]. */
export function rmsNorm(x: Bounded, gain: Bounded, epsilon: number, ulps: FunctionErrors): Bounded {
  return mul(mul(x, inverseRoot(x, epsilon, ulps)), gain);
}

/** rsqrt(mean(x²) + ε) of each row [m × 1]. */
function inverseRoot(x: Bounded, epsilon: number, ulps: FunctionErrors): Bounded {
  const meanSquare = rowMean(mul(x, x));
  const shifted = mapBounded(
    meanSquare,
    (v) => v + epsilon,
    (v, dv) => afterRoundings(v + epsilon, dv + UNIT_ROUNDOFF * epsilon), // ε itself is rounded
  );
  // A mean of squares is never negative, so the machine's operand is at least ε, twice rounded.
  const floor = epsilon * (1 - gamma(2));
  return mapBounded(
    shifted,
    (v) => 1 / Math.sqrt(v),
    (v, dv) => rsqrtBound(v, dv, ulps, floor),
  );
}

/** The mean of each row [m × 1]. */
function rowMean(x: Bounded): Bounded {
  const n = x.value.cols;
  return mapBounded(
    rowSum(x),
    (sum) => sum / n,
    (sum, error) => afterRoundings(sum / n, error / n, MEAN_ROUNDINGS),
  );
}
