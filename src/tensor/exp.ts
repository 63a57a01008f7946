/** The exponential in float32 steps only, so that a four-lane SIMD version can give the same bits. */

import { powersOfTwo } from './double.ts';

const f = Math.fround;

/** The largest float32 whose exponential is finite; exp(EXP_MAX) ≈ 3.40280e38. */
export const EXP_MAX = f(88.7228317);

/** The smallest float32 whose exponential is not 0; exp(EXP_MIN) rounds to 2⁻¹⁴⁹. */
export const EXP_MIN = f(-103.972076);

export const LOG2_E = f(1.44269504088896341);

/** ln 2 = LN2_HIGH + LN2_LOW; LN2_HIGH has ten significant bits, so n · LN2_HIGH is exact (Cody & Waite). */
export const LN2_HIGH = f(0.693359375);
export const LN2_LOW = f(-2.1219444e-4);

/** Cephes `expf` (S. Moshier, 1989): e^r ≈ 1 + r + r² P(r) on |r| ≤ ln 2 / 2. */
const P0 = f(1.98756915e-4);
const P1 = f(1.3981999507e-3);
const P2 = f(8.3334519073e-3);
const P3 = f(4.1665795894e-2);
const P4 = f(1.6666665459e-1);
const P5 = f(5.0000001201e-1);
export const EXP_COEFFICIENTS = [P0, P1, P2, P3, P4, P5] as const;

/** A scale 2^n is made of two powers, because 2⁻¹⁴⁹ has no normal float32 and 2¹²⁸ none at all. */
const HALF_SCALE_LIMIT = 75;
const POWERS = powersOfTwo(HALF_SCALE_LIMIT);

/**
 * e^x for a float32 x, within `FUNCTION_ERROR_ULP.exp`, subnormal results included.
 *
 * Exactly 1 at ±0, exactly 0 below `EXP_MIN`, +∞ above `EXP_MAX`; NaN gives NaN.
 * Every `f(…)` is one float32 operation.
 */
export function exp32(x: number): number {
  if (x > EXP_MAX) return Infinity;
  if (x < EXP_MIN) return 0;
  if (Number.isNaN(x)) return NaN;
  const n = Math.floor(f(f(x * LOG2_E) + 0.5));
  const r = f(f(x - f(n * LN2_HIGH)) - f(n * LN2_LOW));
  let p = f(f(P0 * r) + P1);
  p = f(f(p * r) + P2);
  p = f(f(p * r) + P3);
  p = f(f(p * r) + P4);
  p = f(f(p * r) + P5);
  const y = f(f(f(p * f(r * r)) + r) + 1);
  return scaled(y, n);
}

/** y · 2^n with one rounding at most: the first factor keeps y normal, the second may round or overflow. */
function scaled(y: number, n: number): number {
  const half = n >> 1;
  return f(f(y * POWERS[half + HALF_SCALE_LIMIT]) * POWERS[n - half + HALF_SCALE_LIMIT]);
}
