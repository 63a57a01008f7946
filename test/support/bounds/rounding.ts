/**
 * How far one float32 operation may stray: the model of rounding under every bound in this folder.
 * Source: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §2.2, §2.8 and ch. 3.
 */

/** u: half the gap between 1 and the next float32. */
export const UNIT_ROUNDOFF = 2 ** -24;

/** The largest finite float32; a result that may pass it may be anything. */
export const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** The smallest normal float32. Our exp and sigmoid may give 0 below it. */
export const SMALLEST_NORMAL = 2 ** -126;

/** Half the smallest subnormal: what one rounding may lose where precision runs out (§2.8). */
export const UNDERFLOW = 2 ** -150;

/**
 * The bounds are themselves computed in float64, whose roundings are 2⁻²⁹ of float32's. Each bound
 * holds as many float32 roundings as there are float64 ones behind it, so this factor covers them.
 */
const FLOAT64_SLACK = 1 + 2 ** -20;

/**
 * (1 − u)^−n − 1: the largest relative effect of n factors (1 + δ) or 1/(1 + δ), |δ| ≤ u.
 * Source: lemma 3.1, whose nu/(1 − nu) is a little larger.
 */
export function gamma(n: number): number {
  return Math.expm1(-n * Math.log1p(-UNIT_ROUNDOFF));
}

/** The largest relative error of a function that is accurate to `ulps` ULP. */
export function relativeOfUlps(ulps: number): number {
  return 2 * UNIT_ROUNDOFF * ulps; // one ULP is between u and 2u of the number it belongs to
}

/**
 * Bound on |machine − value| when the machine's operands put it within `propagated` of `value`
 * and `roundings` roundings then follow, none of them of a sum that cancels.
 */
export function afterRoundings(value: number, propagated: number, roundings = 1): number {
  return afterRelative(value, propagated, gamma(roundings), roundings);
}

/**
 * The same with a relative error given directly, as for a function of known ULP: `value` is the
 * exact result, `relative` the error of the machine's function at the machine's operand.
 */
export function afterRelative(
  value: number,
  propagated: number,
  relative: number,
  underflows = 1,
): number {
  // An infinity that no finite error can undo stays one, and NaN stays NaN.
  if (!Number.isFinite(value)) return propagated === Infinity ? Infinity : 0;
  const magnitude = Math.abs(value) + propagated;
  const error = propagated + relative * magnitude + underflows * UNDERFLOW;
  const mayOverflow = !(magnitude + error <= LARGEST); // true for 0·∞ = NaN as well
  return mayOverflow ? Infinity : error * FLOAT64_SLACK;
}

/** Widens `error` where the machine may flush a result below the smallest normal to zero. */
export function orFlushed(value: number, error: number): number {
  const mayFlush = Math.abs(value) - error < SMALLEST_NORMAL;
  return mayFlush ? Math.max(error, Math.abs(value)) : error;
}
