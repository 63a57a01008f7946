/** The cells of recurrent layers: what one step makes of x, h and c. Gates are ordered as in ONNX. */
import { add } from '../../../isa/instructions/add.ts';
import { mul } from '../../../isa/instructions/mul.ts';
import { sub } from '../../../isa/instructions/sub.ts';
import type { TileValue } from '../kernel/kernel.ts';
import type { Factor } from './matmul-product.ts';
import { placeAt } from './matmul-product.ts';
import type { Frame, Moment, Spot } from './recurrent-frame.ts';
import { eachSpot, loadAt, matrixAt, vectorAt } from './recurrent-frame.ts';
import { project, recall } from './recurrent-products.ts';

export interface Cell {
  readonly gates: number;
  /** Whether there is a c. */
  readonly hasCell: boolean;
  /** Everything that x alone decides, for all steps. */
  readonly prepare: (frame: Frame, x: Factor, inner: number) => void;
  /** One step: h, c and y become those of the moment. */
  readonly step: (frame: Frame, moment: Moment) => void;
}

/** All gates at once, both biases with them. */
const prepareAll: Cell['prepare'] = (frame, x, inner) =>
  project(frame, x, inner, [0, frame.gateCount], 'of w and r');

const gate = (frame: Frame, spot: Spot, index: number): TileValue =>
  loadAt(frame, spot, frame.gates, spot.row, index, 'gate');

function storeHidden({ builder, h, y }: Frame, { row, c, moment }: Spot, value: TileValue): void {
  builder.store(placeAt(h, row, c.at), value, h.stride);
  if (y) builder.store(placeAt(y, moment, c.at), value, y.stride);
}

/** h ← f(x wᵀ + h rᵀ + biases). Source: Elman, 1990; ONNX operator RNN. */
const rnn: Cell = {
  gates: 1,
  hasCell: false,
  prepare: prepareAll,
  step(frame, moment) {
    const [f] = frame.activations;
    recall(frame, moment, frame.h, [0, 1], 'x');
    eachSpot(frame, moment, (spot) => {
      storeHidden(frame, spot, f!(spot.tiles, gate(frame, spot, 0)));
    });
  },
};

/** h ← (1 − z) ∘ n + z ∘ h. Source: Cho et al., 2014, eq. 5–8; ONNX operator GRU. */
const gru: Cell = {
  gates: 3,
  hasCell: false,
  prepare(frame, x, inner) {
    if (!isResetLate(frame)) return prepareAll(frame, x, inner);
    project(frame, x, inner, [0, 2], 'of w and r');
    project(frame, x, inner, [2, 3], 'of w');
  },
  step(frame, moment) {
    recall(frame, moment, frame.h, [0, 2], 'x');
    if (isResetLate(frame)) recall(frame, moment, frame.h, [2, 3], 'bias');
    else recall(frame, moment, resetState(frame, moment), [2, 3], 'x');
    eachSpot(frame, moment, (spot) => {
      const { tiles, row } = spot;
      const [f, g] = frame.activations;
      const z = f!(tiles, gate(frame, spot, 0));
      const n = g!(tiles, isResetLate(frame) ? lateGate(frame, spot) : gate(frame, spot, 2));
      const fresh = tiles.binary(mul, tiles.binary(sub, 1, z), n);
      const old = tiles.binary(mul, z, loadAt(frame, spot, frame.h, row));
      storeHidden(frame, spot, tiles.binary(add, fresh, old, 'h'));
    });
  },
};

const isResetLate = ({ node }: Frame): boolean => node.attributes.linear_before_reset === true;

/** r ∘ h, which takes the place of h in the product of the third gate. */
function resetState(frame: Frame, moment: Moment): Factor {
  const { builder, context, batch, hidden, h, activations } = frame;
  const reset = matrixAt(context.scratch('reset', batch * hidden), hidden);
  eachSpot(frame, moment, (spot) => {
    const { tiles, row, c } = spot;
    const r = activations[0]!(tiles, gate(frame, spot, 1));
    const product = tiles.binary(mul, r, loadAt(frame, spot, h, row), 'reset h');
    builder.store(placeAt(reset, row, c.at), product, reset.stride);
  });
  return reset;
}

/** x w + r ∘ (h r + bias), as PyTorch has it. */
function lateGate(frame: Frame, spot: Spot): TileValue {
  const { tiles } = spot;
  const r = frame.activations[0]!(tiles, gate(frame, spot, 1));
  const recalled = tiles.binary(mul, r, gate(frame, spot, 2));
  return tiles.binary(add, loadAt(frame, spot, frame.fromX, spot.moment, 2, 'x'), recalled);
}

/**
 * c ← f ∘ c + i ∘ g, h ← o ∘ h(c); through peepholes i and f see the old c, and o the new one.
 * Source: Gers, Schraudolph & Schmidhuber, 2002; ONNX operator LSTM.
 */
const lstm: Cell = {
  gates: 4,
  hasCell: true,
  prepare: prepareAll,
  step(frame, moment) {
    recall(frame, moment, frame.h, [0, 4], 'x');
    eachSpot(frame, moment, (spot) => {
      const { tiles, row, c: columns } = spot;
      const { builder, c, node, activations } = frame;
      const [f, g, squash] = activations;
      const old = loadAt(frame, spot, c, row, 0, 'c');
      const input = f!(tiles, seen(frame, spot, 0, old));
      const forget =
        node.attributes.input_forget === true
          ? tiles.binary(sub, 1, input)
          : f!(tiles, seen(frame, spot, 2, old));
      const candidate = g!(tiles, gate(frame, spot, 3));
      const kept = tiles.binary(mul, forget, old);
      const cell = tiles.binary(add, kept, tiles.binary(mul, input, candidate), 'c');
      builder.store(placeAt(c, row, columns.at), cell, c.stride);
      const output = f!(tiles, seen(frame, spot, 1, cell));
      storeHidden(frame, spot, tiles.binary(mul, output, squash!(tiles, cell), 'h'));
    });
  },
};

/** A gate before activation, with what it sees of c through its peephole (i, o and f have one each). */
function seen(frame: Frame, spot: Spot, index: number, c: TileValue): TileValue {
  const before = gate(frame, spot, index);
  if (!frame.peephole) return before;
  const { tiles } = spot;
  const weight = vectorAt(frame, spot.c, frame.peephole, index);
  return tiles.binary(add, before, tiles.binary(mul, c, weight));
}

export const CELLS: Readonly<Record<string, Cell>> = { rnn, gru, lstm };
