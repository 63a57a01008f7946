/** Activation functions, scalar by scalar, with an error function good to the last digits. */

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** Beyond this |x| the continued fraction of erfc converges fast, and 1 − erf would cancel. */
const TAIL_START = 2.5;
const TAIL_TERMS = 120;

/**
 * erf(x) for |x| < 2.5, by 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)).
 * All terms have one sign, so nothing cancels. Source: Abramowitz & Stegun 7.1.6.
 */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-18; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
}

/**
 * erfc(x) for x ≥ 2.5, by e^(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))).
 * Source: Abramowitz & Stegun 7.1.14, evaluated from the inside out.
 */
function erfcFraction(x: number): number {
  let fraction = x;
  for (let n = TAIL_TERMS; n >= 1; n--) fraction = x + n / 2 / fraction;
  return (TWO_OVER_ROOT_PI / 2) * (Math.exp(-x * x) / fraction);
}

/** The error function 2/√π ∫₀ˣ e^(−t²) dt. */
export function erf(x: number): number {
  if (Math.abs(x) < TAIL_START) return erfSeries(x);
  return x > 0 ? 1 - erfcFraction(x) : erfcFraction(-x) - 1;
}

/** 1 − erf(x), without cancellation for large x. */
export function erfc(x: number): number {
  return x < TAIL_START ? 1 - erf(x) : erfcFraction(x);
}

/** x · Φ(x), Φ the normal distribution function. Source: Hendrycks & Gimpel 2016, §2. */
export function gelu(x: number): number {
  // Φ(x) = erfc(−x/√2)/2 keeps its digits for very negative x, where (1 + erf)/2 loses them.
  return (x * erfc(-x / Math.SQRT2)) / 2;
}

/** 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))). Source: Hendrycks & Gimpel 2016, §2. */
export function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** 1 / (1 + e^(−x)). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** x · sigmoid(x), also called swish. Source: Elfwing et al. 2017, §2. */
export function silu(x: number): number {
  return x * sigmoid(x);
}

/** max(0, x); NaN stays NaN. */
export function relu(x: number): number {
  return Math.max(0, x);
}

/** The hyperbolic tangent. */
export function tanh(x: number): number {
  return Math.tanh(x);
}
