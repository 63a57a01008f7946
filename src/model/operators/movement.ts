/** Operators that move elements without computing. */
import type { Dim, TensorType } from '../graph.ts';
import { showType } from '../graph.ts';
import type { Operator } from './operator.ts';
import { defineOperator } from './operator.ts';
import { axisOf, broadcast, need, product } from './shapes.ts';

const X = { name: 'x', doc: 'the operand' };

export const MOVEMENT: readonly Operator[] = [
  defineOperator({
    name: 'reshape',
    group: 'movement',
    doc: 'the same elements in the same order under another shape',
    inputs: [X],
    attributes: { shape: { kind: 'integers', doc: 'the new dimensions' } },
    outputs: ['y'],
    infer([x], { shape }) {
      const dims = shape as readonly number[];
      need(
        product(x!.shape) === product(dims),
        `${showType(x!)} cannot become ${dims.join('×')}`,
        'the numbers of elements must be equal',
      );
      return [{ dtype: x!.dtype, shape: dims }];
    },
  }),
  defineOperator({
    name: 'transpose',
    group: 'movement',
    doc: 'dimension i of y is dimension perm[i] of x',
    inputs: [X],
    attributes: { perm: { kind: 'integers', doc: 'each axis of x once' } },
    outputs: ['y'],
    infer([x], { perm }) {
      const axes = perm as readonly number[];
      const { shape } = x!;
      const sorted = axes.toSorted((a, b) => a - b);
      need(
        axes.length === shape.length && sorted.every((axis, i) => axis === i),
        `perm [${axes.join(', ')}] for ${showType(x!)}`,
        'it must name each axis once',
      );
      return [{ dtype: x!.dtype, shape: axes.map((axis) => shape[axis]!) }];
    },
  }),
  defineOperator({
    name: 'slice',
    group: 'movement',
    doc: 'along each axis count elements from start, step apart; a step may be negative',
    inputs: [X],
    attributes: {
      starts: { kind: 'integers', doc: 'the first element of each axis' },
      counts: { kind: 'integers', doc: 'how many elements of each axis' },
      steps: { kind: 'integers', doc: 'the distance of two elements of each axis' },
    },
    outputs: ['y'],
    infer([x], attributes) {
      const { starts, counts, steps } = attributes as Record<string, readonly number[]>;
      x!.shape.forEach((dim, axis) => {
        const [start, count, step] = [starts![axis]!, counts![axis]!, steps![axis]!];
        const last = start + (count - 1) * step;
        const inside = (i: number) => typeof dim === 'number' && i >= 0 && i < dim;
        need(
          count === 0 || (count > 0 && inside(start) && inside(last)),
          `elements ${start} to ${last} of axis ${axis} of ${showType(x!)}`,
        );
      });
      need(counts!.length === x!.shape.length, `${counts!.length} counts for ${showType(x!)}`);
      return [{ dtype: x!.dtype, shape: counts! }];
    },
  }),
  defineOperator({
    name: 'concat',
    group: 'movement',
    doc: 'the operands one behind the other along an axis',
    inputs: [{ name: 'x', repeated: true, doc: 'tensors that differ along the axis only' }],
    attributes: { axis: { kind: 'integer', doc: 'the axis; −1 is the last' } },
    outputs: ['y'],
    infer(inputs, attributes) {
      const types = inputs as readonly TensorType[];
      const [first] = types;
      const axis = axisOf(attributes.axis as number, first!.shape.length);
      let length = 0;
      for (const type of types) {
        const fits =
          type.dtype === first!.dtype &&
          type.shape.length === first!.shape.length &&
          type.shape.every((dim, i) => i === axis || dim === first!.shape[i]);
        need(fits, `${showType(first!)} and ${showType(type)} along axis ${axis}`);
        length += product([type.shape[axis]!]);
      }
      return [{ dtype: first!.dtype, shape: first!.shape.with(axis, length) }];
    },
  }),
  defineOperator({
    name: 'expand',
    group: 'movement',
    doc: 'x repeated along axes of length 1, as NumPy broadcasts',
    inputs: [X],
    attributes: { shape: { kind: 'integers', doc: 'the dimensions to broadcast to' } },
    outputs: ['y'],
    infer([x], { shape }) {
      const dims = broadcast([x!, { dtype: x!.dtype, shape: shape as readonly number[] }]);
      return [{ dtype: x!.dtype, shape: dims }];
    },
  }),
  defineOperator({
    name: 'gather',
    group: 'movement',
    doc: 'the slices of x along an axis that the indices name; a table of embeddings, by token',
    inputs: [X, { name: 'indices', doc: 'i32, each inside the axis' }],
    attributes: { axis: { kind: 'integer', default: 0, doc: 'the axis; −1 is the last' } },
    outputs: ['y'],
    infer([x, indices], attributes) {
      const axis = axisOf(attributes.axis as number, x!.shape.length);
      need(indices!.dtype === 'i32', `indices are ${showType(indices!)}`, 'i32 is needed');
      const { shape } = x!;
      const dims = [...shape.slice(0, axis), ...indices!.shape, ...shape.slice(axis + 1)];
      return [{ dtype: x!.dtype, shape: dims }];
    },
  }),
  defineOperator({
    name: 'window',
    group: 'movement',
    doc: 'rows offset + start … of a table, as many as count; the embeddings of positions',
    inputs: [{ name: 'table', doc: 'rows × width' }],
    attributes: {
      start: { kind: 'dim', default: 0, doc: 'a number or `position`' },
      count: { kind: 'dim', doc: 'a number, `rows` or `source`' },
      offset: { kind: 'integer', default: 0, doc: 'added to start' },
    },
    outputs: ['y'],
    infer: ([table], { count }) => [
      { dtype: table!.dtype, shape: [count as Dim, ...table!.shape.slice(1)] },
    ],
  }),
  defineOperator({
    name: 'last',
    group: 'movement',
    doc: 'the last row of x, as a matrix of one row',
    inputs: [X],
    outputs: ['y'],
    infer: ([x]) => [{ dtype: x!.dtype, shape: [1, ...x!.shape.slice(1)] }],
  }),
];
