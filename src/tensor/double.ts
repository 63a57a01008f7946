/** exp, erfc and log in float64 with + − × ÷ only: the inside of functions that round to float32 once, at the end. */

/** fdlibm `e_exp.c` (Sun, 1993): ln 2 in two parts, and the Remez coefficients of r · coth(r / 2) − 2. */
export const EXP64 = {
  LOG2_E: 1.442695040888963387,
  LN2_HIGH: 6.9314718036912381649e-1,
  LN2_LOW: 1.90821492927058770002e-10,
  /** High power first. */
  COEFFICIENTS: [
    4.13813679705723846039e-8, -1.6533902205465251539e-6, 6.61375632143793436117e-5,
    -2.77777777770155933842e-3, 1.66666666666666019037e-1,
  ],
  /** Beyond ±LIMIT the result is +∞ or 0: rounded to float32 it would be that long before. */
  LIMIT: 708,
} as const;

const { LOG2_E, LN2_HIGH, LN2_LOW, LIMIT } = EXP64;
const [P5, P4, P3, P2, P1] = EXP64.COEFFICIENTS;
const POWERS_LIMIT = 1022;
const POWERS = powersOfTwo(POWERS_LIMIT);

/** 2^−limit … 2^limit by exact doubling, 2^k at index k + limit; `limit` is at most 1022. */
export function powersOfTwo(limit: number): Float64Array {
  const powers = new Float64Array(2 * limit + 1);
  powers[limit] = 1;
  for (let k = 1; k <= limit; k++) {
    powers[limit + k] = powers[limit + k - 1] * 2;
    powers[limit - k] = powers[limit - k + 1] / 2;
  }
  return powers;
}

/**
 * e^x in float64, relative error below 2⁻⁵²; +∞ above 708, 0 below −708, NaN for NaN.
 *
 * Method of fdlibm: x = n ln 2 + r, then e^r = 1 + 2r / (R(r) − r).
 */
export function exp64(x: number): number {
  if (x > LIMIT) return Infinity;
  if (x < -LIMIT) return 0;
  if (Number.isNaN(x)) return NaN;
  const n = Math.floor(x * LOG2_E + 0.5);
  const high = x - n * LN2_HIGH;
  const low = n * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  return y * POWERS[n + POWERS_LIMIT];
}

/** W. J. Cody, "Rational Chebyshev approximations for the error function" (1969), as in Netlib CALERF; high power first. */
export const ERF64 = {
  NEAR_TOP: [
    1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2,
    3.20937758913846947e3,
  ],
  NEAR_BOTTOM: [
    1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3,
  ],
  MID_TOP: [
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
    2.98635138197400131e2, 8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3,
    1.23033935479799725e3,
  ],
  MID_BOTTOM: [
    1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
    3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
  ],
  FAR_TOP: [
    1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
    1.60837851487422766e-2, 6.58749161529837803e-4,
  ],
  FAR_BOTTOM: [
    1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
    2.33520497626869185e-3,
  ],
  INVERSE_SQRT_PI: 5.6418958354775628695e-1,
  /** Where Cody changes formula. */
  NEAR: 0.46875,
  FAR: 4,
} as const;

const { NEAR, FAR } = ERF64;

/** erf(x) in float64; odd in x, exactly ±1 at ±∞, NaN for NaN. */
export function erf64(x: number): number {
  const size = Math.abs(x);
  if (size > NEAR) return x < 0 ? erfc64(size) - 1 : 1 - erfc64(size);
  const square = x * x;
  return (x * horner(ERF64.NEAR_TOP, square)) / horner(ERF64.NEAR_BOTTOM, square);
}

/** erfc(x) = 1 − erf(x) in float64, small values to full relative precision down to e^−708; NaN for NaN. */
export function erfc64(x: number): number {
  if (!(x > NEAR)) return x < -NEAR ? 2 - erfc64(-x) : 1 - erf64(x);
  if (x <= FAR) return (exp64(-x * x) * horner(ERF64.MID_TOP, x)) / horner(ERF64.MID_BOTTOM, x);
  const z = 1 / (x * x);
  const tail = (z * horner(ERF64.FAR_TOP, z)) / horner(ERF64.FAR_BOTTOM, z);
  return (exp64(-x * x) / x) * (ERF64.INVERSE_SQRT_PI - tail);
}

export const LOG64 = {
  SQRT_HALF: 0.7071067811865476,
  LN2: 0.6931471805599453,
  /** 1/19, 1/17, … 1/3, 1: the first dropped term, 2 s²¹ / 21, is below 10⁻¹⁷ for |s| ≤ 0.172. */
  SERIES: [1 / 19, 1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1],
} as const;

/** A float64 and its upper 32 bits, little-endian as on every host of JavaScript. */
const DOUBLE = new Float64Array(1);
const WORDS = new Int32Array(DOUBLE.buffer);
const EXPONENT_BIAS = 1023;
const MANTISSA_BITS_OF_WORD = 20;

/**
 * ln x for a normal float64 x > 0, relative error below 2⁻⁵⁰; −∞ at 0, +∞ at +∞, NaN below 0 and for NaN.
 *
 * x = m · 2^k with √½ ≤ m < √2, and ln m = 2 atanh((m − 1) / (m + 1)) as its series (Gauss).
 */
export function log64(x: number): number {
  if (!(x > 0 && x < Infinity)) return x === 0 ? -Infinity : x > 0 ? x : NaN;
  DOUBLE[0] = x;
  let k = (WORDS[1] >> MANTISSA_BITS_OF_WORD) - EXPONENT_BIAS;
  WORDS[1] -= k << MANTISSA_BITS_OF_WORD;
  let m = DOUBLE[0];
  if (m >= 2 * LOG64.SQRT_HALF) {
    m /= 2;
    k++;
  }
  const s = (m - 1) / (m + 1);
  return k * LOG64.LN2 + 2 * s * horner(LOG64.SERIES, s * s);
}

/** The polynomial with the given coefficients, highest power first, at x. */
export function horner(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}
