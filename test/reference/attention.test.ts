/** Softmax and attention: by hand, and by the identities that any right implementation obeys. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as at from '../../src/reference/attention.ts';
import { linear } from '../../src/reference/linear.ts';
import * as m from '../../src/reference/matrix.ts';
import { softmax } from '../../src/reference/softmax.ts';
import { expectClose, FLOAT64_TOLERANCE, matrices, RUNS, side } from './random.ts';

const rowSums = (x: m.Matrix) => m.toRows(x).map((row) => row.reduce((a, b) => a + b, 0));

describe('softmax', () => {
  test('by hand: e^0, e^ln2, e^ln3 over their sum 6', () => {
    const x = m.fromRows([[0, Math.log(2), Math.log(3)]]);
    expectClose(softmax(x), m.fromRows([[1 / 6, 2 / 6, 3 / 6]]));
  });

  test('rows sum to 1, and do not change when shifted', () => {
    const inputs = fc.tuple(side, side).chain(([r, c]) => matrices(r, c));
    fc.assert(
      fc.property(inputs, fc.integer({ min: -500, max: 500 }), (x, shift) => {
        const p = softmax(x);
        for (const sum of rowSums(p)) expect(Math.abs(sum - 1)).toBeLessThan(FLOAT64_TOLERANCE);
        const shifted = m.mapElements(x, (value) => value + shift);
        expectClose(softmax(shifted), p);
      }),
      RUNS,
    );
  });

  test('causal: row i sees columns up to i + offset; a row that sees none is zeros', () => {
    const x = m.zeros(3, 3);
    expect(m.toRows(softmax(x, { causalOffset: 0 }))[1]).toEqual([0.5, 0.5, 0]);
    expect(m.toRows(softmax(x, { causalOffset: -1 }))[0]).toEqual([0, 0, 0]);
    expect(softmax(x, { causalOffset: 2 })).toEqual(softmax(x));
  });

  test('columns beyond the key length, and scores of −∞, get no weight', () => {
    const x = m.fromRows([[0, 0, 9]]);
    expect(m.toRows(softmax(x, { keyLength: 2 }))).toEqual([[0.5, 0.5, 0]]);
    const infinite = m.fromRows([
      [0, -Infinity],
      [-Infinity, -Infinity],
    ]);
    expect(m.toRows(softmax(infinite))).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });
});

/** Queries, keys and values of `heads` heads of size 2. */
const queryKeyValue = fc
  .record({ queries: side, keys: side, heads: fc.integer({ min: 1, max: 4 }) })
  .chain(({ queries, keys, heads }) =>
    fc.record({
      heads: fc.constant(heads),
      q: matrices(queries, 2 * heads),
      k: matrices(keys, 2 * heads),
      v: matrices(keys, 2 * heads),
    }),
  );

