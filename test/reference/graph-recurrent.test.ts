/** Recurrent layers against the hand-written cells, and each attribute against its definition. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Attributes } from '../../src/model/graph.ts';
import type { Matrix } from '../../src/reference/matrix.ts';
import {
  joinCols,
  joinRows,
  row as rowOf,
  sliceCols,
  sliceRows,
} from '../../src/reference/matrix.ts';
import { elman, gru, lstm } from '../../src/reference/recurrent.ts';
import { RUNS, matrices, side } from './random.ts';
import type { Given } from './graph-support.ts';
import { applyAll, expectNear, given, matrix, row, vector } from './graph-support.ts';

/** Random operands of a layer with this many gates; one row of the batch. */
const layers = (gates: number) =>
  fc.tuple(side, side, side).chain(([steps, inputs, hidden]) =>
    fc.record({
      x: matrices(steps, inputs),
      w: matrices(gates * hidden, inputs),
      r: matrices(gates * hidden, hidden),
      bias: matrices(1, 2 * gates * hidden),
      h0: matrices(1, hidden),
      c0: matrices(1, hidden),
    }),
  );

interface Layer {
  readonly x: Matrix;
  readonly w: Matrix;
  readonly r: Matrix;
  readonly bias: Matrix;
  readonly h0: Matrix;
  readonly c0: Matrix;
}

const sequence = (x: Matrix): Given => given([x.rows, 1, x.cols], x.data);

const operandsOf = ({ x, w, r, bias, h0 }: Layer): Given[] => [
  sequence(x),
  matrix(w),
  matrix(r),
  vector(bias),
  matrix(h0),
];

/** The weights for the hand-written cells: `order[i]` is our place of their gate i. */
function cellWeights({ w, r, bias }: Layer, order: readonly number[]) {
  const hidden = r.cols;
  const half = bias.cols / 2;
  const gates = (m: Matrix) =>
    joinRows(order.map((g) => sliceRows(m, g * hidden, (g + 1) * hidden)));
  const biases = (from: number) =>
    joinCols(order.map((g) => sliceCols(bias, from + g * hidden, from + (g + 1) * hidden)));
  return {
    inputWeight: gates(w),
    hiddenWeight: gates(r),
    inputBias: biases(0),
    hiddenBias: biases(half),
  };
}

describe('the hand-written cells agree', () => {
  test('rnn', () => {
    fc.assert(
      fc.property(layers(1), (layer) => {
        const { outputs, final } = elman(layer.x, layer.h0, cellWeights(layer, [0]));
        const [y, h] = applyAll('rnn', operandsOf(layer));
        expectNear(y, [layer.x.rows, 1, layer.r.cols], outputs.data);
        expectNear(h, [1, layer.r.cols], final.data);
      }),
      RUNS,
    );
  });

  test('gru, in both its forms', () => {
    fc.assert(
      fc.property(layers(3), fc.boolean(), (layer, linear) => {
        const { outputs, final } = gru(layer.x, layer.h0, cellWeights(layer, [1, 0, 2]), linear);
        const [y, h] = applyAll('gru', operandsOf(layer), { linear_before_reset: linear });
        expectNear(y, [layer.x.rows, 1, layer.r.cols], outputs.data);
        expectNear(h, [1, layer.r.cols], final.data);
      }),
      RUNS,
    );
  });

  test('lstm', () => {
    fc.assert(
      fc.property(layers(4), (layer) => {
        const start = { hidden: layer.h0, cell: layer.c0 };
        const { outputs, final } = lstm(layer.x, start, cellWeights(layer, [0, 2, 3, 1]));
        const [y, h, c] = applyAll('lstm', [...operandsOf(layer), matrix(layer.c0)]);
        expectNear(y, [layer.x.rows, 1, layer.r.cols], outputs.data);
        expectNear(h, [1, layer.r.cols], final.hidden.data);
        expectNear(c, [1, layer.r.cols], final.cell.data);
      }),
      RUNS,
    );
  });
});

describe('without biases and a first state', () => {
  it('they are zeros', () => {
    const operands = [given([1, 1, 1], [2]), given([1, 1], [0.5]), given([1, 1], [9])];
    expectNear(applyAll('rnn', operands)[0], [1, 1, 1], [Math.tanh(1)]);
    const four = [given([1, 1, 1], [0]), given([4, 1], [0, 0, 0, 0]), given([4, 1], [0, 0, 0, 0])];
    const [y, h, c] = applyAll('lstm', [...four, undefined, undefined, given([1, 1], [3])]);
    expectNear(c, [1, 1], [1.5]); // half of what was there
    expectNear(h, [1, 1], [Math.tanh(1.5) / 2]);
    expectNear(y, [1, 1, 1], h.data);
  });
});

