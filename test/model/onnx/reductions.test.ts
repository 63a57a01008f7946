/** Reductions, soft maxima and matrix products of ONNX, against plain loops. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorSource } from '../../support/onnx-writer.ts';
import { at, indices, runNode, tensor } from '../../support/onnx-run.ts';

const RUNS = { seed: 20260103, numRuns: 300 };

/** Both sides are float64: what differs is the order of a few roundings. */
const CLOSE = 11;

const close = (found: ArrayLike<number>, wanted: readonly number[]) => {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, i) => expect(found[i]).toBeCloseTo(value, CLOSE));
};

const number = fc.integer({ min: -16, max: 16 }).map((n) => n / 4);
const dims = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
const filled = (shape: readonly number[]) => {
  const length = shape.reduce((m, n) => m * n, 1);
  return fc.array(number, { minLength: length, maxLength: length }).map((v) => tensor(shape, v));
};

const sum = (values: readonly number[]) => values.reduce((total, x) => total + x, 0);
const squares = (values: readonly number[]) => sum(values.map((x) => x * x));

const REDUCTIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  ReduceL1: (values) => sum(values.map(Math.abs)),
  ReduceL2: (values) => Math.sqrt(squares(values)),
  ReduceLogSumExp: (values) => Math.log(sum(values.map(Math.exp))),
  ReduceMax: (values) => Math.max(...values),
  ReduceMean: (values) => sum(values) / values.length,
  ReduceMin: (values) => Math.min(...values),
  ReduceSum: sum,
  ReduceSumSquare: squares,
};

/** The elements that one element of the result comes from. */
function reduced(x: TensorSource, axes: readonly number[], index: readonly number[]): number[] {
  return [...indices(x.shape)]
    .filter((other) => other.every((i, axis) => axes.includes(axis) || i === index[axis]))
    .map((other) => at(x, other));
}

const reduction = dims.chain((shape) =>
  fc.tuple(
    filled(shape),
    fc.subarray(shape.map((_, axis) => axis)),
    fc.boolean(),
    fc.boolean(),
    fc.boolean(),
  ),
);

describe('reductions', () => {
  it.each(Object.entries(REDUCTIONS))('%s along any axes', (op, of) => {
    fc.assert(
      fc.property(reduction, ([x, axes, keeps, isOld, constant]) => {
        const all = axes.length === 0 ? x.shape.map((_, axis) => axis) : axes;
        const keepdims = { integer: Number(keeps) };
        const negative = axes.map((axis) => axis - x.shape.length);
        const old = isOld && axes.length > 0;
        const operands = old ? [x] : [x, tensor([axes.length], negative, 'int64')];
        const attributes = old ? { keepdims, axes: { integers: axes } } : { keepdims };
        const options = { opset: old ? 12 : 24, constant };
        const [y] = runNode(op, operands, attributes, options);
        const kept = x.shape.map((dim, axis) => (all.includes(axis) ? 1 : dim));
        expect(y.shape).toEqual(keeps ? kept : x.shape.filter((_, axis) => !all.includes(axis)));
        const wanted = [...indices(kept)].map((index) => of(reduced(x, all, index)));
        // Constants are rounded to float32 after each step: 4 steps of half a unit in the last place.
        if (!constant) close(y.data, wanted);
        else
          wanted.forEach((value, i) =>
            expect(Math.abs(y.data[i] - value)).toBeLessThanOrEqual(
              Math.max(Math.abs(value), 4) * 2 ** -21,
            ),
          );
      }),
      RUNS,
    );
  });

  it('of no axes change nothing when that is asked for', () => {
    const x = tensor([2], [1, -2]);
    const noop = { noop_with_empty_axes: { integer: 1 } };
    expect([...runNode('ReduceSum', [x], noop)[0].data]).toEqual([1, -2]);
  });
});

describe('reductions of other types', () => {
  it('ReduceLogSum, and ReduceMin of truth values', () => {
    const [y] = runNode('ReduceLogSum', [tensor([2, 2], [1, 2, 3, 4]), tensor([1], [1], 'int64')]);
    close(y.data, [Math.log(3), Math.log(7)]);
    const bits = tensor([2, 2], [1, 1, 0, 1], 'bool');
    expect([...runNode('ReduceMin', [bits, tensor([1], [1], 'int64')])[0].data]).toEqual([1, 0]);
  });
});

describe('ArgMax and ArgMin', () => {
  it('give the first or the last of equal ones, along any axis', () => {
    const source = dims.chain((shape) => {
      const few = fc.integer({ min: 0, max: 2 });
      const length = shape.reduce((m, n) => m * n, 1);
      const x = fc
        .array(few, { minLength: length, maxLength: length })
        .map((v) => tensor(shape, v));
      return fc.tuple(x, fc.nat(shape.length - 1), fc.boolean(), fc.boolean(), fc.boolean());
    });
    fc.assert(
      fc.property(source, ([x, axis, isLast, isLargest, keeps]) => {
        const attributes = {
          axis: { integer: axis },
          select_last_index: { integer: Number(isLast) },
          keepdims: { integer: Number(keeps) },
        };
        const [y] = runNode(isLargest ? 'ArgMax' : 'ArgMin', [x], attributes);
        const wanted = [...indices(x.shape.with(axis, 1))].map((index) => {
          const row = reduced(x, [axis], index);
          const best = isLargest ? Math.max(...row) : Math.min(...row);
          return isLast ? row.lastIndexOf(best) : row.indexOf(best);
        });
        expect([...y.data]).toEqual(wanted);
        expect(y.shape.length).toBe(x.shape.length - Number(!keeps));
      }),
      RUNS,
    );
  });
});

