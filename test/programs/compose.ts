/** Bounds of what programs do in several instructions, composed in the order of those instructions. */
import type { Matrix } from '../../src/reference/matrix.ts';
import { fromRows, joinCols as joinMatrices } from '../../src/reference/matrix.ts';
import { FUNCTION_ERROR_ULP as ULPS } from '../../src/tensor/functions.ts';
import type { Bounded } from '../support/bounds/index.ts';
import * as b from '../support/bounds/index.ts';

/** A tile of one float32 number. */
export function fill(rows: number, cols: number, value: number): Bounded {
  return b.fromFloat32(rows, cols, new Float32Array(rows * cols).fill(value));
}

/** A tile of one element that FILL rounds to float32. */
export function rounded(value: number): Bounded {
  const error = Math.abs(Math.fround(value) - value);
  return { value: fromRows([[value]]), error: fromRows([[error]]) };
}

/** Rows `start` to `end` (exclusive). */
export function boundedRows(a: Bounded, start: number, end: number): Bounded {
  const slice = (m: Matrix): Matrix => ({
    rows: end - start,
    cols: m.cols,
    data: m.data.slice(start * m.cols, end * m.cols),
  });
  return { value: slice(a.value), error: slice(a.error) };
}

/** Tiles stored side by side. */
export function joinCols(parts: readonly Bounded[]): Bounded {
  return {
    value: joinMatrices(parts.map((p) => p.value)),
    error: joinMatrices(parts.map((p) => p.error)),
  };
}

/** x W + b; blocks along the inner dimension are chained with .ACC, which is one long sum. */
export function linear(x: Bounded, weight: Bounded, bias: Bounded): Bounded {
  return b.add(b.matmul(x, weight), bias);
}

/** The weights of one head: softmax(q kᵀ / √d) with a causal mask. */
export function attentionWeights(q: Bounded, k: Bounded, causalOffset: number): Bounded {
  const scores = b.matmul(q, b.transpose(k));
  return b.softmax(scores, ULPS, 1 / Math.sqrt(q.value.cols), { causalOffset });
}

/** The heads of `attentionWeights(…) v` side by side, and the weights of each. */
export function heads(q: Bounded, k: Bounded, v: Bounded, count: number, causalOffset: number) {
  const size = q.value.cols / count;
  const slice = (a: Bounded, h: number) => b.boundedCols(a, h * size, (h + 1) * size);
  const weights = Array.from({ length: count }, (_, h) =>
    attentionWeights(slice(q, h), slice(k, h), causalOffset),
  );
  return { weights, joined: joinCols(weights.map((p, h) => b.matmul(p, slice(v, h)))) };
}

/** Columns of the blocks in which programs walk along rows wider than a tile. */
const TILE = 16;

/**
 * Layer norm of rows wider than a tile, as transformer-layer and adder-attention do it: the sums
 * for mean and variance grow block by block, and 1/n is a factor.
 */
export function blockedLayerNorm(x: Bounded, gain: Bounded, bias: Bounded): Bounded {
  const { rows, cols } = x.value;
  const total = (parts: readonly Bounded[]) =>
    parts.reduce((sum, part) => b.add(sum, b.rowSum(part)), fill(rows, 1, 0));
  const share = rounded(1 / cols);
  const mean = b.mul(total(blocks(x)), share);
  const centred = blocks(x).map((part) => b.sub(part, mean));
  const variance = b.mul(total(centred.map((d) => b.mul(d, d))), share);
  const scale = b.rsqrt(b.add(variance, rounded(1e-5)), ULPS);
  const [gains, biases] = [blocks(gain), blocks(bias)];
  return joinCols(centred.map((d, i) => b.add(b.mul(b.mul(d, scale), gains[i]), biases[i])));
}

/** Rows cut into blocks of TILE columns; the last may be narrower. */
function blocks(a: Bounded): Bounded[] {
  const { cols } = a.value;
  return Array.from({ length: Math.ceil(cols / TILE) }, (_, i) =>
    b.boundedCols(a, i * TILE, Math.min((i + 1) * TILE, cols)),
  );
}
