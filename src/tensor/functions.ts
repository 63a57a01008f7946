/** The elementary functions of Lasm: float32 in, float32 out, the same bits on every host. */

import { erf64, erfc64, exp64 } from './double.ts';

export { EXP_MAX, EXP_MIN, exp32 } from './exp.ts';

/** A function with a published error bound. */
export type BoundedFunction = 'exp' | 'tanh' | 'erf' | 'sigmoid' | 'rsqrt';

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
};

/** Below 2⁻¹², x (1 − x² / 3) is tanh x to 2⁻⁵⁰, where 1 − 2 / (e^2x + 1) would cancel. */
const TANH_SERIES_LIMIT = 0.000244140625;

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
const SQRT_TWO_OVER_PI = 0.7978845608028654;
const GELU_CUBIC = 0.044715;

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
