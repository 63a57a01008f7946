/** Recurrent cells (Elman, GRU, LSTM) in the weight layout of PyTorch, and loops over sequences. */
import { sigmoid, tanh } from './activation.ts';
import type { Activation } from './feed-forward.ts';
import { add, linear, multiply } from './linear.ts';
import type { Matrix } from './matrix.ts';
import { joinRows, mapElements, row, sliceCols, transpose, zipElements } from './matrix.ts';

/** The weights of one cell with `gates` gates (Elman 1, GRU 3, LSTM 4) of `hidden` units each. */
export interface CellWeights {
  /** [gates·hidden × inputs] */
  readonly inputWeight: Matrix;
  /** [gates·hidden × hidden] */
  readonly hiddenWeight: Matrix;
  /** [1 × gates·hidden] */
  readonly inputBias: Matrix;
  /** [1 × gates·hidden] */
  readonly hiddenBias: Matrix;
}

/** What an LSTM carries from step to step: both [batch × hidden]. */
export interface LstmState {
  readonly hidden: Matrix;
  readonly cell: Matrix;
}

/** Every hidden state of a sequence [steps × hidden], and the state after the last step. */
export interface Unrolled<State> {
  readonly outputs: Matrix;
  readonly final: State;
}

/** h′ = f(W·x + b + U·h + c); x [batch × inputs], h [batch × hidden]. Source: Elman 1990. */
export function elmanStep(x: Matrix, h: Matrix, w: CellWeights, f: Activation = tanh): Matrix {
  return mapElements(add(fromInput(x, w), fromHidden(h, w)), f);
}

/**
 * One GRU step, gates in the order reset, update, new; x [batch × inputs], h [batch × hidden].
 * `linearBeforeReset` true is PyTorch's form, the reset gate acting on U·h + c; false is the
 * paper's, the gate acting on h. Sources: Cho et al. 2014, eq. 5–8; torch.nn.GRU; ONNX GRU.
 */
export function gruStep(x: Matrix, h: Matrix, w: CellWeights, linearBeforeReset = true): Matrix {
  const size = h.cols;
  const input = fromInput(x, w); // [batch × 3·hidden]
  const hidden = fromHidden(h, w); // [batch × 3·hidden]
  const reset = mapElements(add(gate(input, 0, size), gate(hidden, 0, size)), sigmoid);
  const update = mapElements(add(gate(input, 1, size), gate(hidden, 1, size)), sigmoid);
  const recalled = linearBeforeReset
    ? multiply(reset, gate(hidden, 2, size))
    : gate(fromHidden(multiply(reset, h), w), 2, size);
  const fresh = mapElements(add(gate(input, 2, size), recalled), tanh);
  // h′ = (1 − z) ⊙ n + z ⊙ h
  const kept = multiply(update, h);
  return add(
    zipElements('gru', update, fresh, (z, n) => (1 - z) * n),
    kept,
  );
}

/**
 * One LSTM step, gates in PyTorch's order input, forget, cell, output.
 * c′ = f ⊙ c + i ⊙ g and h′ = o ⊙ tanh(c′). Sources: Gers et al. 2000; torch.nn.LSTM.
 */
export function lstmStep(x: Matrix, state: LstmState, w: CellWeights): LstmState {
  const size = state.hidden.cols;
  const all = add(fromInput(x, w), fromHidden(state.hidden, w)); // [batch × 4·hidden]
  const input = mapElements(gate(all, 0, size), sigmoid);
  const forget = mapElements(gate(all, 1, size), sigmoid);
  const candidate = mapElements(gate(all, 2, size), tanh);
  const output = mapElements(gate(all, 3, size), sigmoid);
  const cell = add(multiply(forget, state.cell), multiply(input, candidate));
  return { cell, hidden: multiply(output, mapElements(cell, tanh)) };
}

/** An Elman network over x [steps × inputs] from h [1 × hidden]. */
export function elman(x: Matrix, h: Matrix, w: CellWeights, f?: Activation): Unrolled<Matrix> {
  return unroll(x, h, (xt, state) => elmanStep(xt, state, w, f), identity);
}

/** A GRU over x [steps × inputs] from h [1 × hidden]. */
export function gru(
  x: Matrix,
  h: Matrix,
  w: CellWeights,
  linearBeforeReset?: boolean,
): Unrolled<Matrix> {
  return unroll(x, h, (xt, state) => gruStep(xt, state, w, linearBeforeReset), identity);
}

/** An LSTM over x [steps × inputs] from h and c [1 × hidden]. */
export function lstm(x: Matrix, initial: LstmState, w: CellWeights): Unrolled<LstmState> {
  return unroll(
    x,
    initial,
    (xt, state) => lstmStep(xt, state, w),
    (state) => state.hidden,
  );
}

function unroll<State>(
  x: Matrix,
  initial: State,
  step: (xt: Matrix, state: State) => State,
  hiddenOf: (state: State) => Matrix,
): Unrolled<State> {
  let final = initial;
  const outputs: Matrix[] = [];
  for (let t = 0; t < x.rows; t++) {
    final = step(row(x, t), final);
    outputs.push(hiddenOf(final));
  }
  return { outputs: joinRows(outputs), final };
}

const identity = (h: Matrix): Matrix => h;

/** x·Wᵀ + b [batch × gates·hidden]. */
function fromInput(x: Matrix, w: CellWeights): Matrix {
  return linear(x, { weight: transpose(w.inputWeight), bias: w.inputBias });
}

/** h·Uᵀ + c [batch × gates·hidden]. */
function fromHidden(h: Matrix, w: CellWeights): Matrix {
  return linear(h, { weight: transpose(w.hiddenWeight), bias: w.hiddenBias });
}

function gate(all: Matrix, index: number, size: number): Matrix {
  return sliceCols(all, index * size, (index + 1) * size);
}