describe('attention', () => {
  test('by hand: scores 0 and ln 3 weigh the values 1 : 3', () => {
    const q = m.fromRows([[1, 0, 0, 0]]);
    const k = m.fromRows([
      [0, 5, 5, 5],
      [2 * Math.log(3), 0, 0, 0], // the scale is 1/√4
    ]);
    const v = m.fromRows([
      [4, 0],
      [0, 8],
    ]);
    expectClose(at.attention(q, k, v), m.fromRows([[1, 6]]));
  });

  test('equal keys average the values', () => {
    fc.assert(
      fc.property(queryKeyValue, ({ q, k, v }) => {
        const same = m.joinRows(Array.from({ length: k.rows }, () => m.row(k, 0)));
        const columns = m.toRows(m.transpose(v));
        const mean = columns.map((values) => values.reduce((a, b) => a + b, 0) / values.length);
        const expected = m.fromRows(Array.from({ length: q.rows }, () => mean));
        expectClose(at.attention(q, same, v), expected);
      }),
      RUNS,
    );
  });

  test('a causal first row is v₀, and row i ignores all later keys', () => {
    fc.assert(
      fc.property(queryKeyValue, ({ q, k, v }) => {
        const causal = at.attention(q, k, v, { causalOffset: 0 });
        expectClose(m.row(causal, 0), m.row(v, 0));
        const n = Math.min(q.rows, k.rows);
        const last = n - 1;
        const cut = at.attention(m.row(q, last), m.sliceRows(k, 0, n), m.sliceRows(v, 0, n));
        expectClose(m.row(causal, last), cut);
      }),
      RUNS,
    );
  });

  test('decoding one row at an offset gives that row of the whole', () => {
    fc.assert(
      fc.property(
        side.chain((n) => fc.tuple(matrices(n, 4), matrices(n, 4), matrices(n, 4))),
        ([q, k, v]) => {
          const options = { heads: 2, causalOffset: 0 };
          const whole = at.multiHeadAttention(q, k, v, options);
          const i = q.rows - 1;
          const step = at.multiHeadAttention(m.row(q, i), k, v, { heads: 2, causalOffset: i });
          expectClose(step, m.row(whole, i));
        },
      ),
      RUNS,
    );
  });

  test('the order of keys does not matter', () => {
    fc.assert(
      fc.property(queryKeyValue, ({ heads, q, k, v }) => {
        const reversed = (x: m.Matrix) => m.fromRows(m.toRows(x).reverse());
        const expected = at.multiHeadAttention(q, k, v, { heads });
        expectClose(at.multiHeadAttention(q, reversed(k), reversed(v), { heads }), expected);
      }),
      RUNS,
    );
  });

  test('grouped queries: kvHeads = heads is plain, fewer equals repeated keys and values', () => {
    fc.assert(
      fc.property(queryKeyValue, fc.integer({ min: 1, max: 3 }), ({ heads, q, k, v }, group) => {
        const plain = at.multiHeadAttention(q, k, v, { heads });
        expect(at.multiHeadAttention(q, k, v, { heads, kvHeads: heads })).toEqual(plain);
        const queries = m.joinCols(Array.from({ length: group }, () => q));
        const repeat = (x: m.Matrix) =>
          m.joinCols(
            Array.from({ length: heads * group }, (_, h) => {
              const from = 2 * Math.floor(h / group);
              return m.sliceCols(x, from, from + 2);
            }),
          );
        const grouped = { heads: heads * group, kvHeads: heads };
        expectClose(
          at.multiHeadAttention(queries, k, v, grouped),
          at.multiHeadAttention(queries, repeat(k), repeat(v), { heads: heads * group }),
        );
      }),
      RUNS,
    );
  });

  test('cross-attention to oneself is self-attention', () => {
    const operands = fc.tuple(matrices(3, 4), ...Array.from({ length: 4 }, () => matrices(4, 4)));
    fc.assert(
      fc.property(operands, ([x, ...maps]) => {
        const [query, key, value, output] = maps.map((weight) => ({ weight }));
        const weights = { query, key, value, output };
        const self = at.selfAttention(x, weights, { heads: 2 });
        expect(at.crossAttention(x, x, weights, { heads: 2 })).toEqual(self);
        const [q, k, v] = [query, key, value].map((map) => linear(x, map));
        expectClose(self, linear(at.multiHeadAttention(q, k, v, { heads: 2 }), output));
      }),
      RUNS,
    );
  });

  test('mistakes are named', () => {
    const [x, y] = [m.zeros(2, 4), m.zeros(3, 6)];
    expect(() => at.attention(x, y, y)).toThrow('attention q and k: shapes 2×4 and 3×6');
    expect(() => at.attention(x, x, y)).toThrow('attention k and v: shapes 2×4 and 3×6');
    expect(() => at.multiHeadAttention(x, x, x, { heads: 3 })).toThrow('4 columns in 3 heads');
    const uneven = { heads: 4, kvHeads: 3 };
    expect(() => at.multiHeadAttention(x, x, x, uneven)).toThrow('4 heads over 3 key heads');
  });
});
