/** A host tensor: what files hold and graphs name, before it becomes memory of the machine. */

/**
 * A dense row-major tensor of any rank: `shape` is `[]` for a scalar, `data.length` is the product
 * of `shape`, and `data` is a `Float32Array` exactly when `dtype` is `'f32'`.
 */
export interface HostTensor {
  readonly dtype: 'f32' | 'i32';
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** The half-open range `[from, to)` of one dimension. */
export type Range = readonly [from: number, to: number];

/** A stretch of elements that lie side by side in row-major order. */
export interface Run {
  readonly start: number;
  readonly count: number;
}

/** The number of elements of a shape; a scalar, `[]`, has one. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The shape that remains when each dimension is cut to its range. */
export function rangesShape(ranges: readonly Range[]): number[] {
  return ranges.map(([from, to]) => to - from);
}

/**
 * The elements that `ranges` (one per dimension of `shape`, each inside it) selects, as the longest
 * runs there are, in row-major order of the result.
 *
 * The runs are as long as the innermost dimension that is cut allows: rows of a matrix are one run,
 * columns are one run per row.
 */
export function* selectedRuns(shape: readonly number[], ranges: readonly Range[]): Generator<Run> {
  const kept = rangesShape(ranges);
  const total = elementCount(kept);
  if (total === 0) return;
  const cut = kept.findLastIndex((size, axis) => size !== shape[axis]);
  const count = elementCount(kept.slice(Math.max(cut, 0)));
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  for (let run = 0; run * count < total; run++) {
    let start = cut < 0 ? 0 : ranges[cut][0] * strides[cut];
    let rest = run;
    for (let axis = cut - 1; axis >= 0; axis--) {
      start += (ranges[axis][0] + (rest % kept[axis])) * strides[axis];
      rest = Math.floor(rest / kept[axis]);
    }
    yield { start, count };
  }
}

/** The part of a tensor that `ranges` (one per dimension, each inside it) selects, as a copy. */
export function sliceTensor(tensor: HostTensor, ranges: readonly Range[]): HostTensor {
  const shape = rangesShape(ranges);
  const count = elementCount(shape);
  const data = tensor.dtype === 'f32' ? new Float32Array(count) : new Int32Array(count);
  let filled = 0;
  for (const run of selectedRuns(tensor.shape, ranges)) {
    data.set(tensor.data.subarray(run.start, run.start + run.count), filled);
    filled += run.count;
  }
  return { dtype: tensor.dtype, shape, data };
}
