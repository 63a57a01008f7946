/** Products, sums and table look-ups: the linear half of a network. */
import type { Matrix } from './matrix.ts';
import { joinRows, mapElements, requireFit, row, zeros, zipElements } from './matrix.ts';

/** An affine map x ↦ x·weight + bias: weight [in × out], bias [1 × out] or none. */
export interface Linear {
  readonly weight: Matrix;
  readonly bias?: Matrix;
}

/**
 * a·b [m × n] for a [m × k] and b [k × n].
 * @throws RangeError when the inner sizes differ.
 */
export function matmul(a: Matrix, b: Matrix): Matrix {
  requireFit(a.cols === b.rows, 'matmul', a, b);
  const out = zeros(a.rows, b.cols);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.cols; k++) {
      const x = a.data[i * a.cols + k];
      for (let j = 0; j < b.cols; j++) {
        out.data[i * b.cols + j] += x * b.data[k * b.cols + j];
      }
    }
  }
  return out;
}

/** a + b, elementwise, for a residual connection: both [m × n]. */
export function add(a: Matrix, b: Matrix): Matrix {
  return zipElements('add', a, b, (x, y) => x + y);
}

/** a ⊙ b, elementwise: both [m × n]. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  return zipElements('multiply', a, b, (x, y) => x * y);
}

/** factor · a. */
export function scale(a: Matrix, factor: number): Matrix {
  return mapElements(a, (x) => x * factor);
}

/**
 * x + bias, the 1 × n bias being added to every row of x [m × n].
 * @throws RangeError when the bias is not one row of x's width.
 */
export function addBias(x: Matrix, bias: Matrix): Matrix {
  requireFit(bias.rows === 1 && bias.cols === x.cols, 'addBias', x, bias);
  return { ...x, data: x.data.map((value, i) => value + bias.data[i % x.cols]) };
}

/** x·W + b [m × out] for x [m × in]. */
export function linear(x: Matrix, { weight, bias }: Linear): Matrix {
  const product = matmul(x, weight);
  return bias ? addBias(product, bias) : product;
}

/**
 * The rows of a table [vocabulary × d] that the ids name [ids.length × d].
 * @throws RangeError for an id outside the table.
 */
export function embed(table: Matrix, ids: readonly number[]): Matrix {
  return joinRows(ids.map((id) => row(table, id)));
}

/**
 * Token plus learned position embeddings [ids.length × d]; the first id stands at `firstPosition`.
 * Source: Radford et al. 2018, §3.1, h₀ = U·Wₑ + Wₚ.
 */
export function embedWithPositions(
  tokens: Matrix,
  positions: Matrix,
  ids: readonly number[],
  firstPosition = 0,
): Matrix {
  const places = ids.map((_, i) => firstPosition + i);
  return add(embed(tokens, ids), embed(positions, places));
}
