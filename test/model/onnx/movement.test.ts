/** ONNX operators that move elements, against loops over indices. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorSource } from '../../support/onnx-writer.ts';
import { at, indices, runNode, tensor } from '../../support/onnx-run.ts';

const RUNS = { seed: 20260102, numRuns: 300 };

const numbered = (shape: readonly number[]): TensorSource =>
  tensor(
    shape,
    [...indices(shape)].map((_, i) => i + 1),
  );
const list = (values: readonly number[]) => tensor([values.length], values, 'int64');
const dims = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });

/** The indices of one axis that Python's a[start:end:step] takes. */
function pythonSlice(length: number, start: number, end: number, step: number): number[] {
  const from = (i: number) => (i < 0 ? i + length : i);
  const taken: number[] = [];
  const first = step > 0 ? Math.max(from(start), 0) : Math.min(from(start), length - 1);
  for (let i = first; step > 0 ? i < from(end) : i > from(end); i += step) {
    if (i < 0 || i >= length) break;
    taken.push(i);
  }
  return taken;
}

describe('Slice', () => {
  const bound = fc.oneof(fc.integer({ min: -6, max: 6 }), fc.constantFrom(2 ** 62, -(2 ** 62)));
  const step = fc.constantFrom(-3, -2, -1, 1, 2, 3);

  it('takes what Python takes, whatever the bounds', () => {
    const cut = dims.chain((shape) =>
      fc.tuple(fc.constant(shape), fc.nat(shape.length - 1), bound, bound, step),
    );
    fc.assert(
      fc.property(cut, ([shape, axis, start, end, by]) => {
        const x = numbered(shape);
        const operands = [x, list([start]), list([end]), list([axis - shape.length]), list([by])];
        const [y] = runNode('Slice', operands, {}, { constant: [1, 2, 3, 4] });
        const taken = pythonSlice(shape[axis], start, end, by);
        const wanted = shape.with(axis, taken.length);
        expect(y.shape).toEqual(wanted);
        expect([...y.data]).toEqual(
          [...indices(wanted)].map((index) => at(x, index.with(axis, taken[index[axis]]))),
        );
      }),
      RUNS,
    );
  });

  it('has its bounds as attributes before opset 10', () => {
    const attributes = {
      starts: { integers: [1] },
      ends: { integers: [-1] },
      axes: { integers: [1] },
    };
    const [y] = runNode('Slice', [numbered([2, 4])], attributes, { opset: 9 });
    expect([...y.data]).toEqual([2, 3, 6, 7]);
  });
});

describe('Where', () => {
  it('chooses element by element, broadcasting all three', () => {
    const shapes = fc.constantFrom<number[]>([2, 3], [3], [1], [2, 1], []);
    const operand = (value: fc.Arbitrary<number>, type: 'float32' | 'bool') =>
      shapes.chain((shape) => {
        const length = shape.reduce((m, n) => m * n, 1);
        return fc
          .array(value, { minLength: length, maxLength: length })
          .map((values) => tensor(shape, values, type));
      });
    const number = fc.integer({ min: -9, max: 9 });
    fc.assert(
      fc.property(
        operand(fc.integer({ min: 0, max: 1 }), 'bool'),
        operand(number, 'float32'),
        operand(number, 'float32'),
        (condition, a, b) => {
          const [y] = runNode('Where', [condition, a, b]);
          expect([...y.data]).toEqual(
            [...indices(y.shape)].map((i) => (at(condition, i) ? at(a, i) : at(b, i))),
          );
        },
      ),
      RUNS,
    );
  });
});

describe('Gather', () => {
  it('counts negative indices from the end, known or not', () => {
    const source = dims.chain((shape) =>
      fc.nat(shape.length - 1).chain((axis) => {
        const index = fc.integer({ min: -shape[axis], max: shape[axis] - 1 });
        return fc.tuple(
          fc.constant(shape),
          fc.constant(axis),
          fc.array(index, { minLength: 1, maxLength: 3 }),
          fc.boolean(),
        );
      }),
    );
    fc.assert(
      fc.property(source, ([shape, axis, chosen, constant]) => {
        const x = numbered(shape);
        const attributes = { axis: { integer: axis } };
        const [y] = runNode('Gather', [x, list(chosen)], attributes, { constant });
        const from = (i: number) => (chosen[i] < 0 ? chosen[i] + shape[axis] : chosen[i]);
        expect([...y.data]).toEqual(
          [...indices(shape.with(axis, chosen.length))].map((i) =>
            at(x, i.with(axis, from(i[axis]))),
          ),
        );
      }),
      RUNS,
    );
  });
});

