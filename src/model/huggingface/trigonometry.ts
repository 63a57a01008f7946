/** sin and cos in float64 with + − × only, for tables that must be the same on every host. */
import { horner } from '../../tensor/double.ts';

/** fdlibm `e_rem_pio2.c` (Sun, 1993): 2/π, and π/2 as two parts of 33 bits and the rest. */
const TWO_OVER_PI = 6.36619772367581382433e-1;
const HALF_PI_HIGH = 1.57079632673412561417;
const HALF_PI_MIDDLE = 6.0771005063039659766e-11;
const HALF_PI_LOW = 2.02226624879595063154e-21;

/** fdlibm `k_sin.c`, of r² and for |r| ≤ π/4: sin r = r + r³ · P(r²); high power first. */
const SIN = [
  1.58969099521155010221e-10, -2.50507602534068634195e-8, 2.75573137070700676789e-6,
  -1.98412698298579493134e-4, 8.33333333332248946124e-3, -1.66666666666666324348e-1,
];

/** fdlibm `k_cos.c`: cos r = 1 − r²/2 + r⁴ · P(r²); high power first. */
const COS = [
  -1.13596475577881948265e-11, 2.0875723212981748279e-9, -2.75573143513906633035e-7,
  2.48015872894767294178e-5, -1.38888888888741095749e-3, 4.16666666666666019037e-2,
];

/** Up to here n · HALF_PI_HIGH is exact: n has at most 20 bits. */
export const MAX_ANGLE = 2 ** 20;

/**
 * sin x and cos x, each within 2⁻⁵² of the true value, for |x| ≤ MAX_ANGLE.
 *
 * x = n π/2 + r with |r| ≤ π/4 (Cody and Waite), then the quadrant n mod 4 says which is which.
 */
export function sinCos(x: number): { readonly sin: number; readonly cos: number } {
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  const r = x - n * HALF_PI_HIGH - n * HALF_PI_MIDDLE - n * HALF_PI_LOW;
  const square = r * r;
  const sin = r + r * square * horner(SIN, square);
  const cos = 1 - square / 2 + square * square * horner(COS, square);
  switch (((n % 4) + 4) % 4) {
    case 0:
      return { sin, cos };
    case 1:
      return { sin: cos, cos: -sin };
    case 2:
      return { sin: -sin, cos: -cos };
    default:
      return { sin: -cos, cos: sin };
  }
}
