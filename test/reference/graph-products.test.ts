/** Matrix products against sums written out index by index. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RUNS } from './random.ts';
import { apply, at, expectNear, given, indicesOf, row, tensors } from './graph-support.ts';

const side = fc.integer({ min: 0, max: 5 });

describe('linear', () => {
  const x = given([2, 2], [1, 2, 3, 4]);
  const w = given([2, 3], [1, 0, 2, 0, 1, 3]);

  it('is x · w + bias', () => {
    expectNear(apply('linear', [x, w]), [2, 3], [1, 2, 8, 3, 4, 18]);
    expectNear(apply('linear', [x, w, row(10, 20, 30)]), [2, 3], [11, 22, 38, 13, 24, 48]);
  });

  it('is x · wᵀ + bias when w lies as PyTorch keeps it', () => {
    const torch = apply('transpose', [w], { perm: [1, 0] });
    const y = apply('linear', [x, torch, row(10, 20, 30)], { transposed: true });
    expectNear(y, [2, 3], [11, 22, 38, 13, 24, 48]);
  });

  it('over nothing is the bias', () => {
    const y = apply('linear', [given([2, 0], []), given([0, 2], []), row(5, 6)]);
    expectNear(y, [2, 2], [5, 6, 5, 6]);
  });
});

describe('matmul', () => {
  /** [batch …] of a and of b, which broadcast, and m, k, n. */
  const operands = fc
    .tuple(side, side, side, side, fc.boolean(), fc.boolean())
    .chain(([batch, m, k, n, leftOne, rightNone]) =>
      fc.tuple(
        tensors([leftOne ? 1 : batch, m, k]),
        tensors(rightNone ? [k, n] : [batch, k, n]),
        fc.constant([rightNone && leftOne ? 1 : batch, m, n]),
      ),
    );

  it('multiplies the last two axes', () => {
    const a = given([2, 1, 2], [1, 2, 3, 4]);
    const b = given([2, 2, 1], [1, 10, 100, 1000]);
    expectNear(apply('matmul', [a, b]), [2, 1, 1], [21, 4300]);
    const plain = apply('matmul', [a, given([1, 2], [1, 10])], { transposed: true });
    expectNear(plain, [2, 1, 1], [21, 43]);
  });

  it('is the sum over k for every index, either way b lies', () => {
    fc.assert(
      fc.property(operands, ([a, b, shape]) => {
        const k = a.shape.at(-1)!;
        const expected = [...indicesOf(shape)].map(([batch, i, j]) => {
          const terms = Array.from(
            { length: k },
            (_, l) => at(a, [batch, i, l]) * at(b, [batch, l, j]),
          );
          return terms.reduce((sum, term) => sum + term, 0);
        });
        expectNear(apply('matmul', [a, b]), shape, expected);
        const axes = b.shape.map((_, axis) => axis);
        const perm = [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!];
        const turned = apply('transpose', [b], { perm });
        expectNear(apply('matmul', [a, turned], { transposed: true }), shape, expected);
      }),
      RUNS,
    );
  });

  it('lets NaN through, also where it meets 0', () => {
    const [y] = apply('matmul', [given([1, 1], [0]), given([1, 1], [NaN])]).data;
    expect(y).toBeNaN();
  });
});
