/** What the cells of recurrent layers share: where everything is, and and how tiles of it are reached. */
import type { GraphNode } from '../../model/graph.ts';
import type { Integer } from '../kernel/affine.ts';
import { plus, times } from '../kernel/affine.ts';
import type { KernelBuilder, Round } from '../kernel/builder.ts';
import type { Place, TileValue } from '../kernel/kernel.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES } from './context.ts';
import type { Factor } from './matmul-product.ts';
import { placeAt } from './matmul-product.ts';
import type { Activation } from './recurrent-activations.ts';
import { TileArithmetic, activationNamed, clipped } from './recurrent-activations.ts';

export interface Frame {
  readonly builder: KernelBuilder;
  readonly context: LowerContext;
  readonly node: GraphNode;
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
  readonly gateCount: number;
  /** w and r: gates·hidden rows. */
  readonly w: Factor;
  readonly r: Factor;
  /** One row: the biases of w, then those of r. */
  readonly bias: Factor | undefined;
  readonly peephole: Factor | undefined;
  /** steps·batch × gates·hidden: x wᵀ and biases, of all steps. */
  readonly fromX: Factor;
  /** batch × gates·hidden: what the gates of this step are before activation. */
  readonly gates: Factor;
  /** batch × hidden, overwritten step by step. */
  readonly h: Factor;
  /** As h, in an LSTM; h itself elsewhere. */
  readonly c: Factor;
  /** steps·batch × hidden, where it is wanted. */
  readonly y: Factor | undefined;
  /** In the order of the attribute; those of gates cut first. */
  readonly activations: readonly Activation[];
}

/** Rows of the batch that stop at the same step, at one step. */
export interface Moment {
  readonly first: number;
  readonly count: number;
  readonly time: Integer;
}

/** A tile of what the hidden elements of some rows are at one step. */
export interface Spot {
  readonly tiles: TileArithmetic;
  /** Rows among the batch, and hidden elements. */
  readonly row: Integer;
  readonly r: Round;
  readonly c: Round;
  /** Row among all steps. */
  readonly moment: Integer;
}

export const matrixAt = (place: Place, cols: number): Factor => ({
  place,
  stride: cols * ELEMENT_BYTES,
});

/** Every gate cuts its input; the third function, of an LSTM's cell, does not. */
export function activationsOf({ name, attributes }: GraphNode): readonly Activation[] {
  return (attributes.activations as readonly string[]).map((activation, i) => {
    const plain = activationNamed(activation, name);
    return i < 2 ? clipped(plain, attributes.clip as number) : plain;
  });
}

/** A tile of a matrix at the spot, in its gate's columns. */
export function loadAt(
  { builder, hidden }: Frame,
  { r, c }: Pick<Spot, 'r' | 'c'>,
  matrix: Factor,
  row: Integer,
  gate = 0,
  note = '',
): TileValue {
  const place = placeAt(matrix, row, plus(c.at, gate * hidden));
  return builder.load(place, r.size, c.size, matrix.stride, note);
}

/** One row at the spot's columns: biases and peepholes. */
export function vectorAt(
  { builder, hidden }: Frame,
  c: Round,
  vector: Factor,
  gate: number,
): TileValue {
  const place = placeAt(vector, 0, plus(c.at, gate * hidden));
  return builder.load(place, 1, c.size, vector.stride);
}

/** The spots of a moment, tile by tile. */
export function eachSpot(
  { builder, context, batch, hidden }: Frame,
  { first, count, time }: Moment,
  body: (spot: Spot) => void,
): void {
  builder.loop('rows', count, context.tile, (r) => {
    builder.pieces('columns', hidden, context.tile, (c) => {
      const row = plus(r.at, first);
      const moment = plus(times(time, batch), row);
      body({ tiles: new TileArithmetic(builder), row, r, c, moment });
    });
  });
}
