/** Operators that move elements without computing. */
import type { Dim } from '../../model/graph.ts';
import type { Operations } from './operation.ts';
import type { RefTensor } from './tensor.ts';
import {
  axisOf,
  broadcastShape,
  broadcastTo,
  elementsOf,
  pick,
  places,
  stridesOf,
  tensor,
} from './tensor.ts';

/** Rows `start` … `start + count` of x, a row being all that its first index leaves open. */
export function rowsFrom(x: RefTensor, start: number, count: number): RefTensor {
  if (start < 0 || start + count > x.shape[0]) {
    throw new RangeError(`rows ${start} to ${start + count - 1} of ${x.shape[0]}`);
  }
  const rest = x.shape.slice(1);
  const width = elementsOf(rest);
  return tensor([count, ...rest], x.data.slice(start * width, (start + count) * width));
}

export const MOVEMENT: Operations = {
  reshape: ([x], { attributes }) => [tensor(attributes.shape as readonly number[], x!.data)],

  transpose([x], { attributes }) {
    const perm = attributes.perm as readonly number[];
    const strides = stridesOf(x!.shape);
    const shape = perm.map((axis) => x!.shape[axis]);
    const from = places(
      shape,
      perm.map((axis) => strides[axis]),
    );
    return [pick(x!, shape, from)];
  },

  slice([x], { attributes }) {
    const { starts, counts, steps } = attributes as Record<string, readonly number[]>;
    const strides = stridesOf(x!.shape);
    const first = starts.reduce((total, start, axis) => total + start * strides[axis], 0);
    const from = places(
      counts,
      strides.map((stride, axis) => stride * steps[axis]),
      first,
    );
    return [pick(x!, counts, from)];
  },

  concat(operands, { attributes }) {
    const parts = operands as readonly RefTensor[];
    const { shape } = parts[0];
    const axis = axisOf(attributes.axis as number, shape.length);
    const lengths = parts.map((part) => part.shape[axis]);
    const y = tensor(
      shape.with(
        axis,
        lengths.reduce((a, b) => a + b, 0),
      ),
    );
    const strides = stridesOf(y.shape);
    let start = 0;
    parts.forEach((part, i) => {
      const to = places(part.shape, strides, start);
      part.data.forEach((value, from) => (y.data[to[from]] = value));
      start += lengths[i] * strides[axis];
    });
    return [y];
  },

  expand([x], { attributes }) {
    const shape = broadcastShape([x!.shape, attributes.shape as readonly number[]]);
    return [broadcastTo(x!, shape)];
  },

  gather([x, indices], { attributes }) {
    const axis = axisOf(attributes.axis as number, x!.shape.length);
    const [before, after] = [x!.shape.slice(0, axis), x!.shape.slice(axis + 1)];
    const [length, width] = [x!.shape[axis], elementsOf(after)];
    const y = tensor([...before, ...indices!.shape, ...after]);
    for (let outer = 0, to = 0; outer < elementsOf(before); outer++) {
      for (const index of indices!.data) {
        if (index < 0 || index >= length) throw new RangeError(`index ${index} of ${length}`);
        const from = (outer * length + index) * width;
        y.data.set(x!.data.subarray(from, from + width), to);
        to += width;
      }
    }
    return [y];
  },

  window([table], { attributes, length }) {
    const start = length(attributes.start as Dim) + (attributes.offset as number);
    return [rowsFrom(table!, start, length(attributes.count as Dim))];
  },

  last: ([x]) => [rowsFrom(x!, x!.shape[0] - 1, 1)],
};
