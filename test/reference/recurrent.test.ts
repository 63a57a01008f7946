/** Recurrent cells: by hand, at their limits (a gate forced open or shut), and as loops. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relu, sigmoid } from '../../src/reference/activation.ts';
import * as m from '../../src/reference/matrix.ts';
import type { CellWeights } from '../../src/reference/recurrent.ts';
import * as r from '../../src/reference/recurrent.ts';
import { expectClose, matrices, RUNS, side } from './random.ts';

/** A gate this far open or shut is so to the last digit of float64. */
const FORCED = 1000;

const INPUTS = 2;
const HIDDEN = 3;

/** Random weights of a cell with so many gates, and an input and a state that fit it. */
function cells(gates: number) {
  return fc.record({
    x: matrices(1, INPUTS),
    h: matrices(1, HIDDEN),
    c: matrices(1, HIDDEN),
    w: fc.record({
      inputWeight: matrices(gates * HIDDEN, INPUTS),
      hiddenWeight: matrices(gates * HIDDEN, HIDDEN),
      inputBias: matrices(1, gates * HIDDEN),
      hiddenBias: matrices(1, gates * HIDDEN),
    }),
  });
}

/** The weights with `value` added to the input bias of one gate. */
function pushGate(w: CellWeights, gate: number, value: number): CellWeights {
  const data = w.inputBias.data.map((b, i) => (Math.floor(i / HIDDEN) === gate ? b + value : b));
  return { ...w, inputBias: { ...w.inputBias, data } };
}

const scalar = (value: number) => m.fromRows([[value]]);
const column = (...values: number[]) => m.fromRows(values.map((value) => [value]));

describe('by hand, one unit', () => {
  test('Elman: f(2·3 + 0.5 + 4·(−1) + 0.25)', () => {
    const w = {
      inputWeight: scalar(2),
      hiddenWeight: scalar(4),
      inputBias: scalar(0.5),
      hiddenBias: scalar(0.25),
    };
    expect(r.elmanStep(scalar(3), scalar(-1), w, relu)).toEqual(scalar(2.75));
    expect(r.elmanStep(scalar(3), scalar(-1), w)).toEqual(scalar(Math.tanh(2.75)));
  });

  test('GRU: both places of the reset gate', () => {
    const w = {
      inputWeight: column(1, 2, 3),
      hiddenWeight: column(0.5, 0.25, 2),
      inputBias: m.fromRows([[0, 0, 0]]),
      hiddenBias: m.fromRows([[0, 0, 1]]),
    };
    const [x, h] = [0.1, 0.8];
    const reset = sigmoid(x + 0.5 * h);
    const update = sigmoid(2 * x + 0.25 * h);
    const mixed = (recalled: number) =>
      scalar((1 - update) * Math.tanh(3 * x + recalled) + update * h);
    expectClose(r.gruStep(scalar(x), scalar(h), w), mixed(reset * (2 * h + 1)));
    expectClose(r.gruStep(scalar(x), scalar(h), w, false), mixed(2 * (reset * h) + 1));
  });

  test('LSTM: c′ = f·c + i·g, h′ = o·tanh(c′), gates i, f, g, o', () => {
    const w = {
      inputWeight: column(1, 2, 3, 4),
      hiddenWeight: column(0.1, 0.2, 0.3, 0.4),
      inputBias: m.fromRows([[0.5, 0, 0, 0]]),
      hiddenBias: m.fromRows([[0, 0.25, 0, 0]]),
    };
    const [x, h, c] = [0.3, -0.6, 0.9];
    const cell =
      sigmoid(2 * x + 0.2 * h + 0.25) * c + sigmoid(x + 0.1 * h + 0.5) * Math.tanh(3 * x + 0.3 * h);
    const state = r.lstmStep(scalar(x), { hidden: scalar(h), cell: scalar(c) }, w);
    expectClose(state.cell, scalar(cell));
    expectClose(state.hidden, scalar(sigmoid(4 * x + 0.4 * h) * Math.tanh(cell)));
  });
});