describe('order and length', () => {
  const kinds = [
    ['rnn', 1],
    ['gru', 3],
    ['lstm', 4],
  ] as const;

  test.each(kinds)('%s in reverse is the mirror image of itself', (op, gates) => {
    const mirror = (x: Given, steps: number): Given => {
      const width = x.data.length / steps;
      const rows = Array.from({ length: steps }, (_, t) =>
        x.data.subarray(t * width, (t + 1) * width),
      );
      return given(
        x.shape,
        rows.reverse().flatMap((values) => [...values]),
      );
    };
    fc.assert(
      fc.property(layers(gates), (layer) => {
        const steps = layer.x.rows;
        const [x, ...rest] = operandsOf(layer);
        const [y, h] = applyAll(op, [x, ...rest], { reverse: true });
        const [mirrored, last] = applyAll(op, [mirror(x, steps), ...rest]);
        expectNear(y, y.shape, mirror(mirrored, steps).data);
        expectNear(h, h.shape, last.data);
      }),
      RUNS,
    );
  });

  test.each(kinds)('%s of a batch is each row by itself, cut to its length', (op, gates) => {
    const cases = layers(gates).chain((layer) =>
      fc.record({
        layer: fc.constant(layer),
        others: matrices(layer.x.rows, layer.x.cols),
        lengths: fc.tuple(fc.nat(layer.x.rows), fc.nat(layer.x.rows)),
        reverse: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(cases, ({ layer, others, lengths, reverse }) => {
        const [steps, hidden] = [layer.x.rows, layer.r.cols];
        const batch = joinCols([layer.x, others]); // step by step, row beside row
        const x = given([steps, 2, layer.x.cols], batch.data);
        const [, w, r, bias] = operandsOf(layer);
        const h0 = matrix(joinRows([layer.h0, layer.h0]));
        const [y, h] = applyAll(op, [x, w, r, bias, h0], { lengths, reverse });
        [layer.x, others].forEach((own, b) => {
          const alone = operandsOf({ ...layer, x: sliceRows(own, 0, lengths[b]) });
          const [short, last] = applyAll(op, alone, { reverse });
          const padded = new Float64Array(steps * hidden); // zeros behind the last step
          padded.set(short.data);
          const column = sliceCols(
            { rows: steps, cols: 2 * hidden, data: y.data },
            b * hidden,
            (b + 1) * hidden,
          );
          expectNear({ ...given([steps, hidden], column.data) }, [steps, hidden], padded);
          const state = rowOf({ rows: 2, cols: hidden, data: h.data }, b);
          expectNear(given([hidden], state.data), [hidden], last.data);
        });
      }),
      RUNS,
    );
  });
});

describe('lengths', () => {
  const operands = [given([2, 2, 1], [1, 1, 1, 1]), given([1, 1], [1]), given([1, 1], [0])];

  it('that the batch or the steps do not have are errors', () => {
    const run = (lengths: number[]) => () => applyAll('rnn', operands, { lengths });
    expect(run([3, 1])).toThrow('node y (rnn): row 0 has 3 of 2 steps');
    expect(run([1])).toThrow('node y (rnn): row 1 has undefined of 2 steps');
  });
});

describe('activations', () => {
  /** f of x: a network of one unit that looks at nothing else. */
  const through = (name: string, x: number, options: Attributes = {}): number => {
    const operands = [given([1, 1, 1], [x]), given([1, 1], [1]), given([1, 1], [0])];
    return applyAll('rnn', operands, { activations: [name], ...options })[0].data[0];
  };

  test.each([
    ['relu', -1, 0],
    ['relu', 2, 2],
    ['sigmoid', Math.log(3), 0.75],
    ['tanh', 1, 0.761594155955765],
    ['hard_sigmoid', 1, 0.7],
    ['hard_sigmoid', -4, 0],
    ['hard_sigmoid', 4, 1],
    ['softsign', -3, -0.75],
    ['softplus', 0, Math.LN2],
    ['softplus', 1000, 1000],
    ['elu', -Math.LN2, -0.5],
    ['elu', 3, 3],
    ['leaky_relu', -3, -0.03],
    ['leaky_relu', 3, 3],
    ['affine', -3, -3],
    ['scaled_tanh', 1, 0.761594155955765],
    ['thresholded_relu', 0.9, 0],
    ['thresholded_relu', 1, 1],
  ])('%s of %f', (name, x, expected) => {
    expect(through(name, x)).toBeCloseTo(expected, 14);
  });

  it('see what is left after the cut', () => {
    expect(through('affine', 3, { clip: 2 })).toBe(2);
    expect(through('affine', -3, { clip: 2 })).toBe(-2);
    expect(through('affine', 1, { clip: 2 })).toBe(1);
  });

  it('that do not exist are errors', () => {
    expect(() => through('gelu', 1)).toThrow('node y (rnn): there is no activation gelu');
  });
});

describe('one LSTM unit, written out', () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const number = fc.integer({ min: -20, max: 20 }).map((n) => n / 8);
  const numbers = (length: number) => fc.array(number, { minLength: length, maxLength: length });
  const cases = fc.record({
    x: number,
    h0: number,
    c0: number,
    w: numbers(4),
    r: numbers(4),
    bias: numbers(8),
    peephole: numbers(3),
    clip: fc.constantFrom(0, 1),
    inputForget: fc.boolean(),
  });

  it('has peepholes, coupled gates and a cut', () => {
    fc.assert(
      fc.property(cases, ({ x, h0, c0, w, r, bias, peephole, clip, inputForget }) => {
        const cut = (v: number) => (clip === 0 ? v : Math.max(-clip, Math.min(clip, v)));
        const sum = (gate: number) => w[gate] * x + r[gate] * h0 + bias[gate] + bias[4 + gate];
        const i = sigmoid(cut(sum(0) + peephole[0] * c0));
        const f = inputForget ? 1 - i : sigmoid(cut(sum(2) + peephole[2] * c0));
        const c = f * c0 + i * Math.tanh(cut(sum(3)));
        const o = sigmoid(cut(sum(1) + peephole[1] * c));
        const operands = [given([1, 1, 1], [x]), given([4, 1], w), given([4, 1], r), row(...bias)];
        const states = [given([1, 1], [h0]), given([1, 1], [c0])];
        const options = {
          clip,
          input_forget: inputForget,
          activations: ['sigmoid', 'tanh', 'softsign'],
        };
        const [, h, cell] = applyAll('lstm', [...operands, ...states, row(...peephole)], options);
        expectNear(cell, [1, 1], [c]);
        expectNear(h, [1, 1], [(o * c) / (1 + Math.abs(c))]);
      }),
      RUNS,
    );
  });
});
