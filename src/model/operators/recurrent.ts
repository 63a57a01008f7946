/** Recurrent layers: one step after another along the first dimension. Gates are ordered as in ONNX. */
import type { TensorType } from '../graph.ts';
import { showType } from '../graph.ts';
import type { OperandSpec, Operator } from './operator.ts';
import { defineOperator } from './operator.ts';
import type { Operands } from './shapes.ts';
import { f32, need, needShape } from './shapes.ts';

const operands = (gates: number): OperandSpec[] => [
  { name: 'x', doc: 'steps × batch × in' },
  { name: 'w', doc: `${gates}·hidden × in` },
  { name: 'r', doc: `${gates}·hidden × hidden` },
  { name: 'bias', optional: true, doc: `${2 * gates}·hidden: those of w, then those of r` },
  { name: 'h0', optional: true, doc: 'batch × hidden; zeros when absent' },
];

const COMMON = {
  reverse: { kind: 'flag', default: false, doc: 'from the last step to the first' },
  clip: { kind: 'number', default: 0, doc: 'gates are cut to ± this before activation; 0 is not' },
  lengths: {
    kind: 'integers',
    default: [],
    doc: 'steps of each row of the batch; y is 0 behind them, and h and c are those of the last; [] is all',
  },
} as const;

function recurrentTypes([x, w, r, bias, h0]: Operands, gates: number): readonly TensorType[] {
  const [steps, batch, inner] = x!.shape;
  const hidden = (r!.shape[1] ?? 0) as number;
  need(x!.shape.length === 3, `x is ${showType(x!)}, but must be steps × batch × in`);
  needShape(w, [gates * hidden, inner!], 'w');
  needShape(r, [gates * hidden, hidden], 'r');
  needShape(bias, [2 * gates * hidden], 'bias');
  needShape(h0, [batch!, hidden], 'h0');
  return [f32([steps!, batch!, hidden]), f32([batch!, hidden])];
}

export const RECURRENT: readonly Operator[] = [
  defineOperator({
    name: 'rnn',
    group: 'recurrent',
    doc: 'h ← f(x wᵀ + h rᵀ + biases) (Elman, 1990)',
    inputs: operands(1),
    attributes: {
      ...COMMON,
      activations: { kind: 'texts', default: ['tanh'], doc: `f: tanh, relu or sigmoid` },
    },
    outputs: ['y', 'h'],
    infer: (inputs) => recurrentTypes(inputs, 1),
  }),
  defineOperator({
    name: 'gru',
    group: 'recurrent',
    doc: 'z, r ← f(…); n ← g(x w + r ∘ (h r)); h ← (1 − z) ∘ n + z ∘ h (Cho et al., 2014); gates z, r, n',
    inputs: operands(3),
    attributes: {
      ...COMMON,
      linear_before_reset: {
        kind: 'flag',
        default: false,
        doc: 'the reset gate multiplies h r + its bias, as in PyTorch, not h',
      },
      activations: { kind: 'texts', default: ['sigmoid', 'tanh'], doc: 'f and g' },
    },
    outputs: ['y', 'h'],
    infer: (inputs) => recurrentTypes(inputs, 3),
  }),
  defineOperator({
    name: 'lstm',
    group: 'recurrent',
    doc: 'i, o, f ← f(…), g ← g(…); c ← f ∘ c + i ∘ g; h ← o ∘ h(c) (Hochreiter and Schmidhuber, 1997); gates i, o, f, g',
    inputs: [
      ...operands(4),
      { name: 'c0', optional: true, doc: 'batch × hidden; zeros when absent' },
      { name: 'peephole', optional: true, doc: '3·hidden: weights of c into i, o, f' },
    ],
    attributes: {
      ...COMMON,
      input_forget: { kind: 'flag', default: false, doc: 'f is 1 − i' },
      activations: { kind: 'texts', default: ['sigmoid', 'tanh', 'tanh'], doc: 'f, g and h' },
    },
    outputs: ['y', 'h', 'c'],
    infer(inputs) {
      const [y, h] = recurrentTypes(inputs, 4);
      const hidden = h!.shape[1] as number;
      needShape(inputs[5], h!.shape, 'c0');
      needShape(inputs[6], [3 * hidden], 'peephole');
      return [y!, h!, h!];
    },
  }),
];