describe('Tile, Pad and Split', () => {
  it('Tile repeats each axis', () => {
    const source = dims.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.array(fc.integer({ min: 0, max: 3 }), {
          minLength: shape.length,
          maxLength: shape.length,
        }),
      ),
    );
    fc.assert(
      fc.property(source, ([shape, repeats]) => {
        const x = numbered(shape);
        const [y] = runNode('Tile', [x, list(repeats)]);
        const wanted = shape.map((dim, axis) => dim * repeats[axis]);
        expect(y.shape).toEqual(wanted);
        expect([...y.data]).toEqual(
          [...indices(wanted)].map((index) =>
            at(
              x,
              index.map((i, axis) => i % shape[axis]),
            ),
          ),
        );
      }),
      RUNS,
    );
  });

  it('Pad puts a value around, and cuts where it is less than none', () => {
    const source = dims.chain((shape) => {
      const side = fc.integer({ min: -1, max: 2 });
      const sides = fc.array(side, { minLength: shape.length, maxLength: shape.length });
      return fc.tuple(fc.constant(shape), sides, sides);
    });
    fc.assert(
      fc.property(source, ([shape, before, behind]) => {
        fc.pre(
          shape.every(
            (dim, axis) => dim + Math.min(before[axis], 0) + Math.min(behind[axis], 0) >= 0,
          ),
        );
        const x = numbered(shape);
        const [y] = runNode('Pad', [x, list([...before, ...behind]), tensor([], [-7])]);
        const wanted = shape.map((dim, axis) => dim + before[axis] + behind[axis]);
        expect(y.shape).toEqual(wanted);
        expect([...y.data]).toEqual(
          [...indices(wanted)].map((index) => {
            const inner = index.map((i, axis) => i - before[axis]);
            return inner.every((i, axis) => i >= 0 && i < shape[axis]) ? at(x, inner) : -7;
          }),
        );
      }),
      RUNS,
    );
  });

  it('Split leaves the last part smaller', () => {
    const parts = runNode(
      'Split',
      [numbered([7])],
      { num_outputs: { integer: 3 } },
      { outputs: 3 },
    );
    expect(parts.map(({ data }) => [...data])).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });
});

describe('triangles', () => {
  it('Trilu keeps one side of a diagonal', () => {
    const source = fc.tuple(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: -5, max: 5 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(source, ([rows, columns, k, upper]) => {
        const x = numbered([2, rows, columns]);
        const [y] = runNode('Trilu', [x, tensor([], [k], 'int64')], {
          upper: { integer: Number(upper) },
        });
        expect([...y.data]).toEqual(
          [...indices(x.shape)].map((index) => {
            const above = index[2] - index[1];
            return (upper ? above >= k : above <= k) ? at(x, index) : 0;
          }),
        );
      }),
      RUNS,
    );
  });

  it('CumSum adds up in either direction, with or without its own element', () => {
    const source = dims.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.nat(shape.length - 1),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
      ),
    );
    fc.assert(
      fc.property(source, ([shape, axis, exclusive, reverse, constant]) => {
        const x = numbered(shape);
        const attributes = {
          exclusive: { integer: Number(exclusive) },
          reverse: { integer: Number(reverse) },
        };
        const [y] = runNode('CumSum', [x, tensor([], [axis], 'int64')], attributes, { constant });
        expect([...y.data]).toEqual(
          [...indices(shape)].map((index) => {
            let sum = 0;
            for (let i = 0; i < shape[axis]; i++) {
              const counts = reverse ? i > index[axis] : i < index[axis];
              if (counts || (i === index[axis] && !exclusive)) sum += at(x, index.with(axis, i));
            }
            return sum;
          }),
        );
      }),
      RUNS,
    );
  });
});

