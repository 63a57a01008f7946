/** The products of recurrent layers: x wᵀ for all steps at once, h rᵀ for the step at hand. */
import { add } from '../../../isa/instructions/add.ts';
import { plus, times } from '../kernel/affine.ts';
import type { TileValue } from '../kernel/kernel.ts';
import type { Factor } from './matmul-product.ts';
import { multiplyByTiles, placeAt } from './matmul-product.ts';
import { TileArithmetic } from './recurrent-activations.ts';
import type { Frame, Moment } from './recurrent-frame.ts';
import { loadAt, vectorAt } from './recurrent-frame.ts';

/** Gates from … to. */
export type GateRange = readonly [from: number, to: number];

/** `fromX` of some gates: products with x [steps·batch × inner], and some of their biases. */
export function project(
  frame: Frame,
  x: Factor,
  inner: number,
  [from, to]: GateRange,
  biases: 'of w' | 'of w and r',
): void {
  const { builder, context, w, bias, fromX, hidden, gateCount, steps, batch } = frame;
  const rows = steps * batch;
  const weights = { ...w, place: placeAt(w, from * hidden, 0) };
  const cols = (to - from) * hidden;
  const product = { a: x, b: weights, rows, inner, cols, transposed: true };
  const parts = biases === 'of w' ? [from] : [from, gateCount + from];
  multiplyByTiles(builder, context, product, (sum, r, c) => {
    const tiles = new TileArithmetic(builder);
    const added = bias ? parts.map((gate) => vectorAt(frame, c, bias, gate)) : [];
    const result = added.reduce((value, row) => tiles.binary(add, value, row), sum);
    builder.store(placeAt(fromX, r.at, plus(c.at, from * hidden)), result, fromX.stride);
  });
}

/**
 * `gates` of some gates: products with `state` [batch × hidden], plus `fromX` of the moment, or,
 * where that is added later, the biases of r.
 */
export function recall(
  frame: Frame,
  { first, count, time }: Moment,
  state: Factor,
  [from, to]: GateRange,
  added: 'x' | 'bias',
): void {
  const { builder, context, r: weights, bias, fromX, gates, hidden, gateCount, batch } = frame;
  const product = {
    a: { ...state, place: placeAt(state, first, 0) },
    b: { ...weights, place: placeAt(weights, from * hidden, 0) },
    rows: count,
    inner: hidden,
    cols: (to - from) * hidden,
    transposed: true,
  };
  multiplyByTiles(builder, context, product, (sum, r, c) => {
    const row = plus(r.at, first);
    const other = (): TileValue | undefined => {
      if (added === 'bias') return bias && vectorAt(frame, c, bias, gateCount + from);
      return loadAt(frame, { r, c }, fromX, plus(times(time, batch), row), from);
    };
    const term = other();
    const result = term ? new TileArithmetic(builder).binary(add, sum, term) : sum;
    builder.store(placeAt(gates, row, plus(c.at, from * hidden)), result, gates.stride);
  });
}
