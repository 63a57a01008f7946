/** The elementary functions of Lasm: float32 in, float32 out, the same bits on every host. */

import { erf64, erfc64, exp64, log64 } from './double.ts';

export { EXP_MAX, EXP_MIN, exp32 } from './exp.ts';

/** A function with a published error bound. */
export type BoundedFunction = 'exp' | 'tanh' | 'erf' | 'sigmoid' | 'rsqrt' | 'log' | 'pow';

/**
 * The largest error of each function over all float32 arguments, in units in the last place of the
 * true result: the worst of an exhaustive measurement, rounded up. `docs/numerics.md` prints it.
 */
export const FUNCTION_ERROR_ULP: Readonly<Record<BoundedFunction, number>> = {
  exp: 0.991,
  tanh: 0.5001,
  erf: 0.5001,
  sigmoid: 0.5001,
  rsqrt: 0.5001,
  log: 0.5001,
  pow: 0.5001,
};

/** Below 2⁻¹², x (1 − x² / 3) is tanh x to 2⁻⁵⁰, where 1 − 2 / (e^2x + 1) would cancel. */
export const TANH_SERIES_LIMIT = 0.000244140625;

/** tanh x, exactly odd, ±1 at ±∞, −0 at −0; float64 inside, rounded once. */
export function tanh32(x: number): number {
  const size = Math.abs(x);
  if (size < TANH_SERIES_LIMIT) return Math.fround(x * (1 - (x * x) / 3));
  const value = 1 - 2 / (exp64(2 * size) + 1);
  return Math.fround(x < 0 ? -value : value);
}

/** erf x, exactly odd, ±1 at ±∞, −0 at −0; float64 inside, rounded once. */
export function erf32(x: number): number {
  return Math.fround(erf64(x));
}

/** 1 / (1 + e^−x), in [0, 1]; float64 inside, rounded once. */
export function sigmoid32(x: number): number {
  return Math.fround(1 / (1 + exp64(-x)));
}

/** x / (1 + e^−x), rounded once; NaN at −∞ (∞ · 0). Source: Elfwing et al., 2017 (SiLU). */
export function silu32(x: number): number {
  return Math.fround(x / (1 + exp64(-x)));
}

/** x Φ(x) = x/2 · erfc(−x/√2), rounded once; NaN at −∞ (∞ · 0). Source: Hendrycks & Gimpel, 2016. */
export function geluErf32(x: number): number {
  return Math.fround(0.5 * x * erfc64(-x * Math.SQRT1_2));
}

/** √(2/π), and the cubic term of the tanh form of GELU. */
export const SQRT_TWO_OVER_PI = 0.7978845608028654;
export const GELU_CUBIC = 0.044715;

/**
 * x/2 · (1 + tanh u) with u = √(2/π) (x + 0.044715 x³), as the equal x / (1 + e^−2u), rounded once;
 * NaN at −∞ (∞ · 0). Source: Hendrycks & Gimpel, 2016.
 */
export function geluTanh32(x: number): number {
  const u = SQRT_TWO_OVER_PI * (x + GELU_CUBIC * x * x * x);
  return Math.fround(x / (1 + exp64(-2 * u)));
}

/** 1 / √x: +∞ at +0, −∞ at −0, NaN below; two float64 operations, rounded once. */
export function rsqrt32(x: number): number {
  return Math.fround(1 / Math.sqrt(x));
}

/** 1 / x, correctly rounded. */
export function reciprocal32(x: number): number {
  return Math.fround(1 / x);
}

/** √x, correctly rounded: a float64 root has more than twice the bits that are kept (Figueroa, 1995). */
export function sqrt32(x: number): number {
  return Math.fround(Math.sqrt(x));
}

/** ln x: −∞ at ±0, NaN below, exactly +0 at 1; float64 inside, rounded once. */
export function log32(x: number): number {
  return Math.fround(log64(x));
}

/**
 * x^y = e^(y ln |x|) with the sign of x when y is odd; float64 inside, rounded once, so that a power which is
 * a float32 is exact.
 *
 * Special cases are those of IEEE 754-2019 `pow` (§9.2.1): 1 when y is ±0 or x is 1, whatever the other is;
 * NaN for x < 0 and y no integer; 1 for −1 to ±∞; ±∞ for ±0 to an odd y < 0. Not `Math.pow`, whose
 * 1^∞ and 1^NaN are NaN.
 */
export function pow32(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const size = Math.abs(x);
  if (x < 0 && size < Infinity && Number.isFinite(y) && !Number.isInteger(y)) return NaN;
  const magnitude = size === 1 ? 1 : Math.fround(exp64(y * log64(size)));
  const isOdd = Math.abs(y % 2) === 1;
  return isOdd && (x < 0 || Object.is(x, -0)) ? -magnitude : magnitude;
}