describe('shapes', () => {
  const x = numbered([2, 3, 4]);
  const shapeOf = (op: string, operands: readonly TensorSource[], attributes = {}, opset = 24) =>
    runNode(op, [x, ...operands], attributes, { opset })[0].shape;

  it('are told, flattened, squeezed and stretched', () => {
    const bounds = { start: { integer: -2 }, end: { integer: 99 } };
    expect([...runNode('Shape', [x], bounds)[0].data]).toEqual([3, 4]);
    expect([...runNode('Size', [x])[0].data]).toEqual([24]);
    expect(shapeOf('Reshape', [list([0, -1])])).toEqual([2, 12]);
    expect(shapeOf('Flatten', [], { axis: { integer: -1 } })).toEqual([6, 4]);
    expect(shapeOf('Flatten', [], { axis: { integer: 0 } })).toEqual([1, 24]);
    expect(shapeOf('Unsqueeze', [], { axes: { integers: [0, 4] } }, 11)).toEqual([1, 2, 3, 4, 1]);
    expect(shapeOf('Expand', [list([5, 1, 1, 1])])).toEqual([5, 2, 3, 4]);
    expect(runNode('Squeeze', [numbered([1, 3, 1])])[0].shape).toEqual([3]);
    expect(runNode('Squeeze', [numbered([1, 3, 1]), list([-1])])[0].shape).toEqual([1, 3]);
  });

  it('of nothing stay nothing', () => {
    const none = tensor([0, 3], []);
    expect(runNode('Relu', [none])[0].shape).toEqual([0, 3]);
    expect(runNode('Concat', [none, numbered([2, 3])], { axis: { integer: 0 } })[0].shape).toEqual([
      2, 3,
    ]);
    const [sum] = runNode('MatMul', [tensor([2, 0], []), none]);
    expect([sum.shape, [...sum.data]]).toEqual([
      [2, 3],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  it('make constants', () => {
    const nine = { value: { tensor: tensor([1], [9], 'int32') } };
    expect([...runNode('ConstantOfShape', [list([2])], nine)[0].data]).toEqual([9, 9]);
    const steps = [5, -3, -3].map((value) => tensor([], [value], 'int64'));
    expect([...runNode('Range', steps)[0].data]).toEqual([5, 2, -1]);
    expect([...runNode('Constant', [], { value_int: { integer: 7 } })[0].data]).toEqual([7]);
    expect([...runNode('Constant', [], { value_ints: { integers: [7, 8] } })[0].data]).toEqual([
      7, 8,
    ]);
    expect([...runNode('Constant', [], { value_float: { float: 0.5 } })[0].data]).toEqual([0.5]);
    expect(() => runNode('Constant', [], { value_string: { text: 'no' } })).toThrow(
      /text is not|of a kind/,
    );
    expect([...runNode('Constant', [], { value_floats: { floats: [0.5, 2] } })[0].data]).toEqual([
      0.5, 2,
    ]);
  });

  it('are kept by Dropout, which drops nothing at inference', () => {
    const [y, mask] = runNode('Dropout', [x, tensor([], [0.5])], {}, { outputs: 2 });
    expect([...y.data]).toEqual(x.values);
    expect([...mask.data]).toEqual(x.values.map(() => 1));
    const training = tensor([], [1], 'bool');
    expect(() => runNode('Dropout', [x, undefined, training], {}, { constant: [2] })).toThrow(
      /training/,
    );
  });

  it('are checked', () => {
    const refused = (op: string, operands: readonly TensorSource[], attributes = {}) =>
      expect(() => runNode(op, [x, ...operands], attributes));
    refused('Reshape', [list([5, -1])]).toThrow(/cannot become/);
    refused('Reshape', [list([-2, 24])]).toThrow(/is no shape/);
    refused('Squeeze', [list([0])]).toThrow(/is not 1/);
    refused('Unsqueeze', [list([1, 1])]).toThrow(/repeat/);
    refused('Expand', [list([5, 1])]).toThrow(/broadcast/);
    refused('Tile', [list([1])]).toThrow(/repeats/);
    refused('Pad', [list([1])]).toThrow(/1 pads/);
    refused('Slice', [list([0]), list([1]), list([0]), list([0])]).toThrow(/step of 0/);
    refused('Split', [list([1, 2])]).toThrow(/sizes 1, 2/);
  });
});
