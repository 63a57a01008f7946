/** LSTM, GRU and RNN of ONNX: each direction is one recurrent layer of ours. Source: onnx.ai/onnx/operators. */
import type { Attribute } from '../../graph.ts';
import type { Lowering, NodeContext } from '../node.ts';
import type { Tensors } from '../tensors.ts';
import type { Value } from '../value.ts';
import { need, showValue, sizeOf } from '../value.ts';

interface Cell {
  readonly op: 'lstm' | 'gru' | 'rnn';
  /** Functions of one direction; what the others are called in ONNX is not supported. */
  readonly activations: readonly string[];
  /** Attributes that only this cell has. */
  readonly attributes: (node: NodeContext) => Readonly<Record<string, Attribute>>;
}

/** Functions that our recurrent layers have. */
const FUNCTIONS = ['tanh', 'relu', 'sigmoid'];

const DIRECTIONS: Readonly<Record<string, readonly boolean[]>> = {
  forward: [false],
  reverse: [true],
  bidirectional: [false, true],
};

/** Batch and steps change places in the layout that begins with the batch. */
const SWAPPED = [1, 0, 2];

const recurrent =
  (cell: Cell): Lowering =>
  (node) => {
    const { tensors } = node;
    const batchFirst = node.flag('layout');
    const turn = (value: Value) => (batchFirst ? tensors.transpose(value, SWAPPED) : value);
    const direction = node.text('direction', 'forward');
    const reverses = DIRECTIONS[direction];
    need(reverses !== undefined, `direction ${direction}`, Object.keys(DIRECTIONS).join(', '));
    const x = turn(node.ranked(0, 3));
    need(sizeOf(x) > 0, `x is ${showValue(x)}`, 'it must have elements');
    checkDirections(node, reverses.length);
    const common = { ...cell.attributes(node), ...sharedAttributes(node, x) };
    const functions = activationsOf(node, cell, reverses.length);
    const layers = reverses.map((reverse, d) => {
      const operands = operandsOf(node, cell, d, turn);
      const activations = functions.slice(
        d * cell.activations.length,
        (d + 1) * cell.activations.length,
      );
      return tensors.ops(cell.op, [x, ...operands], { ...common, reverse, activations });
    });
    const sequence = joined(
      tensors,
      layers.map(([y]) => y),
      1,
    );
    const finals = [1, 2].map(
      (output) =>
        layers[0][output] &&
        turn(
          joined(
            tensors,
            layers.map((layer) => layer[output]),
            0,
          ),
        ),
    );
    return [batchFirst ? tensors.transpose(sequence, [2, 0, 1, 3]) : sequence, ...finals];
  };

/** Outputs of the directions side by side along a new axis. */
function joined(tensors: Tensors, parts: readonly Value[], axis: number): Value {
  return tensors.concat(
    parts.map((part) => tensors.reshape(part, part.shape.toSpliced(axis, 0, 1))),
    axis,
  );
}

function checkDirections(node: NodeContext, count: number): void {
  for (const position of [1, 2]) {
    const weights = node.ranked(position, 3);
    need(
      weights.shape[0] === count,
      `input ${position} is ${showValue(weights)} for ${count} directions`,
    );
  }
  const hidden = node.input(2).shape[2];
  const declared = node.integer('hidden_size', hidden);
  need(declared === hidden, `hidden_size is ${declared}, but R is ${showValue(node.input(2))}`);
}

/** W, R, B, initial_h and, of an LSTM, initial_c and P, of one direction. */
function operandsOf(
  node: NodeContext,
  cell: Cell,
  direction: number,
  turn: (value: Value) => Value,
): readonly (Value | undefined)[] {
  const own = (value: Value | undefined) => value && oneOf(node.tensors, value, direction);
  const state = (position: number) => {
    const value = node.optional(position);
    return value && own(turn(node.ranked(position, 3)));
  };
  const operands = [own(node.input(1)), own(node.input(2)), own(node.optional(3)), state(5)];
  return cell.op === 'lstm' ? [...operands, state(6), own(node.optional(7))] : operands;
}

/** The slice of one direction, without the axis. */
function oneOf(tensors: Tensors, value: Value, direction: number): Value {
  need(direction < (value.shape[0] ?? 0), `${showValue(value)} has no direction ${direction}`);
  return tensors.reshape(tensors.slice(value, 0, direction, 1), value.shape.slice(1));
}

function sharedAttributes(node: NodeContext, x: Value): Readonly<Record<string, Attribute>> {
  const [steps, batch] = x.shape;
  const lengths = node.optionalKnown(4) ?? [];
  const fits = lengths.length === 0 || lengths.length === batch;
  need(
    fits && lengths.every((l) => l >= 0 && l <= steps),
    `sequence_lens are ${lengths.join(', ')}`,
  );
  const clip = node.number('clip', 0);
  // All steps of every row is what no lengths mean.
  return { clip, lengths: lengths.every((length) => length === steps) ? [] : lengths };
}

function activationsOf(node: NodeContext, cell: Cell, directions: number): readonly string[] {
  const defaults = Array.from({ length: directions }, () => cell.activations).flat();
  const names = (node.texts('activations') ?? defaults).map((name) => name.toLowerCase());
  const unknown = names.find((name) => !FUNCTIONS.includes(name));
  need(unknown === undefined, `the activation ${unknown} is not supported`, FUNCTIONS.join(', '));
  need(names.length === defaults.length, `${names.length} activations, not ${defaults.length}`);
  // None of these functions has parameters, but some exporters write them.
  node.numbers('activation_alpha');
  node.numbers('activation_beta');
  return names;
}

export const RECURRENT: Readonly<Record<string, Lowering>> = {
  LSTM: recurrent({
    op: 'lstm',
    activations: ['sigmoid', 'tanh', 'tanh'],
    attributes: (node) => ({ input_forget: node.flag('input_forget') }),
  }),
  GRU: recurrent({
    op: 'gru',
    activations: ['sigmoid', 'tanh'],
    attributes: (node) => ({ linear_before_reset: node.flag('linear_before_reset') }),
  }),
  RNN: recurrent({ op: 'rnn', activations: ['tanh'], attributes: () => ({}) }),
};
