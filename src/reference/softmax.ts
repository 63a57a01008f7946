/** Row-wise softmax, with the two masks that attention needs. */
import type { Matrix } from './matrix.ts';
import { zeros } from './matrix.ts';

/** Which columns a row may see; without a field, no limit of that kind. */
export interface Mask {
  /** Row i sees only columns j ≤ i + causalOffset: the number of earlier keys, 0 for none. */
  readonly causalOffset?: number;
  /** Only columns j < keyLength exist; the rest is padding. */
  readonly keyLength?: number;
}

/** How many columns, counted from the left, row i of a matrix of `cols` columns may see. */
export function visibleCols(i: number, cols: number, mask: Mask): number {
  const causal = mask.causalOffset === undefined ? cols : i + mask.causalOffset + 1;
  return Math.max(0, Math.min(cols, causal, mask.keyLength ?? cols));
}

/**
 * e^(x − max) / Σ e^(x − max) along each row of x [m × n]; hidden columns give 0.
 * A row that sees nothing, or nothing but −∞, gives zeros.
 * Source: Vaswani et al. 2017, §3.2.1; max-subtraction: Blanchard, Higham & Higham 2021.
 */
export function softmax(x: Matrix, mask: Mask = {}): Matrix {
  const out = zeros(x.rows, x.cols);
  for (let i = 0; i < x.rows; i++) {
    const start = i * x.cols;
    const visible = x.data.subarray(start, start + visibleCols(i, x.cols, mask));
    out.data.set(softmaxRow(visible), start);
  }
  return out;
}

function softmaxRow(x: Float64Array): Float64Array {
  const max = x.reduce((a, b) => Math.max(a, b), -Infinity);
  if (max === -Infinity) return new Float64Array(x.length);
  const exponentials = x.map((value) => Math.exp(value - max));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((e) => e / sum);
}
