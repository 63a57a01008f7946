/** lstm-step and lstm-loop agree with the float64 reference within derived bounds. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { lstm, lstmStep } from '../../src/reference/recurrent.ts';
import { zeros } from '../../src/reference/matrix.ts';
import { FUNCTION_ERROR_ULP as ULPS } from '../../src/tensor/functions.ts';
import type { Bounded } from '../support/bounds/index.ts';
import * as b from '../support/bounds/index.ts';
import { boundedRows, fill } from './compose.ts';
import type { Finished } from './support.ts';
import { SMALL, expectWithin, fills, finish, programNamed } from './support.ts';
import { randomData, seeds, upToTile } from './support.ts';

interface State {
  readonly h: Bounded;
  readonly c: Bounded;
}

/** `x Wᵀ + h Uᵀ` of each gate, continued by `addBias`, then the gates and the new state. */
function step(
  run: Finished,
  x: Bounded,
  { h, c }: State,
  addBias: (sum: Bounded, gate: number) => Bounded,
): State {
  const size = h.value.cols;
  const rows = (name: string, n: number) =>
    b.transpose(boundedRows(run.input(name), n * size, (n + 1) * size));
  const gate = (n: number) => addBias(b.matmul(h, rows('U', n), b.matmul(x, rows('W', n))), n);
  const [i, f, o] = [0, 1, 3].map((n) => b.sigmoid(gate(n), ULPS));
  const g = b.tanh(gate(2), ULPS);
  const cell = b.add(b.mul(f, c), b.mul(i, g));
  return { c: cell, h: b.mul(o, b.tanh(cell, ULPS)) };
}

/** The biases of one gate, each a row. */
function biases(run: Finished, gate: number): Bounded[] {
  const size = run.input('Bw').value.cols / 4;
  return ['Bw', 'Bu'].map((name) => b.boundedCols(run.input(name), gate * size, (gate + 1) * size));
}

function cellOf(run: Finished) {
  return {
    inputWeight: run.input('W').value,
    hiddenWeight: run.input('U').value,
    inputBias: run.input('Bw').value,
    hiddenBias: run.input('Bu').value,
  };
}

function checkStep(run: Finished): void {
  const [x, h, c] = ['X', 'H', 'C'].map((name) => run.input(name));
  const next = step(run, x, { h, c }, (sum, gate) => biases(run, gate).reduce(b.add, sum));
  const reference = lstmStep(x.value, { hidden: h.value, cell: c.value }, cellOf(run));
  expectWithin(run.output('Hnew'), next.h, reference.hidden);
  expectWithin(run.output('Cnew'), next.c, reference.cell);
}

function checkLoop(run: Finished): void {
  const x = run.input('X');
  const hidden = run.input('U').value.cols;
  const added = [0, 1, 2, 3].map((gate) => biases(run, gate).reduce((p, q) => b.add(p, q)));
  const reference = lstm(
    x.value,
    { hidden: zeros(1, hidden), cell: zeros(1, hidden) },
    cellOf(run),
  );
  let state: State = { h: fill(1, hidden, 0), c: fill(1, hidden, 0) };
  for (let t = 0; t < x.value.rows; t++) {
    state = step(run, boundedRows(x, t, t + 1), state, (sum, gate) => b.add(sum, added[gate]));
    const row = reference.outputs.data.slice(t * hidden, (t + 1) * hidden);
    const actual = run.output('Y').subarray(t * hidden, (t + 1) * hidden);
    expectWithin(actual, state.h, { rows: 1, cols: hidden, data: row });
  }
  expectWithin(run.output('Clast'), state.c, reference.final.cell);
}

describe('lstm-step', () => {
  it('is a step of an LSTM as it stands', () => {
    checkStep(finish(programNamed('lstm-step')));
  });

  it('is a step of an LSTM for any sizes and data', () => {
    const params = fc.record({ BATCH: upToTile, INPUT: upToTile, HIDDEN: upToTile });
    fc.assert(
      fc.property(params, seeds, fills, fills, (p, seed, X, C) => {
        checkStep(finish(programNamed('lstm-step', p), randomData(seed, { X, C })));
      }),
      SMALL,
    );
  });
});

describe('lstm-loop', () => {
  it('is an LSTM over a sequence as it stands', () => {
    checkLoop(finish(programNamed('lstm-loop')));
  });

  it('is an LSTM for any sizes, lengths and data', () => {
    const STEPS = fc.integer({ min: 1, max: 8 });
    const params = fc.record({ STEPS, INPUT: upToTile, HIDDEN: upToTile });
    fc.assert(
      fc.property(params, seeds, fills, (p, seed, X) => {
        checkLoop(finish(programNamed('lstm-loop', p), randomData(seed, { X })));
      }),
      SMALL,
    );
  });
});
