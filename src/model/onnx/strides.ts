/** Views of row-major tensors: where in the data each element of a view is. */
import { elementCount } from '../../tensor/host-tensor.ts';

/** How far apart two neighbours along each axis are. */
export function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}

/** The strides with which a tensor of `from` looks like one of `to`, as NumPy broadcasts. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const strides = rowMajor(from);
  const added = to.length - from.length;
  return to.map((_, axis) =>
    axis < added || from[axis - added] === 1 ? 0 : strides[axis - added],
  );
}

/** The offset of each element of a view, in row-major order of the view. */
export function stridedOffsets(
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): Uint32Array {
  const offsets = new Uint32Array(elementCount(shape));
  const index = shape.map(() => 0);
  let offset = start;
  for (let i = 0; i < offsets.length; i++) {
    offsets[i] = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += strides[axis];
      if (++index[axis] < shape[axis]) break;
      offset -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return offsets;
}
