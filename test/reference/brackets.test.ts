/** The recurrent loops against PyTorch's probabilities, with the weights of our ONNX files. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { embed, linear } from '../../src/reference/linear.ts';
import type { Matrix } from '../../src/reference/matrix.ts';
import * as m from '../../src/reference/matrix.ts';
import type { CellWeights } from '../../src/reference/recurrent.ts';
import { elman, gru, lstm } from '../../src/reference/recurrent.ts';
import { softmax } from '../../src/reference/softmax.ts';
import { readInitializers } from '../support/onnx-initializers.ts';
import { maxDifference } from './random.ts';

/**
 * Sixteen roundings of float32, u being 2⁻²⁴ = 6e-8: half for PyTorch's softmax (two exponentials, a
 * sum, a quotient), half for what reaches it. These networks are sure of themselves, so the error
 * of a logit counts only by p(1 − p) < 4e-4, and 8u allow it to be 1e-3. Found: 7e-8.
 */
const FLOAT32_TOLERANCE = 16 * 2 ** -24;

const HIDDEN = 32;

interface Golden {
  readonly tokens: readonly number[];
  readonly probabilities: readonly number[];
}

/** Runs a sequence [steps × inputs] from a zero state to the last hidden state [1 × hidden]. */
type Cell = (x: Matrix, w: CellWeights) => Matrix;

const start = m.zeros(1, HIDDEN);

/** `order[i]` is the place in ONNX of PyTorch's gate i. Source: ONNX operators RNN, GRU, LSTM. */
const networks: Record<string, { readonly order: readonly number[]; readonly run: Cell }> = {
  rnn: { order: [0], run: (x, w) => elman(x, start, w).final },
  gru: { order: [1, 0, 2], run: (x, w) => gru(x, start, w).final }, // z r h → r z n
  lstm: {
    order: [0, 2, 3, 1], // i o f c → i f g o
    run: (x, w) => lstm(x, { hidden: start, cell: start }, w).final.hidden,
  },
};

describe.each(Object.entries(networks))('brackets-%s', (name, { order, run }) => {
  const folder = new URL(`../../programs/models/brackets-${name}/`, import.meta.url);
  const weights = readInitializers(new URL('model.onnx', folder).pathname);
  const golden = JSON.parse(readFileSync(new URL('golden.json', folder), 'utf8')) as Golden[];
  const named = (weight: string) => weights.get(weight) ?? m.zeros(0, 0);
  const cell = cellWeights(weights, order);
  const output = { weight: m.transpose(named('fc.weight')), bias: named('fc.bias') };

  test('there are 16 cases', () => {
    expect(golden).toHaveLength(16);
  });

  test.each(golden)('$tokens', ({ tokens, probabilities }) => {
    const hidden = run(embed(named('emb.weight'), tokens), cell);
    const actual = softmax(linear(hidden, output));
    expect(maxDifference(actual.data, probabilities)).toBeLessThan(FLOAT32_TOLERANCE);
  });
});

/** W, R and B of the ONNX operator, which stand last in the file, with gates in PyTorch's order. */
function cellWeights(weights: ReadonlyMap<string, Matrix>, order: readonly number[]): CellWeights {
  const [w, r, b] = [...weights.values()].slice(-3);
  const rows = order.length * HIDDEN;
  const gates = (x: Matrix) =>
    m.joinRows(order.map((gate) => m.sliceRows(x, gate * HIDDEN, (gate + 1) * HIDDEN)));
  const bias = (from: number) => m.transpose(gates(m.transpose(m.sliceCols(b, from, from + rows))));
  return {
    inputWeight: gates(w),
    hiddenWeight: gates(r),
    inputBias: bias(0),
    hiddenBias: bias(rows),
  };
}
