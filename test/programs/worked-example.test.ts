/** worked-example: its figures are right, and what its comment says of the article's is true. */
import { describe, expect, it } from 'vitest';
import { attention } from '../../src/reference/attention.ts';
import { feedForward } from '../../src/reference/feed-forward.ts';
import { add, matmul } from '../../src/reference/linear.ts';
import { fromRows, toRows } from '../../src/reference/matrix.ts';
import { layerNorm } from '../../src/reference/norm.ts';
import { softmax } from '../../src/reference/softmax.ts';
import { FUNCTION_ERROR_ULP as ULPS } from '../../src/tensor/functions.ts';
import * as b from '../support/bounds/index.ts';
import { linear } from './compose.ts';
import { expectWithin, finish, programNamed } from './support.ts';

const run = finish(programNamed('worked-example'));
const [X, Wq, Wk, Wv, Wf, Bf, Wp, gain, bias, printed] = [
  ...['X', 'Wq', 'Wk', 'Wv', 'Wf', 'Bf', 'Wp', 'Gain', 'Bias', 'Printed'].map(run.input),
];

/** Exactly the decimals of the article, which float32 rounds. */
const embeddings = fromRows([
  [0.3, 0.4, 0.5],
  [0.6, 0.7, 0.8],
  [0.9, 1, 1.1],
]);

describe('worked-example', () => {
  const [q, k, v] = [Wq, Wk, Wv].map((w) => b.matmul(X, w));
  const weights = b.softmax(b.matmul(q, b.transpose(k)), ULPS, 1 / Math.sqrt(3));
  const output = b.matmul(weights, v);
  const reference = attention(q.value, k.value, v.value);

  it('computes every step within its bound', () => {
    expect(b.firstViolation(run.output('P'), weights)).toBeUndefined();
    expectWithin(run.output('A'), output, reference);
    const inner = linear(b.relu(linear(output, Wf, Bf)), Wf, b.fromFloat32(1, 3, [0, 0, 0]));
    const residual = b.add(output, inner);
    const map = { weight: Wf.value, bias: Bf.value };
    const exact = add(
      reference,
      feedForward(reference, { up: map, down: { weight: Wf.value } }, (x) => Math.max(0, x)),
    );
    expectWithin(run.output('R'), residual, exact);
    const normed = b.layerNorm(residual, gain, bias, 1e-6, ULPS);
    const exactNorm = layerNorm(exact, gain.value, bias.value, 1e-6);
    expect(b.firstViolation(run.output('N'), normed)).toBeUndefined();
    const final = b.softmax(b.matmul(normed, Wp), ULPS);
    expect(b.firstViolation(run.output('O'), final)).toBeUndefined();
    // Rows of equal numbers: the norm leaves nothing, float64 rounding apart, and softmax thirds.
    for (const x of exactNorm.data) expect(Math.abs(x)).toBeLessThan(1e-11);
    for (const x of softmax(exactNorm).data) expect(x).toBeCloseTo(1 / 3, 11);
  });

  it('has the embeddings of the article', () => {
    expect([...X.value.data]).toEqual([...embeddings.data].map(Math.fround));
  });

  it('rightly says that the output has three equal entries in each row, between 1.2 and 3', () => {
    const rows = toRows(attention(...threeTimes(matmul(embeddings, Wv.value))));
    for (const row of rows) {
      expect(Math.max(...row) - Math.min(...row)).toBeLessThan(1e-14);
      expect(row[0]).toBeGreaterThan(1.2);
      expect(row[0]).toBeLessThan(3);
    }
    for (const row of toRows(printed.value)) {
      expect(new Set(row).size).toBeGreaterThan(1);
      expect(Math.max(...row)).toBeLessThan(1.2);
    }
  });

  it('rightly says that the figures of the article cannot be its weights either', () => {
    const rises = (row: number[]) => row[0] < row[1] && row[1] < row[2];
    const sums = toRows(printed.value).map((row) => row[0] + row[1] + row[2]);
    for (const sum of sums) expect(sum).toBeCloseTo(1, 6);
    expect(toRows(weights.value).map(rises)).toEqual([true, true, true]);
    const [, second, third] = toRows(printed.value);
    expect([second, third].map(rises)).toEqual([false, false]);
    const steepness = toRows(weights.value).map((row) => row[2] / row[0]);
    expect(steepness).toEqual(steepness.toSorted((x, y) => x - y));
  });
});

function threeTimes<T>(x: T): [T, T, T] {
  return [x, x, x];
}
