/** Lowering of `rope`: pairs of columns of each head are turned by the angles of their position. */
import { add } from '../../../isa/instructions/add.ts';
import { mul } from '../../../isa/instructions/mul.ts';
import { rope } from '../../../isa/instructions/rope.ts';
import { sub } from '../../../isa/instructions/sub.ts';
import type { Dim } from '../../model/graph.ts';
import type { Integer, Size } from '../kernel/affine.ts';
import { plus, times } from '../kernel/affine.ts';
import type { Round } from '../kernel/builder.ts';
import { KernelBuilder, further } from '../kernel/builder.ts';
import type { Kernel, TileValue } from '../kernel/kernel.ts';
import { sizeOf } from '../registers.ts';
import type { Step } from '../step.ts';
import { batchOf, ofOneSequence } from './batch.ts';
import type { LowerContext, MatrixView } from './context.ts';
import { ELEMENT_BYTES, matrixOf } from './context.ts';

interface Frame {
  readonly builder: KernelBuilder;
  readonly tile: number;
  readonly x: MatrixView;
  readonly y: MatrixView;
  readonly cos: MatrixView;
  readonly sin: MatrixView;
  /** Columns of a head, and how many of them are turned. */
  readonly width: number;
  readonly turned: number;
  /** The row of the tables that the first row is turned by, and whether all rows are. */
  readonly start: Size;
  readonly isShared: boolean;
}

export function lowerRope(step: Step, context: LowerContext): Kernel {
  const [x, cos, sin] = step.node.inputs.map((name) => matrixOf(context, name));
  const heads = step.node.attributes.heads as number;
  const builder = new KernelBuilder(step.output);
  const batch = batchOf(step);
  const start = sizeOf(step.node.attributes.start as Dim);
  const frame: Frame = {
    builder,
    tile: context.tile,
    x: x!,
    y: matrixOf(context, step.output),
    cos: cos!,
    sin: sin!,
    width: x!.cols / heads,
    turned: 2 * cos!.cols,
    start: ofOneSequence(builder, start, batch, 'position'),
    isShared: batch > 1,
  };
  const turn = turnOf(frame, step.node.attributes.interleaved === true);
  builder.loop('rows', x!.rows, context.tile, (r) => {
    builder.loop('heads', heads, 1, (head) => {
      const column = times(head.at, frame.width * ELEMENT_BYTES);
      turn(frame, r, column);
      builder.pieces('rest', frame.width - frame.turned, context.tile, (c) => {
        const at = plus(column, times(plus(c.at, frame.turned), ELEMENT_BYTES));
        put(frame, r, at, get(frame, r, at, c.size));
      });
    });
  });
  return builder.finish(
    step.node.part,
    `${step.output} ← ${step.node.inputs[0]} turned by position`,
  );
}

type Turn = (frame: Frame, r: Round, column: Integer) => void;

function turnOf({ turned, tile }: Frame, interleaved: boolean): Turn {
  if (interleaved) return turnNeighbours;
  return turned <= tile ? turnWhole : turnHalves;
}

function get({ builder, x }: Frame, r: Round, column: Integer, size: Round['size']): TileValue {
  return builder.load(
    further(x.place, plus(times(r.at, x.stride), column)),
    r.size,
    size,
    x.stride,
    'x',
  );
}

function put({ builder, y }: Frame, r: Round, column: Integer, tile: TileValue): void {
  builder.store(further(y.place, plus(times(r.at, y.stride), column)), tile, y.stride);
}

/** Columns `pairs` of a table, for the positions of rows r; one row where they share a position. */
function angles(frame: Frame, table: MatrixView, r: Round, pairs: Round): TileValue {
  const { builder, start, isShared } = frame;
  const { at, size } = isShared ? { at: 0, size: 1 } : r;
  const first = times(start, table.stride);
  const offset = plus(plus(first, times(at, table.stride)), times(pairs.at, ELEMENT_BYTES));
  return builder.load(further(table.place, offset), size, pairs.size, table.stride, 'angles');
}

/** A head that fits a tile. */
const turnWhole: Turn = (frame, r, column) => {
  const { builder, turned, cos, sin } = frame;
  const pairs = { at: 0, size: turned / 2 };
  const [tc, tn] = [angles(frame, cos, r, pairs), angles(frame, sin, r, pairs)];
  const ts = get(frame, r, column, turned);
  put(frame, r, column, builder.compute(rope, r.size, turned, { ts, tc, tn }));
};

/** Pairs (2j, 2j + 1) lie in one tile whatever the width. */
const turnNeighbours: Turn = (frame, r, column) => {
  const { builder, turned, tile, cos, sin } = frame;
  const edge = tile - (tile % 2);
  builder.pieces('pairs', turned, edge, (c) => {
    // Half a column index: pairs are counted where columns are stepped over two by two.
    const pairs = { at: times(c.at, 1 / 2), size: (c.size as number) / 2 };
    const [tc, tn] = [angles(frame, cos, r, pairs), angles(frame, sin, r, pairs)];
    const at = plus(column, times(c.at, ELEMENT_BYTES));
    const ts = get(frame, r, at, c.size);
    put(frame, r, at, builder.compute(rope, r.size, c.size, { ts, tc, tn }, '', ['PAIR']));
  });
};

/** Pairs (j, j + half) in two tiles: (a, b) becomes (a·cos − b·sin, b·cos + a·sin), as in ROPE. */
const turnHalves: Turn = (frame, r, column) => {
  const { builder, turned, tile, cos, sin } = frame;
  const half = turned / 2;
  builder.pieces('pairs', half, tile, (c) => {
    const [tc, tn] = [angles(frame, cos, r, c), angles(frame, sin, r, c)];
    const low = plus(column, times(c.at, ELEMENT_BYTES));
    const high = plus(low, half * ELEMENT_BYTES);
    const [a, b] = [get(frame, r, low, c.size), get(frame, r, high, c.size)];
    const product = (ta: TileValue, tb: TileValue) =>
      builder.compute(mul, r.size, c.size, { ta, tb });
    const first = { ta: product(a, tc), tb: product(b, tn) };
    put(frame, r, low, builder.compute(sub, r.size, c.size, first));
    const second = { ta: product(b, tc), tb: product(a, tn) };
    put(frame, r, high, builder.compute(add, r.size, c.size, second));
  });
};
