/** Matrix products by tiles: the loops that every lowering with a product in it shares. */
import type { InstructionDefinition } from '../../../isa/instruction.ts';
import { loadBf16 } from '../../../isa/instructions/load-bf16.ts';
import { loadF16 } from '../../../isa/instructions/load-f16.ts';
import { loadI32 } from '../../../isa/instructions/load-i32.ts';
import { loadI8 } from '../../../isa/instructions/load-i8.ts';
import { load } from '../../../isa/instructions/load.ts';
import { matmul } from '../../../isa/instructions/matmul.ts';
import type { ElementFormat } from '../../tensor/formats.ts';
import { FORMATS } from '../../tensor/formats.ts';
import type { Integer, Size } from '../kernel/affine.ts';
import { plus, times } from '../kernel/affine.ts';
import type { KernelBuilder, Round } from '../kernel/builder.ts';
import { further } from '../kernel/builder.ts';
import type { Place, TileValue } from '../kernel/kernel.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES } from './context.ts';

/** Accumulators side by side, from level 1 on: a tile of a is loaded once for all of them. */
const MAX_BLOCK = 8;

/** What loads a tile of elements that memory keeps in a format. */
const LOADS: Readonly<Record<ElementFormat, InstructionDefinition>> = {
  f32: load,
  i32: loadI32,
  f16: loadF16,
  bf16: loadBf16,
  i8: loadI8,
};

/** A matrix of which a product needs no more than where it is. */
export interface Factor {
  readonly place: Place;
  /** Bytes from row to row. */
  readonly stride: number;
}

/** A right factor that is cut into tiles, each in one piece: bytes of one step along each dimension. */
export interface Packed extends Factor {
  readonly format: ElementFormat;
  readonly inner: number;
  readonly out: number;
}

/** A right factor that is cut into panels of a tile's columns, one behind the other, each in one piece. */
export interface Panels {
  readonly place: Place;
  readonly format: ElementFormat;
  /** Rows of a panel: the inner dimension. */
  readonly depth: number;
}

/** How products are computed where it is not in float32. */
export interface Arithmetic {
  /** Adds a product of tiles to a sum. */
  readonly multiply: InstructionDefinition;
  /** Computes what rows r need, and tells what becomes of each tile of them. */
  readonly rows: (r: Round) => (a: TileValue) => TileValue;
}

/** rows × inner times inner × cols, or times the transpose of cols × inner. */
export interface Product {
  readonly a: Factor;
  readonly b: Factor | Packed | Panels;
  readonly rows: Size;
  readonly inner: number;
  readonly cols: number;
  readonly transposed: boolean;
  readonly arithmetic?: Arithmetic;
}

/** What becomes of the sum at rows r and columns c of the product. */
export type Finish = (sum: TileValue, r: Round, c: Round) => void;

/** The place of row and column in a matrix. */
export function placeAt({ place, stride }: Factor, row: Integer, col: Integer): Place {
  return further(place, plus(times(row, stride), times(col, ELEMENT_BYTES)));
}

/** Where the tile of b is that meets part k of the inner dimension in columns c. */
function tileOf({ b, transposed }: Product, k: Round, c: Round) {
  if ('depth' in b) {
    const { bytes } = FORMATS[b.format];
    const stride = widthOf(c) * bytes;
    const offset = plus(times(c.at, b.depth * bytes), times(k.at, stride));
    return { addr: further(b.place, offset), stride };
  }
  const { stride } = b;
  if ('inner' in b) {
    return { addr: further(b.place, plus(times(k.at, b.inner), times(c.at, b.out))), stride };
  }
  return { addr: transposed ? placeAt(b, c.at, k.at) : placeAt(b, k.at, c.at), stride };
}

function widthOf({ size }: Round): number {
  if (typeof size === 'number') return size;
  throw new Error('invariant: the columns of a product are known');
}

/**
 * For each tile of rows and each block of columns, the sums over the inner dimension in ascending
 * order, whatever the level; over no elements they are 0.
 */
export function multiplyByTiles(
  builder: KernelBuilder,
  context: LowerContext,
  product: Product,
  finish: Finish,
): void {
  const { rows, cols } = product;
  if (rows === 0 || cols === 0) return;
  builder.loop('rows', rows, context.tile, (r) => {
    const change = product.arithmetic?.rows(r);
    for (const { from, columns, width } of stretches(cols, context)) {
      builder.loop('columns', columns, width, (block) => {
        const start = plus(block.at, from);
        const cuts = Array.from({ length: Math.ceil(width / context.tile) }, (_, i): Round => {
          const at = i * context.tile;
          return { at: plus(start, at), size: Math.min(context.tile, width - at) };
        });
        multiplyBlock(builder, context, product, r, cuts, finish, change);
      });
    }
  });
}

/** Stretches of columns, each a multiple of the width of its blocks. */
function stretches(cols: number, { tile, level }: LowerContext) {
  const block = level === 0 ? 1 : blockOf(Math.ceil(cols / tile));
  const width = block * tile;
  const whole = cols - (cols % width);
  const rest = { from: whole, columns: cols - whole, width: cols - whole };
  const all = [{ from: 0, columns: whole, width }, rest];
  return all.filter(({ columns }) => columns > 0);
}

/** Tiles to a block: a number that divides them evenly, if there is one worth having. */
function blockOf(tiles: number): number {
  if (tiles <= MAX_BLOCK) return tiles;
  for (let block = MAX_BLOCK; block >= MAX_BLOCK / 2; block--) {
    if (tiles % block === 0) return block;
  }
  return MAX_BLOCK;
}

function multiplyBlock(
  builder: KernelBuilder,
  { tile }: LowerContext,
  product: Product,
  r: Round,
  columns: readonly Round[],
  finish: Finish,
  change: ((a: TileValue) => TileValue) | undefined,
): void {
  const { a, b, inner, transposed, arithmetic } = product;
  const loadRight = LOADS['format' in b ? b.format : 'f32'];
  const multiply = arithmetic?.multiply ?? matmul;
  const flags = transposed ? ['T', 'ACC'] : ['ACC'];
  const sums = columns.map(({ size }) => builder.fill(0, r.size, size, 'sum'));
  builder.pieces('inner', inner, tile, (k) => {
    const loaded = builder.load(placeAt(a, r.at, k.at), r.size, k.size, a.stride, 'x');
    const ta = change ? change(loaded) : loaded;
    columns.forEach((c, i) => {
      const [down, across] = transposed ? [c, k] : [k, c];
      const { addr, stride } = tileOf(product, k, c);
      const shape = { rows: down.size, cols: across.size };
      const operands = { addr, ...shape, stride };
      const tb = builder.compute(loadRight, shape.rows, shape.cols, operands, 'w');
      builder.into(sums[i]!, multiply, { ta, tb }, '', flags);
    });
  });
  columns.forEach((c, i) => finish(sums[i]!, r, c));
}
