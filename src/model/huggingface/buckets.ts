/** T5's relative positions: distances fall into buckets, and each bucket has a bias per head. */
import { log64 } from '../../tensor/double.ts';
import type { HostTensor } from '../../tensor/host-tensor.ts';

const f = Math.fround;

export interface Buckets {
  readonly count: number;
  /** From this distance on, all fall into the last bucket. */
  readonly maxDistance: number;
  /** Half of the buckets are for columns behind the row; else such columns count as distance 0. */
  readonly bidirectional: boolean;
}

/**
 * The bucket of a distance, column − row: one each for the near half, then logarithmic.
 *
 * Source: `T5Attention._relative_position_bucket` of transformers. Its float32 logarithm is followed
 * step by step, because at powers of two the quotient lies on the border of two buckets.
 */
export function bucketOf(distance: number, buckets: Buckets): number {
  const { count, maxDistance, bidirectional } = buckets;
  const available = bidirectional ? Math.floor(count / 2) : count;
  const first = bidirectional && distance > 0 ? available : 0;
  const far = bidirectional ? Math.abs(distance) : Math.max(-distance, 0);
  const exact = Math.floor(available / 2);
  if (far < exact) return first + far;
  const share = f(f(log64(f(far / exact))) / f(log64(maxDistance / exact)));
  const step = Math.trunc(f(share * (available - exact)));
  return first + Math.min(exact + step, available - 1);
}

/**
 * The bias of every distance from −(length − 1) to length − 1, [heads × 2·length − 1], out of the
 * biases of buckets, [buckets × heads]; distance 0 stands in column length − 1.
 */
export function biasTable(biases: HostTensor, length: number, buckets: Buckets): HostTensor {
  const heads = biases.shape[1]!;
  const distances = 2 * length - 1;
  const data = new Float32Array(heads * distances);
  for (let column = 0; column < distances; column++) {
    const bucket = bucketOf(column - (length - 1), buckets);
    for (let head = 0; head < heads; head++) {
      data[head * distances + column] = biases.data[bucket * heads + head]!;
    }
  }
  return { dtype: 'f32', shape: [heads, distances], data };
}
