/** Matrix products. */
import type { Dim } from '../graph.ts';
import { showType } from '../graph.ts';
import type { Operator } from './operator.ts';
import { defineOperator } from './operator.ts';
import { asMatrix, broadcast, f32, need, needShape } from './shapes.ts';

export const PRODUCTS: readonly Operator[] = [
  defineOperator({
    name: 'linear',
    group: 'products',
    doc: 'x · w + bias, or x · wᵀ + bias',
    inputs: [
      { name: 'x', doc: 'rows × in' },
      { name: 'w', doc: 'in × out; with `transposed` out × in, as PyTorch keeps it' },
      { name: 'bias', optional: true, doc: 'out' },
    ],
    attributes: { transposed: { kind: 'flag', default: false, doc: 'w is out × in' } },
    outputs: ['y'],
    infer([x, w, bias], { transposed }) {
      const [rows, inner] = asMatrix(x, 'x');
      const [a, b] = asMatrix(w, 'w');
      const [depth, out] = transposed === true ? [b, a] : [a, b];
      need(
        depth === inner,
        `x is ${showType(x!)} and w is ${showType(w!)}: inner dimensions ${inner} and ${depth}`,
        transposed === true ? 'is w in × out? Then leave out transposed' : undefined,
      );
      needShape(bias, [out], 'bias');
      return [f32([rows, out])];
    },
  }),
  defineOperator({
    name: 'matmul',
    group: 'products',
    doc: 'the product of the last two dimensions; those before them broadcast',
    inputs: [
      { name: 'a', doc: '… × m × k' },
      { name: 'b', doc: '… × k × n; with `transposed` … × n × k' },
    ],
    attributes: { transposed: { kind: 'flag', default: false, doc: 'b is … × n × k' } },
    outputs: ['y'],
    infer([a, b], { transposed }) {
      need(a!.shape.length >= 2 && b!.shape.length >= 2, `${showType(a!)} · ${showType(b!)}`);
      const [m, k] = a!.shape.slice(-2) as [Dim, Dim];
      const [p, q] = b!.shape.slice(-2) as [Dim, Dim];
      const [depth, n] = transposed === true ? [q, p] : [p, q];
      need(k === depth, `${showType(a!)} · ${showType(b!)}: the inner dimensions differ`);
      const batch = broadcast([f32(a!.shape.slice(0, -2)), f32(b!.shape.slice(0, -2))]);
      return [f32([...batch, m, n])];
    },
  }),
];
