/** Whole ONNX models: names, parts, order, inputs that shape the graph, and what is refused. */
import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../../src/model/onnx/import.ts';
import { GraphError } from '../../../src/model/graph.ts';
import type { HostTensor } from '../../../src/tensor/host-tensor.ts';
import type { ModelSource, NodeSource, ValueSource } from '../../support/onnx-writer.ts';
import { onnxModel } from '../../support/onnx-writer.ts';
import { runModel, tensor } from '../../support/onnx-run.ts';

const X: ValueSource = { name: 'x', type: 'float32', shape: [2, 3] };
const host = (shape: readonly number[], values: readonly number[]): HostTensor => ({
  dtype: 'f32',
  shape,
  data: Float32Array.from(values),
});
const integers = (...values: number[]): HostTensor => ({
  dtype: 'i32',
  shape: [values.length],
  data: Int32Array.from(values),
});
const node = (op: string, inputs: string[], outputs: string[], rest: Partial<NodeSource> = {}) => ({
  op,
  inputs,
  outputs,
  ...rest,
});
const graphOf = (source: ModelSource) => importOnnx(onnxModel(source)).graph;

/** The message and the hint of what goes wrong. */
function failure(source: ModelSource, inputs = new Map<string, HostTensor>()): string {
  try {
    importOnnx(onnxModel(source), { inputs });
  } catch (error) {
    if (error instanceof GraphError) return `${error.message}; ${error.hint ?? ''}`;
    throw error;
  }
  return 'nothing';
}

describe('names', () => {
  const layer = (i: number, from: string) => [
    node('MatMul', [from, `w${i}`], [`/layers.${i}/proj/MatMul_output_0`], {
      name: `/layers.${i}/proj/MatMul`,
    }),
    node('Gelu', [`/layers.${i}/proj/MatMul_output_0`], [`h ${i}`], {
      name: `/layers.${i}/act/Gelu`,
    }),
  ];
  const source: ModelSource = {
    nodes: [...layer(0, 'x'), ...layer(1, 'h 0'), node('Identity', ['h 1'], ['y'])],
    inputs: [X],
    outputs: ['y'],
    initializers: [0, 1].map((i) => ({
      name: `w${i}`,
      ...tensor(
        [3, 3],
        Array.from({ length: 9 }, (_, k) => k),
      ),
    })),
  };

  it('of tensors, weights and parts are those of the model', () => {
    const graph = graphOf(source);
    expect(
      graph.nodes.map(({ op, inputs, outputs, part }) => [op, ...inputs, ...outputs, part]),
    ).toEqual([
      ['linear', 'x', 'w0', '/layers.0/proj/MatMul_output_0', 'layer 0/proj'],
      ['gelu', '/layers.0/proj/MatMul_output_0', 'h_0', 'layer 0/act'],
      ['linear', 'h_0', 'w1', '/layers.1/proj/MatMul_output_0', 'layer 1/proj'],
      ['gelu', '/layers.1/proj/MatMul_output_0', 'y', 'layer 1/act'],
    ]);
    expect(graph.weights.map(({ name }) => name)).toEqual(['w0', 'w1']);
    expect([...graph.types.keys()].sort()).toEqual(
      [
        'x',
        'w0',
        'w1',
        'h_0',
        'y',
        '/layers.0/proj/MatMul_output_0',
        '/layers.1/proj/MatMul_output_0',
      ].sort(),
    );
  });

  it('of several outputs that are one tensor, or an input, are kept', () => {
    const nodes = [
      node('Identity', ['x'], ['a']),
      node('Relu', ['x'], ['b']),
      node('Identity', ['b'], ['c']),
    ];
    const found = runModel(
      onnxModel({ nodes, inputs: [X], outputs: ['a', 'b', 'c'] }),
      new Map([['x', host([2, 3], [-1, 2, -3, 4, -5, 6])]]),
    );
    expect([...found].map(([name, { data }]) => [name, ...data])).toEqual([
      ['a', -1, 2, -3, 4, -5, 6],
      ['b', 0, 2, 0, 4, 0, 6],
      ['c', 0, 2, 0, 4, 0, 6],
    ]);
  });

  it('of constants that are outputs are kept', () => {
    const nodes = [node('Shape', ['x'], ['s']), node('Identity', ['s'], ['t'])];
    const found = runModel(
      onnxModel({ nodes, inputs: [X], outputs: ['s', 't'] }),
      new Map([['x', host([2, 3], [0, 0, 0, 0, 0, 0])]]),
    );
    expect([...found].map(([name, { data }]) => [name, ...data])).toEqual([
      ['s', 2, 3],
      ['t', 2, 3],
    ]);
  });

  it('that are alike when printable stay apart', () => {
    const nodes = [
      node('Neg', ['x'], ['a b']),
      node('Exp', ['x'], ['a\tb']),
      node('Add', ['a b', 'a\tb'], ['y']),
    ];
    const [neg, exp, add] = graphOf({ nodes, inputs: [X], outputs: ['y'] }).nodes;
    expect([neg.outputs, exp.outputs, add.inputs]).toEqual([['a_b'], ['a_b_2'], ['a_b', 'a_b_2']]);
  });
});