describe('forced gates', () => {
  test('GRU with its update gate open keeps the state, in both conventions', () => {
    fc.assert(
      fc.property(cells(3), fc.boolean(), ({ x, h, w }, before) => {
        expectClose(r.gruStep(x, h, pushGate(w, 1, FORCED), before), h);
      }),
      RUNS,
    );
  });

  test('GRU with update shut and reset open is an Elman cell, in both conventions', () => {
    fc.assert(
      fc.property(cells(3), fc.boolean(), ({ x, h, w }, before) => {
        const forced = pushGate(pushGate(w, 0, FORCED), 1, -FORCED);
        const last = (weights: m.Matrix) => m.sliceRows(weights, 2 * HIDDEN, 3 * HIDDEN);
        const lastBias = (bias: m.Matrix) => m.sliceCols(bias, 2 * HIDDEN, 3 * HIDDEN);
        const plain = {
          inputWeight: last(w.inputWeight),
          hiddenWeight: last(w.hiddenWeight),
          inputBias: lastBias(w.inputBias),
          hiddenBias: lastBias(w.hiddenBias),
        };
        expectClose(r.gruStep(x, h, forced, before), r.elmanStep(x, h, plain));
      }),
      RUNS,
    );
  });

  test('GRU with its reset shut: only the paper’s form keeps the hidden bias whole', () => {
    fc.assert(
      fc.property(cells(3), ({ x, h, w }) => {
        const forced = pushGate(w, 0, -FORCED);
        // With U = 0 the paper's form has nothing left to reset, PyTorch's still drops c.
        const silent = { ...forced, hiddenWeight: m.zeros(3 * HIDDEN, HIDDEN) };
        const bias = silent.inputBias.data.map((b, i) =>
          i < 2 * HIDDEN ? b : b + silent.hiddenBias.data[i],
        );
        const whole = { ...silent, inputBias: { ...silent.inputBias, data: bias } };
        expectClose(r.gruStep(x, h, whole, true), r.gruStep(x, h, silent, false));
      }),
      RUNS,
    );
  });

  test('LSTM with forget open and input shut keeps its cell; with output shut it is silent', () => {
    fc.assert(
      fc.property(cells(4), ({ x, h, c, w }) => {
        const keep = pushGate(pushGate(w, 0, -FORCED), 1, FORCED);
        expectClose(r.lstmStep(x, { hidden: h, cell: c }, keep).cell, c);
        const shut = pushGate(w, 3, -FORCED);
        expectClose(r.lstmStep(x, { hidden: h, cell: c }, shut).hidden, m.zeros(1, HIDDEN));
      }),
      RUNS,
    );
  });
});

describe('loops', () => {
  test('a sequence in two parts gives what it gives in one', () => {
    const runs = fc.tuple(cells(4), side, side).chain(([cell, first, second]) =>
      fc.record({
        cell: fc.constant(cell),
        first: matrices(first, INPUTS),
        second: matrices(second, INPUTS),
      }),
    );
    fc.assert(
      fc.property(runs, ({ cell: { h, c, w }, first, second }) => {
        const whole = r.lstm(m.joinRows([first, second]), { hidden: h, cell: c }, w);
        const start = r.lstm(first, { hidden: h, cell: c }, w);
        const end = r.lstm(second, start.final, w);
        expect(whole.outputs).toEqual(m.joinRows([start.outputs, end.outputs]));
        expect(whole.final).toEqual(end.final);
      }),
      RUNS,
    );
  });

  test('each loop applies its step in order and ends with its last output', () => {
    fc.assert(
      fc.property(cells(3), matrices(2, INPUTS), fc.boolean(), ({ h, w }, x, before) => {
        const one = r.gruStep(m.row(x, 0), h, w, before);
        const two = r.gruStep(m.row(x, 1), one, w, before);
        expect(r.gru(x, h, w, before)).toEqual({ outputs: m.joinRows([one, two]), final: two });
      }),
      RUNS,
    );
    fc.assert(
      fc.property(cells(1), matrices(2, INPUTS), ({ h, w }, x) => {
        const one = r.elmanStep(m.row(x, 0), h, w, relu);
        const two = r.elmanStep(m.row(x, 1), one, w, relu);
        expect(r.elman(x, h, w, relu)).toEqual({ outputs: m.joinRows([one, two]), final: two });
      }),
      RUNS,
    );
  });

  test('a batch is its rows, each alone', () => {
    fc.assert(
      fc.property(cells(3), matrices(2, INPUTS), matrices(2, HIDDEN), ({ w }, x, h) => {
        const alone = [0, 1].map((i) => r.gruStep(m.row(x, i), m.row(h, i), w));
        expect(r.gruStep(x, h, w)).toEqual(m.joinRows(alone));
      }),
      RUNS,
    );
  });
});
