/** Norms, rotary positions, feed-forward and the two kinds of transformer layer. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relu } from '../../src/reference/activation.ts';
import { feedForward, gatedFeedForward } from '../../src/reference/feed-forward.ts';
import { add, matmul } from '../../src/reference/linear.ts';
import * as m from '../../src/reference/matrix.ts';
import { layerNorm, rmsNorm } from '../../src/reference/norm.ts';
import { rotaryFrequencies, rotate } from '../../src/reference/rotary.ts';
import { postNormLayer, preNormLayer } from '../../src/reference/transformer.ts';
import { expectClose, FLOAT64_TOLERANCE, matrices, RUNS, side } from './random.ts';

const ones = (n: number) => m.matrix(1, n, new Array<number>(n).fill(1));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('norms', () => {
  test('layer norm by hand: mean 2, variance 1 with ε = 0', () => {
    const x = m.fromRows([[1, 3]]);
    const y = layerNorm(x, m.fromRows([[10, 10]]), m.fromRows([[1, 2]]), 0);
    expect(m.toRows(y)).toEqual([[-9, 12]]);
  });

  test('RMS norm by hand: √((9 + 16 + 0 + 0)/4) = 2.5', () => {
    const y = rmsNorm(m.fromRows([[3, 4, 0, 0]]), ones(4), 0);
    expectClose(y, m.fromRows([[1.2, 1.6, 0, 0]]));
  });

  test('layer norm has mean 0 and variance σ²/(σ² + ε); RMS norm of the centred row is it', () => {
    const inputs = fc.tuple(side, side).chain(([r, c]) => matrices(r, c));
    const epsilon = 0.5;
    fc.assert(
      fc.property(inputs, (x) => {
        const y = layerNorm(x, ones(x.cols), m.zeros(1, x.cols), epsilon);
        const centred = m.fromRows(m.toRows(x).map((row) => row.map((v) => v - mean(row))));
        expectClose(y, rmsNorm(centred, ones(x.cols), epsilon));
        m.toRows(y).forEach((row, i) => {
          const variance = mean(m.toRows(centred)[i].map((v) => v * v));
          const expected = variance / (variance + epsilon);
          expect(Math.abs(mean(row))).toBeLessThan(FLOAT64_TOLERANCE);
          expect(Math.abs(mean(row.map((v) => v * v)) - expected)).toBeLessThan(FLOAT64_TOLERANCE);
        });
      }),
      RUNS,
    );
  });

  test('gain and bias of the wrong width are refused', () => {
    const x = m.zeros(2, 3);
    expect(() => rmsNorm(x, ones(2), 1)).toThrow('rmsNorm gain: shapes 2×3 and 1×2');
    expect(() => layerNorm(x, ones(2), ones(3), 1)).toThrow('layerNorm gain: shapes 2×3 and 1×2');
    expect(() => layerNorm(x, ones(3), x, 1)).toThrow('layerNorm bias: shapes 2×3 and 2×3');
  });
});

describe('rotary positions', () => {
  const frequencies = rotaryFrequencies(4, 100);

  test('frequencies fall from 1 to base^(−1 + 2/headSize)', () => {
    expect(frequencies).toEqual([1, 0.1]);
  });

  test('a quarter turn takes (a, b) to (−b, a), halves apart, in every head', () => {
    const quarter = { positions: [1], frequencies: [Math.PI / 2, 0] };
    const x = m.fromRows([[1, 2, 3, 4, 5, 6, 7, 8]]);
    expectClose(rotate(x, quarter), m.fromRows([[-3, 2, 1, 4, -7, 6, 5, 8]]));
  });

  test('scores depend on the distance of positions only', () => {
    const position = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(matrices(1, 4), matrices(1, 4), position, position, (q, k, distance, shift) => {
        const score = (i: number, j: number) =>
          matmul(
            rotate(q, { positions: [i], frequencies }),
            m.transpose(rotate(k, { positions: [j], frequencies })),
          );
        expectClose(score(distance, 0), score(distance + shift, shift));
      }),
      RUNS,
    );
  });

  test('a width that is no whole number of heads is refused', () => {
    const rotary = { positions: [0], frequencies };
    expect(() => rotate(m.zeros(1, 6), rotary)).toThrow('1×6 with 1 positions, head size 4');
    expect(() => rotate(m.zeros(2, 4), rotary)).toThrow('2×4 with 1 positions, head size 4');
  });
});

describe('feed-forward', () => {
  const up = { weight: m.fromRows([[1, -1]]), bias: m.fromRows([[0, 1]]) };
  const down = { weight: m.fromRows([[2], [3]]) };

  test('plain, by hand: relu(3) · 2 + relu(−2) · 3', () => {
    expect(m.toRows(feedForward(m.fromRows([[3]]), { up, down }, relu))).toEqual([[6]]);
  });

  test('gated, by hand: the gate relu(2x) multiplies', () => {
    const gate = { weight: m.fromRows([[2, 2]]) };
    // x = 3: gate 6, 6; up 3, −2; down 18·2 − 12·3
    expect(m.toRows(gatedFeedForward(m.fromRows([[3]]), { up, down, gate }, relu))).toEqual([[0]]);
  });

  test('SwiGLU is gated by x·sigmoid(x)', () => {
    const gate = { weight: m.fromRows([[1, 1]]) };
    const silu3 = 3 / (1 + Math.exp(-3));
    const y = gatedFeedForward(m.fromRows([[3]]), { up, down, gate });
    expectClose(y, m.fromRows([[silu3 * 3 * 2 - silu3 * 2 * 3]]));
    const onlyFirst = { weight: m.fromRows([[2], [0]]) };
    const z = gatedFeedForward(m.fromRows([[3]]), { up, down: onlyFirst, gate });
    expectClose(z, m.fromRows([[silu3 * 6]]));
  });
});

describe('layers', () => {
  const double = (x: m.Matrix) => m.mapElements(x, (v) => 2 * v);
  const increment = (x: m.Matrix) => m.mapElements(x, (v) => v + 1);
  const sublayers = [
    { norm: double, apply: increment },
    { norm: increment, apply: double },
  ];

  test('pre-norm: x + f(norm(x)), twice', () => {
    // 1 → 1 + (2 + 1) = 4 → 4 + 2·5 = 14
    expect(m.toRows(preNormLayer(m.fromRows([[1]]), sublayers))).toEqual([[14]]);
  });

  test('post-norm: norm(x + f(x)), twice', () => {
    // 1 → 2·(1 + 2) = 6 → 6 + 12 + 1 = 19
    expect(m.toRows(postNormLayer(m.fromRows([[1]]), sublayers))).toEqual([[19]]);
  });

  test('a pre-norm layer of silent sublayers is the identity', () => {
    const silent = { norm: double, apply: (x: m.Matrix) => m.zeros(x.rows, x.cols) };
    const x = m.fromRows([[1, 2]]);
    expect(preNormLayer(x, [silent, silent])).toEqual(x);
    expect(postNormLayer(x, [silent])).toEqual(add(x, x));
  });
});
