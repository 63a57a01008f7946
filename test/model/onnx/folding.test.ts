/** Folding changes nothing: a node on constants gives what it gives on inputs, rounded to float32. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../../src/model/onnx/import.ts';
import type { AttributeSource, TensorSource } from '../../support/onnx-writer.ts';
import { onnxModel } from '../../support/onnx-writer.ts';
import { runNode, tensor } from '../../support/onnx-run.ts';

const RUNS = { seed: 20260108, numRuns: 100 };

/** A constant is rounded to float32 after every operator, of which no node here has more than eight; each is off by 2⁻²³ at most. */
const RELATIVE = 8 * 2 ** -23;

type Attributes = Readonly<Record<string, AttributeSource>>;

const list = (...values: number[]): TensorSource => tensor([values.length], values, 'int64');

/** Nodes on x, float32 2×3 of numbers from ½ to 4, and what else they need. */
const NODES: readonly (readonly [
  op: string,
  others: readonly TensorSource[],
  attributes: Attributes,
])[] = [
  ...[
    'Exp',
    'Log',
    'Sqrt',
    'Erf',
    'Tanh',
    'Sigmoid',
    'Relu',
    'Reciprocal',
    'Neg',
    'Gelu',
    'Swish',
    'Mish',
  ].map((op) => [op, [], {}] as const),
  ['Gelu', [], { approximate: { text: 'tanh' } }],
  ['Pow', [tensor([3], [0.5, 3, -1])], {}],
  ['Less', [tensor([], [2])], {}],
  ['Cast', [], { to: { integer: 6 } }],
  ['Transpose', [], {}],
  ['Slice', [list(-1), list(-9), list(1), list(-2)], {}],
  ['Expand', [list(2, 1, 1)], {}],
  ['Reshape', [list(3, 2)], {}],
  ['Concat', [tensor([2, 1], [1, 2])], { axis: { integer: 1 } }],
  ['Gather', [list(-1, 0)], { axis: { integer: 1 } }],
  ['ReduceMean', [list(0)], {}],
  ['ReduceL2', [list(1)], {}],
  ['Trilu', [], {}],
  ['CumSum', [tensor([], [1], 'int64')], {}],
];

describe('folding', () => {
  const x = fc
    .array(fc.float({ min: 0.5, max: 4, noNaN: true }), { minLength: 6, maxLength: 6 })
    .map((values) => tensor([2, 3], values));

  it.each(NODES)('%s', (op, others, attributes) => {
    fc.assert(
      fc.property(x, (operand) => {
        const operands = [operand, ...others];
        const given = others.map((_, i) => i + 1);
        const [computed] = runNode(op, operands, attributes, { constant: given });
        const [folded] = runNode(op, operands, attributes, { constant: true });
        expect(folded.shape).toEqual(computed.shape);
        computed.data.forEach((value, i) => {
          // Intermediate results are as large as 8, whatever is left of them.
          const bound = RELATIVE * Math.max(8, Math.abs(value));
          expect(Math.abs(folded.data[i] - value)).toBeLessThanOrEqual(bound);
        });
      }),
      RUNS,
    );
  });

  it('leaves no node behind', () => {
    for (const [op, others, attributes] of NODES) {
      const operands = [tensor([2, 3], [1, 1, 1, 1, 1, 1]), ...others];
      const initializers = operands.map((each, i) => ({ ...each, name: `x${i}` }));
      const inputs = initializers.map(({ name }) => name);
      const node = { op, inputs, outputs: ['y'], attributes };
      const { graph } = importOnnx(onnxModel({ nodes: [node], outputs: ['y'], initializers }));
      expect([op, graph.nodes.length, graph.weights.map(({ name }) => name)]).toEqual([
        op,
        0,
        ['y'],
      ]);
    }
  });

  it('stops where results would be large, and goes on where they are weights', () => {
    const wide: TensorSource = tensor(
      [300, 300],
      Array.from({ length: 90_000 }, (_, i) => i % 7),
    );
    const nodes = [
      { op: 'Transpose', inputs: ['w'], outputs: ['t'] },
      { op: 'MatMul', inputs: ['x', 't'], outputs: ['y'] },
      { op: 'Expand', inputs: ['one', 'large'], outputs: ['z'] },
    ];
    const { graph } = importOnnx(
      onnxModel({
        nodes,
        inputs: [{ name: 'x', type: 'float32', shape: [1, 300] }],
        outputs: ['y', 'z'],
        initializers: [
          { name: 'w', ...wide },
          { name: 'one', ...tensor([1], [1]) },
          { name: 'large', ...list(1_000_000) },
        ],
      }),
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(['linear', 'expand']);
    const turned = graph.weights.find(({ name }) => name === 't')!.read();
    expect([...turned.data.slice(0, 3)]).toEqual([0, 300 % 7, 600 % 7]);
  });
});