describe('attributes', () => {
  it('need no type where the field says enough', () => {
    const attributes = { perm: { integers: [1, 0] } };
    const transpose = node('Transpose', ['x'], ['t'], { attributes, untyped: true });
    const leaky = node('LeakyRelu', ['t'], ['y'], {
      attributes: { alpha: { float: 0.5 } },
      untyped: true,
    });
    const graph = graphOf({ nodes: [transpose, leaky], inputs: [X], outputs: ['y'] });
    expect(graph.nodes[0].attributes).toEqual({ perm: [1, 0] });
    expect(graph.weights.map(({ name }) => name)).toContain('value_0.5');
  });
});

describe('order', () => {
  it('is found where the file has none, and nodes that nothing needs are left out', () => {
    const nodes = [
      node('Exp', ['m'], ['y']),
      node('Neg', ['x'], ['m']),
      node('Bogus', ['x'], ['unused']),
    ];
    expect(graphOf({ nodes, inputs: [X], outputs: ['y'] }).nodes.map(({ op }) => op)).toEqual([
      'neg',
      'exp',
    ]);
  });

  it('does not run in circles', () => {
    const nodes = [node('Add', ['x', 'b'], ['a']), node('Neg', ['a'], ['b'])];
    expect(failure({ nodes, inputs: [X], outputs: ['b'] })).toMatch(/depends on itself/);
  });
});

describe('inputs that shape the graph', () => {
  const source: ModelSource = {
    nodes: [node('Mul', ['n', 'n'], ['m']), node('Expand', ['x', 'm'], ['y'])],
    inputs: [
      { name: 'x', type: 'float32', shape: ['batch', 1] },
      { name: 'n', type: 'int64', shape: [2] },
    ],
    outputs: ['y'],
  };

  it('become constants, and are told', () => {
    const inputs = new Map([
      ['x', host([1, 1], [5])],
      ['n', integers(1, 2)],
    ]);
    const { graph, specialised } = importOnnx(onnxModel(source), { inputs });
    expect(specialised).toEqual(['n']);
    expect(graph.inputs.map(({ name, shape }) => [name, ...shape])).toEqual([['x', 1, 1]]);
    expect([...runModel(onnxModel(source), inputs).get('y')!.data]).toEqual([5, 5, 5, 5]);
  });

  it('must be given', () => {
    expect(failure(source, new Map([['x', host([1, 1], [5])]]))).toMatch(/--input n=FILE/);
  });

  it('bind parameters, which may be given as numbers too', () => {
    const nodes = [node('Relu', ['x'], ['y'])];
    const open: ModelSource = { nodes, inputs: [{ ...X, shape: ['batch', 3] }], outputs: ['y'] };
    expect(failure(open)).toMatch(/dimension batch of the input x.*--input x=FILE/);
    const { graph } = importOnnx(onnxModel(open), { dims: new Map([['batch', 4]]) });
    expect(graph.types.get('y')).toEqual({ dtype: 'f32', shape: [4, 3] });
  });
});

