/** Operators on rows: a row is the last dimension. */
import type { Dim } from '../graph.ts';
import { showType } from '../graph.ts';
import type { Operator } from './operator.ts';
import { defineOperator } from './operator.ts';
import { axisOf, f32, need, needShape } from './shapes.ts';

const X = { name: 'x', doc: '… × width' };
const EPS = { kind: 'number', default: 1e-5, doc: 'added to the mean square' } as const;

const reduction = (name: string, doc: string): Operator =>
  defineOperator({
    name,
    group: 'rows',
    doc,
    inputs: [X],
    attributes: {
      axes: { kind: 'integers', doc: 'axes that are reduced; −1 is the last' },
      keep: { kind: 'flag', default: true, doc: 'keep them, of length 1' },
    },
    outputs: ['y'],
    infer([x], { axes, keep }) {
      const { shape, dtype } = x!;
      const reduced = new Set((axes as readonly number[]).map((a) => axisOf(a, shape.length)));
      const dims = shape.flatMap((dim: Dim, i) => {
        if (!reduced.has(i)) return [dim];
        return keep === true ? [1] : [];
      });
      return [{ dtype, shape: dims }];
    },
  });

export const ROWS: readonly Operator[] = [
  defineOperator({
    name: 'softmax',
    group: 'rows',
    doc: 'e^(x − max) / Σ e^(x − max) along each row; a row of −∞ gives zeros',
    inputs: [X],
    outputs: ['y'],
    infer: ([x]) => [f32(x!.shape)],
  }),
  defineOperator({
    name: 'log_softmax',
    group: 'rows',
    doc: 'x − max − log Σ e^(x − max) along each row',
    inputs: [X],
    outputs: ['y'],
    infer: ([x]) => [f32(x!.shape)],
  }),
  defineOperator({
    name: 'layer_norm',
    group: 'rows',
    doc: '(x − mean) / √(variance + eps) · gain + bias along each row (Ba et al., 2016)',
    inputs: [
      X,
      { name: 'gain', optional: true, doc: 'width' },
      { name: 'bias', optional: true, doc: 'width' },
    ],
    attributes: { eps: EPS },
    outputs: ['y'],
    infer([x, gain, bias]) {
      const width = x!.shape.at(-1);
      need(width !== undefined, `x is ${showType(x!)}`);
      needShape(gain, [width], 'gain');
      needShape(bias, [width], 'bias');
      return [f32(x!.shape)];
    },
  }),
  defineOperator({
    name: 'rms_norm',
    group: 'rows',
    doc: 'x / √(mean of x² + eps) · gain along each row (Zhang and Sennrich, 2019)',
    inputs: [X, { name: 'gain', optional: true, doc: 'width' }],
    attributes: { eps: EPS },
    outputs: ['y'],
    infer([x, gain]) {
      needShape(gain, [x!.shape.at(-1)!], 'gain');
      return [f32(x!.shape)];
    },
  }),
  reduction('reduce_sum', 'sum along axes'),
  reduction('reduce_mean', 'mean along axes'),
  reduction('reduce_max', 'maximum along axes'),
  defineOperator({
    name: 'argmax',
    group: 'rows',
    doc: 'the column of the largest element of each row; the first of equal ones',
    inputs: [X],
    outputs: ['y'],
    infer: ([x]) => [{ dtype: 'i32', shape: x!.shape.slice(0, -1) }],
  }),
];
