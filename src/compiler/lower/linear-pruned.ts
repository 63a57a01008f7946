/** Products with a weight of which pruning has left only some tiles. */
import type { Size } from '../kernel/affine.ts';
import { plus, times } from '../kernel/affine.ts';
import type { KernelBuilder, Round } from '../kernel/builder.ts';
import { further } from '../kernel/builder.ts';
import type { Step } from '../step.ts';
import type { LowerContext, MatrixView } from './context.ts';
import { ELEMENT_BYTES } from './context.ts';
import type { Finish } from './matmul-product.ts';

/**
 * For each column of tiles, the tiles that are left, in ascending order along the inner dimension:
 * `starts` says which they are among all, `which` the part of x that each one meets.
 */
export function multiplyPruned(
  builder: KernelBuilder,
  context: LowerContext,
  { node }: Step,
  x: MatrixView,
  y: MatrixView,
  finish: Finish,
): void {
  const edge = context.tile;
  const [, tiles, , starts, which] = node.inputs;
  const packed = context.placeOf(tiles!);
  const entry = (list: string, at: Round['at']) =>
    further(context.placeOf(list), times(at, ELEMENT_BYTES));
  builder.loop('rows', y.rows, edge, (r) => {
    builder.pieces('columns', y.cols, edge, (c) => {
      const column = times(c.at, 1 / edge);
      const begin = builder.integerAt(entry(starts!, column), 'begin');
      const end = builder.integerAt(entry(starts!, plus(column, 1)), 'end');
      const sum = builder.fill(0, r.size, c.size, 'sum');
      builder.loop('tiles', builder.integer('sub', end, begin, 'left'), 1, (k) => {
        const at = builder.integer('add', begin, indexOf(k.at), 'tile');
        const row = builder.integerAt(entry(which!, at), 'row');
        const inner = innerSize(builder, row, x.cols, edge);
        const right = times(row, edge * ELEMENT_BYTES);
        const left = further(x.place, plus(times(r.at, x.stride), right));
        const a = builder.load(left, r.size, inner, x.stride, 'x');
        const source = further(packed, times(at, edge * edge * ELEMENT_BYTES));
        const b = builder.load(source, inner, c.size, edge * ELEMENT_BYTES, 'w');
        builder.accumulate(sum, a, b, false);
      });
      finish(sum, r, c);
    });
  });
}

/** A loop index as an operand. */
function indexOf(at: Round['at']): Size {
  if (typeof at === 'number' || !('terms' in at)) return at;
  throw new Error('invariant: the index of a loop is a variable');
}

/** Columns of x that meet tile `row` of the inner dimension. */
function innerSize(builder: KernelBuilder, row: Round['size'], cols: number, edge: number) {
  if (cols % edge === 0) return edge;
  const before = builder.integer('mul', row, edge, 'before');
  const rest = builder.integer('sub', cols, before, 'rest');
  return builder.integer('min', rest, edge, 'inner');
}