describe('what is refused', () => {
  const one = (n: NodeSource, rest: Partial<ModelSource> = {}): ModelSource => ({
    nodes: [n],
    inputs: [X],
    outputs: [n.outputs[0]],
    ...rest,
  });

  it.each<[string, ModelSource, RegExp]>([
    ['an unknown operator', one(node('Rleu', ['x'], ['y'])), /node y: the operator Rleu.*Relu/],
    [
      'an operator that is like none',
      one(node('NonMaxSuppression', ['x'], ['y'])),
      /there are Add, .*RNN/,
    ],
    [
      'another domain',
      one(node('Relu', ['x'], ['y'], { domain: 'com.acme' })),
      /of the domain com.acme/,
    ],
    [
      'a function of the model',
      one(node('F', ['x'], ['y'], { domain: 'local' }), { functions: ['F'] }),
      /is a function/,
    ],
    ['an old version', one(node('Relu', ['x'], ['y']), { opset: 6 }), /version 6.*7 to/],
    ['a version to come', one(node('Relu', ['x'], ['y']), { opset: 99 }), /version 99/],
    [
      'a value that nothing computes',
      one(node('Relu', ['xx'], ['y'])),
      /needs the value xx.*did you mean x\?|needs the value xx/,
    ],
    [
      'two that compute one value',
      {
        ...one(node('Relu', ['x'], ['y'])),
        nodes: [node('Relu', ['x'], ['y']), node('Exp', ['x'], ['y'])],
      },
      /y is computed twice/,
    ],
    ['an operand too few', one(node('Add', ['x'], ['y'])), /node y \(Add\): input 1 is missing/],
    [
      'an attribute that would go unheeded',
      one(node('Relu', ['x'], ['y'], { attributes: { slope: { float: 1 } } })),
      /attribute slope/,
    ],
    [
      'an attribute of another kind',
      one(node('Gelu', ['x'], ['y'], { attributes: { approximate: { float: 1 } } })),
      /approximate is of the kind float/,
    ],
    [
      'an output that there is not',
      one(node('Relu', ['x'], ['y', 'z']), { outputs: ['z'] }),
      /no output 1/,
    ],
    ['wrong dimensions', one(node('Gemm', ['x', 'x'], ['y'])), /node y \(Gemm\): float32 2×3/],
    [
      'an axis too far',
      one(node('Softmax', ['x'], ['y'], { attributes: { axis: { integer: 2 } } })),
      /no axis 2/,
    ],
    [
      'an index too far',
      {
        ...one(node('Gather', ['w', 'i'], ['y'])),
        initializers: [
          { name: 'w', ...tensor([2], [1, 2]) },
          { name: 'i', ...tensor([1], [2], 'int64') },
        ],
      },
      /index 2 of 2/,
    ],
  ])('%s', (_, source, message) => {
    expect(failure(source)).toMatch(message);
  });

  it.each<[string, Map<string, HostTensor>, RegExp]>([
    [
      'of a name that there is not',
      new Map([['xs', host([2, 3], [1, 2, 3, 4, 5, 6])]]),
      /no input xs/,
    ],
    ['of another shape', new Map([['x', host([3, 2], [1, 2, 3, 4, 5, 6])]]), /x is 2×3, not 3×2/],
    [
      'of another type',
      new Map([['x', { ...integers(1, 2, 3, 4, 5, 6), shape: [2, 3] }]]),
      /x is float32, but i32/,
    ],
    ['of too few values', new Map([['x', host([2, 3], [1])]]), /has 1 values, not 6/],
  ])('an input %s', (_, inputs, message) => {
    expect(failure(one(node('Relu', ['x'], ['y'])), inputs)).toMatch(message);
  });
});
