/** Recurrent layers: each row of the batch by itself, step by step, gate by gate. */
import { activationsOf } from './gate-activation.ts';
import type { Activation } from './gate-activation.ts';
import type { Call, Operands, Operations } from './operation.ts';
import type { RefTensor } from './tensor.ts';
import { tensor } from './tensor.ts';

type Vector = Float64Array; // of `hidden` elements, but for x

/** What one row of the batch carries from step to step; c is there in an LSTM only. */
interface State {
  readonly h: Vector;
  readonly c: Vector;
}

/** One step of one row of the batch. */
type Step = (x: Vector, state: State) => State;

/** A gate's half of what goes into its activation: matrix · v + bias. */
type Half = (gate: number, v: Vector) => Vector;

/** The parts that cells are made of. */
interface Parts {
  readonly fromX: Half;
  readonly fromH: Half;
  /** f and g, on gates that are cut to ± clip, and the h of an LSTM, on a cell that is not. */
  readonly activations: readonly Activation[];
  /** Whether an attribute of this name is set. */
  readonly has: (attribute: string) => boolean;
}

function partsOf([, w, r, bias]: Operands, { attributes }: Call): Parts {
  const hidden = r!.shape[1];
  const half =
    ({ shape, data }: RefTensor, biases: number): Half =>
    (gate, v) =>
      new Float64Array(hidden).map((_, i) => {
        const row = gate * hidden + i;
        let sum = bias ? bias.data[biases + row] : 0;
        for (let j = 0; j < shape[1]; j++) sum += data[row * shape[1] + j] * v[j];
        return sum;
      });
  const clip = attributes.clip === 0 ? Infinity : (attributes.clip as number);
  const cut = (value: number) => Math.min(Math.max(value, -clip), clip);
  const [f, g, squash] = activationsOf(attributes.activations as readonly string[]);
  return {
    fromX: half(w!, 0),
    fromH: half(r!, r!.shape[0]), // its biases stand behind those of w
    activations: [(value) => f(cut(value)), (value) => g(cut(value)), squash],
    has: (attribute) => attributes[attribute] === true,
  };
}

/** h ← f(x wᵀ + h rᵀ + biases). Source: Elman 1990; ONNX operator RNN. */
function elman({ fromX, fromH, activations: [f] }: Parts): Step {
  return (x, { h, c }) => ({ h: plus(fromX(0, x), fromH(0, h)).map(f), c });
}

/** h ← (1 − z) ∘ n + z ∘ h. Source: Cho et al. 2014, eq. 5–8; ONNX operator GRU. */
function gru({ fromX, fromH, activations: [f, g], has }: Parts): Step {
  return (x, { h, c }) => {
    const [z, r] = [0, 1].map((gate) => plus(fromX(gate, x), fromH(gate, h)).map(f));
    const recalled = has('linear_before_reset') ? times(r, fromH(2, h)) : fromH(2, times(r, h));
    const n = plus(fromX(2, x), recalled).map(g);
    return { h: h.map((old, i) => (1 - z[i]) * n[i] + z[i] * old), c };
  };
}

/**
 * c ← f ∘ c + i ∘ g, h ← o ∘ h(c); through peepholes i and f see the old c, and o the new one.
 * Source: Gers, Schraudolph & Schmidhuber 2002; ONNX operator LSTM.
 */
function lstm(parts: Parts, peephole: RefTensor | undefined): Step {
  const [f, g, squash] = parts.activations;
  const before = (gate: number, x: Vector, h: Vector) =>
    plus(parts.fromX(gate, x), parts.fromH(gate, h));
  const seen = (gate: number, c: Vector) =>
    c.map((value, i) => (peephole ? peephole.data[gate * c.length + i] * value : 0));
  return (x, { h, c }) => {
    const input = plus(before(0, x, h), seen(0, c)).map(f);
    const forget = parts.has('input_forget')
      ? input.map((value) => 1 - value)
      : plus(before(2, x, h), seen(2, c)).map(f);
    const candidate = before(3, x, h).map(g);
    const cell = plus(times(forget, c), times(input, candidate));
    const output = plus(before(1, x, h), seen(1, cell)).map(f);
    return { h: times(output, cell.map(squash)), c: cell };
  };
}

const plus = (a: Vector, b: Vector): Vector => a.map((value, i) => value + b[i]);
const times = (a: Vector, b: Vector): Vector => a.map((value, i) => value * b[i]);

/** y [steps × batch × hidden], and h and c [batch × hidden] behind the last step of each row. */
function unroll([x, , r, , h0, c0]: Operands, { attributes }: Call, step: Step): RefTensor[] {
  const [steps, batch, width] = x!.shape;
  const hidden = r!.shape[1];
  const y = tensor([steps, batch, hidden]);
  const [h, c] = [tensor([batch, hidden]), tensor([batch, hidden])];
  for (let row = 0; row < batch; row++) {
    const initial = (s?: RefTensor) =>
      s ? s.data.slice(row * hidden, (row + 1) * hidden) : new Float64Array(hidden);
    let state: State = { h: initial(h0), c: initial(c0) };
    const length = stepsOf(attributes.lengths as readonly number[], row, steps);
    for (let count = 0; count < length; count++) {
      const t = attributes.reverse === true ? length - 1 - count : count;
      const at = t * batch + row;
      state = step(x!.data.subarray(at * width, (at + 1) * width), state);
      y.data.set(state.h, at * hidden);
    }
    h.data.set(state.h, row * hidden);
    c.data.set(state.c, row * hidden);
  }
  return [y, h, c];
}

/** How many steps a row of the batch has. */
function stepsOf(lengths: readonly number[], row: number, steps: number): number {
  const length = lengths.length === 0 ? steps : lengths[row];
  if (length >= 0 && length <= steps) return length;
  throw new RangeError(`row ${row} has ${length} of ${steps} steps`);
}

export const RECURRENT: Operations = {
  rnn: (operands, call) => unroll(operands, call, elman(partsOf(operands, call))).slice(0, 2),
  gru: (operands, call) => unroll(operands, call, gru(partsOf(operands, call))).slice(0, 2),
  lstm: (operands, call) => unroll(operands, call, lstm(partsOf(operands, call), operands[6])),
};
