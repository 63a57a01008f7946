/** Attention, and what belongs to it: rotary positions and caches. */
import type { Dim } from '../../model/graph.ts';
import { rowsFrom } from './movement.ts';
import type { Call, Operations } from './operation.ts';
import { softmaxRow } from './rows.ts';
import type { RefTensor } from './tensor.ts';
import { tensor } from './tensor.ts';

/** The pairs of columns of one head that turn together, from a head's first column. */
function pairsOf(half: number, interleaved: boolean): (readonly [number, number])[] {
  return Array.from({ length: half }, (_, j) => (interleaved ? [2 * j, 2 * j + 1] : [j, j + half]));
}

/** (a, b) ← (a cos − b sin, b cos + a sin) for each pair of each head. Source: Su et al. 2021, §3.4.2. */
function rope([x, cos, sin]: readonly RefTensor[], { attributes, length }: Call): RefTensor {
  const [rows, width] = x.shape;
  const head = width / (attributes.heads as number);
  const half = cos.shape[1];
  const pairs = pairsOf(half, attributes.interleaved as boolean);
  const start = length(attributes.start as Dim);
  const [c, s] = [rowsFrom(cos, start, rows).data, rowsFrom(sin, start, rows).data];
  const y = tensor(x.shape, x.data.slice()); // columns behind those that turn stay
  for (let first = 0; first < x.data.length; first += head) {
    const angle = Math.floor(first / width) * half;
    pairs.forEach(([a, b], j) => {
      const [left, right] = [x.data[first + a], x.data[first + b]];
      y.data[first + a] = left * c[angle + j] - right * s[angle + j];
      y.data[first + b] = right * c[angle + j] + left * s[angle + j];
    });
  }
  return y;
}

/** The numbers of one use of attention; the operands are matrices. */
interface Scene {
  readonly q: RefTensor; // rows × heads·width
  readonly k: RefTensor; // columns × kv_heads·width
  readonly v: RefTensor; // columns × kv_heads·depth
  readonly mask: RefTensor | undefined;
  readonly relative: RefTensor | undefined;
  readonly heads: number;
  readonly kvHeads: number;
  readonly scale: number;
  readonly causal: boolean;
  readonly centre: number;
}

/** Row i of a head's scores, scale · q kᵀ + mask + bias, for the columns that it sees. */
function scoresOf(scene: Scene, head: number, i: number): Float64Array {
  const { q, k, mask, relative, heads, kvHeads, scale, centre } = scene;
  const [[rows, wide], [columns, keys]] = [q.shape, k.shape];
  const width = wide / heads;
  // The last row stands at the last column, in a pass behind a cache too.
  const stands = i + columns - rows;
  const scores = new Float64Array(scene.causal ? Math.max(0, stands + 1) : columns);
  const query = q.data.subarray(i * wide + head * width, i * wide + (head + 1) * width);
  const firstKey = Math.floor((head * kvHeads) / heads) * width;
  for (let j = 0; j < scores.length; j++) {
    scores[j] = scale * dot(query, k.data, j * keys + firstKey);
    if (mask) scores[j] += mask.data[mask.shape[0] === 1 ? j : i * columns + j];
    if (relative) scores[j] += distanceBias(relative, head, centre + j - stands);
  }
  return scores;
}

/** Σ a[l] · b[from + l]. */
function dot(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0;
  for (let l = 0; l < a.length; l++) sum += a[l] * b[from + l];
  return sum;
}

/** Element `at` of a head's row of biases. */
function distanceBias(relative: RefTensor, head: number, at: number): number {
  const [, distances] = relative.shape;
  if (at >= 0 && at < distances) return relative.data[head * distances + at];
  throw new RangeError(`distance ${at} of ${distances}`);
}

/**
 * softmax(scores) · v, head beside head [rows × heads·depth]; zeros where a row sees nothing.
 * Sources: Vaswani et al. 2017, eq. 1; key heads that serve several: Ainslie et al. 2023, §2.2.
 */
function attend(scene: Scene): RefTensor {
  const { q, v, heads, kvHeads } = scene;
  const [rows, values] = [q.shape[0], v.shape[1]];
  const depth = values / kvHeads;
  const y = tensor([rows, heads * depth]);
  for (let i = 0; i < rows; i++) {
    for (let head = 0; head < heads; head++) {
      const weights = softmaxRow(scoresOf(scene, head, i));
      const out = y.data.subarray((i * heads + head) * depth, (i * heads + head + 1) * depth);
      const first = Math.floor((head * kvHeads) / heads) * depth;
      weights.forEach((weight, j) => addScaled(out, weight, v.data, j * values + first));
    }
  }
  return y;
}

/** out[l] += factor · x[from + l]. */
function addScaled(out: Float64Array, factor: number, x: Float64Array, from: number): void {
  for (let l = 0; l < out.length; l++) out[l] += factor * x[from + l];
}

export const ATTENTION: Operations = {
  rope: (operands, call) => [rope(operands as readonly RefTensor[], call)],

  append([x], { attributes, length, state }) {
    const cache = state(attributes.state as string);
    const [capacity, width] = cache.shape;
    const start = length(attributes.start as Dim);
    const end = start + x!.shape[0];
    if (x!.shape[1] !== width || end > capacity) {
      throw new RangeError(`rows ${start} to ${end - 1} of a state ${cache.shape.join('×')}`);
    }
    cache.data.set(x!.data, start * width);
    return [rowsFrom(cache, 0, length(attributes.count as Dim))];
  },

  recall(_, { attributes, length, state }) {
    return [rowsFrom(state(attributes.state as string), 0, length(attributes.count as Dim))];
  },

  attention([q, k, v, mask, relative], { attributes }) {
    const { heads, kv_heads: kvHeads, scale, centre } = attributes as Record<string, number>;
    const causal = attributes.causal as boolean;
    const matrices = { q: q!, k: k!, v: v!, mask, relative };
    return [attend({ ...matrices, heads, kvHeads, scale, centre, causal })];
  },
};