describe('Softmax and LogSoftmax', () => {
  it('work along an axis, before opset 13 along all from it on', () => {
    const source = dims.chain((shape) =>
      fc.tuple(filled(shape), fc.nat(shape.length - 1), fc.boolean(), fc.boolean()),
    );
    fc.assert(
      fc.property(source, ([x, axis, isOld, isLog]) => {
        const rank = x.shape.length;
        const axes = isOld ? Array.from({ length: rank - axis }, (_, i) => axis + i) : [axis];
        const attributes = { axis: { integer: axis - rank } };
        const op = isLog ? 'LogSoftmax' : 'Softmax';
        const [y] = runNode(op, [x], attributes, { opset: isOld ? 11 : 13 });
        const wanted = [...indices(x.shape)].map((index) => {
          const share = Math.exp(at(x, index)) / sum(reduced(x, axes, index).map(Math.exp));
          return isLog ? Math.log(share) : share;
        });
        close(y.data, wanted);
      }),
      RUNS,
    );
  });
});

describe('products', () => {
  it('Gemm has every combination of its attributes', () => {
    const size = fc.integer({ min: 1, max: 4 });
    const half = fc.constantFrom(0, 0.5, 1, 2);
    const biases = fc.constantFrom('none', 'one', 'row', 'flat', 'column', 'full');
    const source = fc.tuple(size, size, size, fc.boolean(), fc.boolean(), half, half, biases);
    const all = source.chain(([m, k, n, transA, transB, alpha, beta, bias]) => {
      const shapes = { none: [], one: [], row: [1, n], flat: [n], column: [m, 1], full: [m, n] };
      return fc.tuple(
        filled(transA ? [k, m] : [m, k]),
        filled(transB ? [n, k] : [k, n]),
        filled(shapes[bias]),
        fc.constant({ m, k, n, transA, transB, alpha, beta, bias }),
      );
    });
    fc.assert(
      fc.property(all, ([a, b, c, { m, k, n, transA, transB, alpha, beta, bias }]) => {
        const attributes = {
          alpha: { float: alpha },
          beta: { float: beta },
          transA: { integer: Number(transA) },
          transB: { integer: Number(transB) },
        };
        const [y] = runNode('Gemm', [a, b, bias === 'none' ? undefined : c], attributes);
        const wanted = [...indices([m, n])].map(([i, j]) => {
          let total = 0;
          for (let p = 0; p < k; p++) {
            total += at(a, transA ? [p, i] : [i, p]) * at(b, transB ? [j, p] : [p, j]);
          }
          return alpha * total + (bias === 'none' ? 0 : beta * at(c, [i, j]));
        });
        expect(y.shape).toEqual([m, n]);
        close(y.data, wanted);
      }),
      RUNS,
    );
  });

  it('MatMul takes vectors and broadcasts what is before the last two dimensions', () => {
    const shapes = fc.constantFrom(
      [[3], [3], []],
      [[3], [3, 2], [2]],
      [[2, 3], [3], [2]],
      [[3], [2, 3, 4], [2, 4]],
      [[5, 2, 3], [3], [5, 2]],
      [
        [5, 2, 3],
        [3, 4],
        [5, 2, 4],
      ],
      [
        [2, 1, 2, 3],
        [3, 3, 2],
        [2, 3, 2, 2],
      ],
    );
    const source = shapes.chain(([a, b, shape]) =>
      fc.tuple(filled(a), filled(b), fc.constant(shape)),
    );
    fc.assert(
      fc.property(source, ([a, b, shape]) => {
        const [y] = runNode('MatMul', [a, b]);
        expect(y.shape).toEqual(shape);
        const left = a.shape.length === 1 ? { ...a, shape: [1, ...a.shape] } : a;
        const right = b.shape.length === 1 ? { ...b, shape: [...b.shape, 1] } : b;
        const batch = shape.slice(
          0,
          shape.length - Number(a.shape.length > 1) - Number(b.shape.length > 1),
        );
        const full = [...batch, left.shape.at(-2)!, right.shape.at(-1)!];
        const wanted = [...indices(full)].map((index) => {
          const [row, column] = index.slice(-2);
          const outer = index.slice(0, -2);
          let total = 0;
          for (let p = 0; p < left.shape.at(-1)!; p++) {
            total += at(left, [...outer, row, p]) * at(right, [...outer, p, column]);
          }
          return total;
        });
        close(y.data, wanted);
      }),
      RUNS,
    );
  });
});
