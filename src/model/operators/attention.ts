/** Attention, and what belongs to it: positions and caches. */
import type { Dim } from '../graph.ts';
import { showType } from '../graph.ts';
import type { Operator } from './operator.ts';
import { defineOperator } from './operator.ts';
import { asMatrix, f32, need } from './shapes.ts';

export const ATTENTION: readonly Operator[] = [
  defineOperator({
    name: 'rope',
    group: 'attention',
    doc: 'rotary position embedding of each head (Su et al., 2021): row i is turned by row start + i of the tables',
    inputs: [
      { name: 'x', doc: 'rows × heads·width' },
      { name: 'cos', doc: 'positions × turned/2; the first `turned` columns of a head are turned' },
      { name: 'sin', doc: 'the shape of cos' },
    ],
    attributes: {
      heads: { kind: 'integer', doc: 'heads side by side in x' },
      interleaved: { kind: 'flag', default: false, doc: 'pairs (2j, 2j+1), not (j, j + turned/2)' },
      start: { kind: 'dim', default: 0, doc: 'a number or `position`' },
    },
    outputs: ['y'],
    infer([x, cos, sin], { heads }) {
      const [, width] = asMatrix(x, 'x');
      const [, half] = asMatrix(cos, 'cos');
      need(showType(cos!) === showType(sin!), `cos is ${showType(cos!)}, sin ${showType(sin!)}`);
      const head = width / (heads as number);
      need(
        Number.isInteger(head) && half * 2 <= head,
        `${showType(x!)} with ${String(heads)} heads`,
      );
      return [f32(x!.shape)];
    },
  }),
  defineOperator({
    name: 'append',
    group: 'attention',
    doc: 'writes the rows of x into a state from row start on; y is the state’s rows so far',
    inputs: [{ name: 'x', doc: 'rows × width' }],
    attributes: {
      state: { kind: 'text', doc: 'the state: capacity × width' },
      start: { kind: 'dim', default: 0, doc: 'a number or `position`' },
      count: { kind: 'dim', doc: 'rows of y: `context`, `source` or a number' },
    },
    outputs: ['y'],
    infer([x], { count }) {
      const [, width] = asMatrix(x, 'x');
      return [f32([count as Dim, width])];
    },
  }),
  defineOperator({
    name: 'recall',
    group: 'attention',
    doc: 'the first count rows of a state',
    inputs: [],
    attributes: {
      state: { kind: 'text', doc: 'the state: capacity × width' },
      count: { kind: 'dim', doc: 'a number or `source`' },
      width: { kind: 'integer', doc: 'the width of the state' },
    },
    outputs: ['y'],
    infer: (_, { count, width }) => [f32([count as Dim, width as number])],
  }),
  defineOperator({
    name: 'attention',
    group: 'attention',
    doc: 'softmax(scale · q kᵀ + mask + bias) · v for each head (Vaswani et al., 2017)',
    inputs: [
      { name: 'q', doc: 'rows × heads·width' },
      { name: 'k', doc: 'columns × kv_heads·width' },
      { name: 'v', doc: 'columns × kv_heads·value width' },
      { name: 'mask', optional: true, doc: 'added to the scores: 1 × columns, or rows × columns' },
      {
        name: 'relative',
        optional: true,
        doc: 'heads × distances: element centre + (column − row) of a head’s row is added',
      },
    ],
    attributes: {
      heads: { kind: 'integer', doc: 'heads of q' },
      kv_heads: { kind: 'integer', doc: 'heads of k and v; each serves heads/kv_heads of q' },
      scale: { kind: 'number', doc: 'usually 1/√width' },
      causal: {
        kind: 'flag',
        default: false,
        doc: 'the last row sees all columns, each row above it one less',
      },
      centre: { kind: 'integer', default: 0, doc: 'where in `relative` distance 0 is' },
    },
    outputs: ['y'],
    infer([q, k, v, mask], attributes) {
      const { heads, kv_heads: kvHeads } = attributes as Record<string, number>;
      const [rows, width] = asMatrix(q, 'q');
      const [columns, keys] = asMatrix(k, 'k');
      const [others, values] = asMatrix(v, 'v');
      need(columns === others, `k is ${showType(k!)}, but v is ${showType(v!)}`);
      need(
        Number.isInteger(heads! / kvHeads!),
        `${heads} heads share ${kvHeads} heads of keys and values`,
      );
      const widths = [width / heads!, keys / kvHeads!, values / kvHeads!];
      need(
        widths.every(Number.isInteger) && widths[0] === widths[1],
        `heads of width ${widths[0]} meet keys of width ${widths[1]}`,
        `q is ${showType(q!)} with ${heads} heads, k ${showType(k!)} with ${kvHeads}`,
      );
      if (mask) {
        const [maskRows, maskColumns] = asMatrix(mask, 'mask');
        const fits = (maskRows === 1 || maskRows === rows) && maskColumns === columns;
        need(fits, `mask is ${showType(mask)} for scores ${rows}×${columns}`);
      }
      return [f32([rows, widths[2]! * heads!])];
    },
  }),
];
