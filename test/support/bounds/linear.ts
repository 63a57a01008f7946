/** Bounds of MATMUL, TRANSPOSE and ROPE. */
import * as exact from '../../../src/reference/matrix.ts';
import { requireFit, zeros } from '../../../src/reference/matrix.ts';
import type { Bounded } from './bounded.ts';
import { boundedCols } from './bounded.ts';
import { add, mul, product, sub } from './elementwise.ts';
import { afterRoundings } from './rounding.ts';

/**
 * a·b, or c + a·b: each element starts at +0 or at the accumulator and takes the products in order
 * of k, each product rounded, then each sum. The bound runs along with the sum.
 * Source: Higham, §3.3, algorithm 3.2, with underflow and inexact operands added.
 */
export function matmul(a: Bounded, b: Bounded, c?: Bounded): Bounded {
  requireFit(a.value.cols === b.value.rows, 'matmul', a.value, b.value);
  const [rows, depth, cols] = [a.value.rows, a.value.cols, b.value.cols];
  if (c) {
    const fits = c.value.rows === rows && c.value.cols === cols;
    requireFit(fits, 'matmul accumulator', c.value, b.value);
  }
  const value = zeros(rows, cols);
  const error = zeros(rows, cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const at = i * cols + j;
      let sum = c?.value.data[at] ?? 0;
      let bound = c?.error.data[at] ?? 0;
      for (let k = 0; k < depth; k++) {
        const [p, q] = [i * depth + k, k * cols + j];
        const [x, y] = [a.value.data[p], b.value.data[q]];
        const moved = product(x, a.error.data[p], y, b.error.data[q]);
        const ofProduct = afterRoundings(x * y, moved);
        sum += x * y;
        bound = afterRoundings(sum, bound + ofProduct);
      }
      value.data[at] = sum;
      error.data[at] = bound;
    }
  }
  return { value, error };
}

/** aᵀ. It rounds nothing. */
export function transpose(a: Bounded): Bounded {
  return { value: exact.transpose(a.value), error: exact.transpose(a.error) };
}

/**
 * Half-split rotation of x [n × 2·half] by given cosines and sines [n × half]: the first half
 * becomes x₁·cos − x₂·sin, the second x₂·cos + x₁·sin; two products and one sum, each rounded.
 */
export function rope(x: Bounded, cos: Bounded, sin: Bounded): Bounded {
  const half = cos.value.cols;
  requireFit(x.value.cols === 2 * half, 'rope', x.value, cos.value);
  const first = boundedCols(x, 0, half);
  const second = boundedCols(x, half, 2 * half);
  const left = sub(mul(first, cos), mul(second, sin));
  const right = add(mul(second, cos), mul(first, sin));
  return {
    value: exact.joinCols([left.value, right.value]),
    error: exact.joinCols([left.error, right.error]),
  };
}
