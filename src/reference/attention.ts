/** Scaled dot-product attention: one head, many heads, grouped queries, self and cross. */
import type { Linear } from './linear.ts';
import { linear, matmul, scale } from './linear.ts';
import type { Matrix } from './matrix.ts';
import { joinCols, requireFit, sliceCols, transpose } from './matrix.ts';
import type { Rotary } from './rotary.ts';
import { rotate } from './rotary.ts';
import type { Mask } from './softmax.ts';
import { softmax } from './softmax.ts';

/** How many heads, and what each may see. */
export interface Heads extends Mask {
  readonly heads: number;
  /** Key and value heads, each shared by heads / kvHeads query heads; `heads` when left out. */
  readonly kvHeads?: number;
  /** Factor on q·kᵀ; 1/√headSize when left out. */
  readonly scale?: number;
}

/** The four projections of an attention block. */
export interface AttentionWeights {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
}

/**
 * softmax(scale · q·kᵀ)·v [queries × dv], for q [queries × d], k [keys × d], v [keys × dv].
 * Source: Vaswani et al. 2017, eq. 1.
 */
export function attention(
  q: Matrix,
  k: Matrix,
  v: Matrix,
  mask: Mask = {},
  factor = 1 / Math.sqrt(q.cols),
): Matrix {
  requireFit(q.cols === k.cols, 'attention q and k', q, k);
  requireFit(k.rows === v.rows, 'attention k and v', k, v);
  const scores = scale(matmul(q, transpose(k)), factor); // [queries × keys]
  return matmul(softmax(scores, mask), v);
}

/**
 * The heads side by side [queries × heads·dv]: query head h attends with key head h ÷ group.
 * q [queries × heads·d], k [keys × kvHeads·d], v [keys × kvHeads·dv].
 * Source: Vaswani et al. 2017, §3.2.2; grouped queries: Ainslie et al. 2023, §2.2.
 * @throws RangeError when heads do not divide the columns, or kvHeads the heads.
 */
export function multiHeadAttention(q: Matrix, k: Matrix, v: Matrix, options: Heads): Matrix {
  const { heads, kvHeads = heads } = options;
  const group = heads / kvHeads;
  if (!Number.isInteger(group)) throw new RangeError(`${heads} heads over ${kvHeads} key heads`);
  const parts = Array.from({ length: heads }, (_, h) => {
    const kv = Math.floor(h / group);
    return attention(
      sliceHead(q, h, heads), // [queries × d]
      sliceHead(k, kv, kvHeads), // [keys × d]
      sliceHead(v, kv, kvHeads), // [keys × dv]
      options,
      options.scale,
    );
  });
  return joinCols(parts);
}

/** Columns of head `index` of `heads` heads [rows × cols/heads]. */
function sliceHead(m: Matrix, index: number, heads: number): Matrix {
  const size = m.cols / heads;
  if (!Number.isInteger(size)) throw new RangeError(`${m.cols} columns in ${heads} heads`);
  return sliceCols(m, index * size, (index + 1) * size);
}

/**
 * Projections, heads, output projection: x [n × d] looks at itself.
 * With `rotary`, queries and keys are turned by their positions before they meet.
 */
export function selfAttention(
  x: Matrix,
  weights: AttentionWeights,
  options: Heads,
  rotary?: Rotary,
): Matrix {
  const turn = (m: Matrix) => (rotary ? rotate(m, rotary) : m);
  const q = turn(linear(x, weights.query)); // [n × heads·d]
  const k = turn(linear(x, weights.key)); // [n × kvHeads·d]
  const v = linear(x, weights.value); // [n × kvHeads·dv]
  return linear(multiHeadAttention(q, k, v, options), weights.output);
}

/** Queries from x [n × d], keys and values from the encoder's memory [m × d]: [n × d]. */
export function crossAttention(
  x: Matrix,
  memory: Matrix,
  weights: AttentionWeights,
  options: Heads,
): Matrix {
  const q = linear(x, weights.query); // [n × heads·d]
  const k = linear(memory, weights.key); // [m × kvHeads·d]
  const v = linear(memory, weights.value); // [m × kvHeads·dv]
  return linear(multiHeadAttention(q, k, v, options), weights.output);
}
