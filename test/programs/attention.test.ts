/** The attention programs agree with the float64 reference within derived bounds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attention, selfAttention } from '../../src/reference/attention.ts';
import { matmul as exactMatmul } from '../../src/reference/linear.ts';
import { FUNCTION_ERROR_ULP as ULPS } from '../../src/tensor/functions.ts';
import type { Bounded } from '../support/bounds/index.ts';
import * as b from '../support/bounds/index.ts';
import { attentionWeights, boundedRows, fill, heads, rounded } from './compose.ts';
import type { Finished } from './support.ts';
import { SMALL, expectWithin, fills, finish, programNamed } from './support.ts';
import { randomData, seeds, upToTile } from './support.ts';

/** From "the first two rows see nothing" to "every row sees everything". */
const causal = fc.integer({ min: -2, max: 16 });

function projections(run: Finished): Bounded[] {
  return ['Wq', 'Wk', 'Wv'].map((name) => b.matmul(run.input('X'), run.input(name)));
}

function checkHead(run: Finished, causalOffset: number): void {
  const [q, k, v] = projections(run);
  const weights = attentionWeights(q, k, causalOffset);
  const exact = ['Wq', 'Wk', 'Wv'].map((w) =>
    exactMatmul(run.input('X').value, run.input(w).value),
  );
  expect(b.firstViolation(run.output('P'), weights)).toBeUndefined();
  const reference = attention(exact[0], exact[1], exact[2], { causalOffset });
  expectWithin(run.output('Y'), b.matmul(weights, v), reference);
}

describe('attention-head', () => {
  it('is attention as it stands', () => {
    checkHead(finish(programNamed('attention-head')), 0);
  });

  it('is attention for any sizes, masks and data', () => {
    const params = fc.record({ SEQ: upToTile, D: upToTile, CAUSAL: causal });
    fc.assert(
      fc.property(params, seeds, fills, (p, seed, X) => {
        checkHead(finish(programNamed('attention-head', p), randomData(seed, { X })), p.CAUSAL);
      }),
      SMALL,
    );
  });

  it('gives zeros to a token that sees nothing', () => {
    const run = finish(programNamed('attention-head', { SEQ: 3, D: 4, CAUSAL: -2 }));
    expect([...run.output('Y')].slice(0, 8)).toEqual(new Array(8).fill(0));
  });
});

function checkHeads(run: Finished, count: number, causalOffset: number): void {
  const [q, k, v] = projections(run);
  const { weights, joined } = heads(q, k, v, count, causalOffset);
  const each = run.output('P').length / count;
  weights.forEach((p, h) => {
    const actual = run.output('P').subarray(h * each, (h + 1) * each);
    expect(b.firstViolation(actual, p)).toBeUndefined();
  });
  const map = (name: string) => ({ weight: run.input(name).value });
  const all = { query: map('Wq'), key: map('Wk'), value: map('Wv'), output: map('Wo') };
  const reference = selfAttention(run.input('X').value, all, { heads: count, causalOffset });
  expectWithin(run.output('Y'), b.matmul(joined, run.input('Wo')), reference);
}

describe('multi-head-attention', () => {
  it('is multi-head attention as it stands', () => {
    checkHeads(finish(programNamed('multi-head-attention')), 3, 0);
  });

  it('is multi-head attention for any sizes, masks and data', () => {
    const HEADS = fc.integer({ min: 1, max: 4 });
    const params = fc.record({ SEQ: upToTile, HEADS, HEAD_DIM: upToTile, CAUSAL: causal });
    fc.assert(
      fc.property(params, seeds, fills, (p, seed, X) => {
        const run = finish(programNamed('multi-head-attention', p), randomData(seed, { X }));
        checkHeads(run, p.HEADS, p.CAUSAL);
      }),
      { ...SMALL, numRuns: 100 }, // up to 64 columns: the bounds take a while
    );
  });
});

/**
 * The instructions of online-softmax in their order. The machine starts its maximum at the lowest
 * float32; any start from which e^(start − m') is 0 gives the same, and this one does not overflow.
 */
function onlineSoftmax(run: Finished, offset: number): Bounded {
  const [q, k, v] = ['Q', 'K', 'V'].map((name) => run.input(name));
  const { rows, cols } = q.value;
  const one = fill(1, 1, 1);
  const query = b.mul(q, rounded(1 / Math.sqrt(cols)));
  let [m, l, o] = [fill(rows, 1, -(2 ** 100)), fill(rows, 1, 0), fill(rows, cols, 0)];
  for (let start = 0; start < k.value.rows; start += 16) {
    const end = Math.min(start + 16, k.value.rows);
    const scores = b.matmul(query, b.transpose(boundedRows(k, start, end)));
    const seen = masked(scores, offset - start);
    const next = b.max(m, b.rowMax(seen));
    const weights = b.exp(b.sub(seen, next), ULPS);
    const shrink = b.exp(b.sub(m, next), ULPS);
    l = b.add(b.mul(l, shrink), b.rowSum(weights));
    o = b.matmul(weights, boundedRows(v, start, end), b.mul(o, shrink));
    m = next;
  }
  return b.div(o, b.max(l, one));
}

function masked({ value, error }: Bounded, causalOffset: number): Bounded {
  const hidden = (i: number) => i % value.cols > Math.floor(i / value.cols) + causalOffset;
  return {
    value: { ...value, data: value.data.map((x, i) => (hidden(i) ? -Infinity : x)) },
    error: { ...error, data: error.data.map((x, i) => (hidden(i) ? 0 : x)) },
  };
}

function checkOnline(run: Finished, causalOffset: number): void {
  const [q, k, v] = ['Q', 'K', 'V'].map((name) => run.input(name).value);
  const reference = attention(q, k, v, { causalOffset });
  expectWithin(run.output('Y'), onlineSoftmax(run, causalOffset), reference);
}

describe('online-softmax', () => {
  it('is attention as it stands', () => {
    checkOnline(finish(programNamed('online-softmax')), 36);
  });

  it('is attention for any number of keys, masks and data', () => {
    const KEYS = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constantFrom(15, 16, 17, 32, 33));
    const params = fc
      .record({ QUERIES: upToTile, KEYS, D: upToTile })
      .chain((p) => fc.record({ ...asConstants(p), OFFSET: fc.integer({ min: -3, max: p.KEYS }) }));
    fc.assert(
      fc.property(params, seeds, fills, fills, (p, seed, Q, K) => {
        const prepare = randomData(seed, { Q, K, V: { scale: 1, kind: 'normal' } });
        checkOnline(finish(programNamed('online-softmax', p), prepare), p.OFFSET);
      }),
      SMALL,
    );
  });

  it('gives zeros to a query that sees no key', () => {
    const run = finish(programNamed('online-softmax', { QUERIES: 2, D: 4, OFFSET: -1 }));
    expect([...run.output('Y')].slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(run.output('Y').some(Number.isNaN)).toBe(false);
  });
});

function asConstants<T extends Record<string, number>>(values: T) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, fc.constant(value)]),
  ) as { [K in keyof T]: fc.Arbitrary<T[K]> };
}
