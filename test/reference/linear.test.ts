/** Matrices and their products, by hand and by algebra. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as l from '../../src/reference/linear.ts';
import * as m from '../../src/reference/matrix.ts';
import { expectClose, matrices, RUNS, side } from './random.ts';

const a = m.fromRows([
  [1, 2, 3],
  [4, 5, 6],
]);
const b = m.fromRows([
  [1, 0],
  [0, 1],
  [2, 2],
]);

describe('by hand', () => {
  test('matmul', () => {
    expect(m.toRows(l.matmul(a, b))).toEqual([
      [7, 8],
      [16, 17],
    ]);
  });

  test('linear adds its bias to every row, and works without one', () => {
    const bias = m.fromRows([[10, 20]]);
    const expected = [
      [17, 28],
      [26, 37],
    ];
    expect(m.toRows(l.linear(a, { weight: b, bias }))).toEqual(expected);
    expect(l.linear(a, { weight: b })).toEqual(l.matmul(a, b));
  });

  test('transpose, slices and joins', () => {
    expect(m.toRows(m.transpose(a))).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(m.joinCols([m.sliceCols(a, 0, 1), m.sliceCols(a, 1, 3)])).toEqual(a);
    expect(m.joinRows([m.row(a, 0), m.row(a, 1)])).toEqual(a);
  });

  test('embeddings look up tokens and add positions from where they start', () => {
    const tokens = m.fromRows([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    const positions = m.fromRows([
      [10, 0],
      [20, 0],
      [30, 0],
    ]);
    expect(m.toRows(l.embedWithPositions(tokens, positions, [2, 0], 1))).toEqual([
      [23, 3],
      [31, 1],
    ]);
  });
});

describe('algebra', () => {
  test('(ab)c = a(bc) and (ab)ᵀ = bᵀaᵀ', () => {
    const operands = fc
      .tuple(side, side, side, side)
      .chain(([p, q, r, s]) => fc.tuple(matrices(p, q), matrices(q, r), matrices(r, s)));
    fc.assert(
      fc.property(operands, ([x, y, z]) => {
        expectClose(l.matmul(l.matmul(x, y), z), l.matmul(x, l.matmul(y, z)));
        const flipped = l.matmul(m.transpose(y), m.transpose(x));
        expectClose(m.transpose(l.matmul(x, y)), flipped);
      }),
      RUNS,
    );
  });
});

describe('mistakes name both shapes', () => {
  test.each([
    ['matmul: shapes 2×3 and 2×3 do not fit', () => l.matmul(a, a)],
    ['add: shapes 2×3 and 3×2 do not fit', () => l.add(a, b)],
    ['multiply: shapes 2×3 and 3×2 do not fit', () => l.multiply(a, b)],
    ['addBias: shapes 2×3 and 2×3 do not fit', () => l.addBias(a, a)],
    ['join: shapes 2×3 and 3×2 do not fit', () => m.joinRows([a, b])],
    ['2×2 matrix from 3 values', () => m.matrix(2, 2, [1, 2, 3])],
    ['rows of length 1 and 2 in one matrix', () => m.fromRows([[1], [1, 2]])],
    ['rows 5 to 6 of a 2×3 matrix', () => l.embed(a, [5])],
    ['columns 2 to 4 of a 2×3 matrix', () => m.sliceCols(a, 2, 4)],
    ['nothing to join', () => m.joinCols([])],
  ])('%s', (message, mistake) => {
    expect(mistake).toThrow(new RangeError(message));
  });
});
