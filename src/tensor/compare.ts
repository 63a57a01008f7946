/** How far apart two float32 numbers are, and where two arrays first differ. */

const FLOAT = new Float32Array(1);
const BITS = new Int32Array(FLOAT.buffer);

/** The place of a float32 on the line of all of them: −0 and +0 share 0, neighbours differ by 1. */
function place(value: number): number {
  FLOAT[0] = value;
  const bits = BITS[0];
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}

/**
 * The number of float32 steps from `a` to `b`, both first rounded to float32.
 *
 * +0 and −0 are 0 apart, the largest finite number and ∞ 1; NaN is 0 from NaN and ∞ from all else.
 */
export function ulpDistance(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  return Math.abs(place(a) - place(b));
}

/**
 * The first index at which `a` and `b` differ, or −1.
 *
 * Two numbers agree when equal (∞ = ∞, +0 = −0) or when |a − b| ≤ `tolerance`; NaN agrees with NaN
 * only. When one array is a prefix of the other, they differ where the shorter one ends.
 */
export function firstDifference(
  a: Float32Array | Int32Array,
  b: Float32Array | Int32Array,
  tolerance: number,
): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (!agree(a[i], b[i], tolerance)) return i;
  }
  return a.length === b.length ? -1 : length;
}

function agree(x: number, y: number, tolerance: number): boolean {
  if (x === y) return true;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y);
  return Math.abs(x - y) <= tolerance;
}
