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

/** A matrix of which a product needs no more than where it is, and how it is kept. */
export interface Factor {
  readonly place: Place;
  /** Bytes from row to row. */
  readonly stride: number;
  /** How memory keeps the elements, where that is not float32. */
  readonly format?: ElementFormat;
}

/** A right factor that is cut into tiles, each in one piece: bytes of one step along each dimension. */
export interface Packed extends Factor {
  readonly inner: number;
  readonly out: number;
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
  readonly b: Factor | Packed;
  readonly rows: Size;
  readonly inner: number;
  readonly cols: number;
  readonly transposed: boolean;
  readonly arithmetic?: Arithmetic;
}

/** What becomes of the sum at rows r and columns c of the product. */
export type Finish = (sum: TileValue, r: Round, c: Round) => void;

/** The place of row and column in a matrix. */
export function placeAt(
  { place, stride, format = 'f32' }: Factor,
  row: Integer,
  col: Integer,
): Place {
  return further(place, plus(times(row, stride), times(col, FORMATS[format].bytes)));
}

function tileOf(b: Factor | Packed, transposed: boolean, k: Round, c: Round): Place {
  if (!('inner' in b)) return transposed ? placeAt(b, c.at, k.at) : placeAt(b, k.at, c.at);
  return further(b.place, plus(times(k.at, b.inner), times(c.at, b.out)));
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
  { a, b, inner, transposed, arithmetic }: Product,
  r: Round,
  columns: readonly Round[],
  finish: Finish,
  change: ((a: TileValue) => TileValue) | undefined,
): void {
  const loadRight = LOADS[b.format ?? 'f32'];
  const multiply = arithmetic?.multiply ?? matmul;
  const flags = transposed ? ['T', 'ACC'] : ['ACC'];
  const sums = columns.map(({ size }) => builder.fill(0, r.size, size, 'sum'));
  builder.pieces('inner', inner, tile, (k) => {
    const loaded = builder.load(placeAt(a, r.at, k.at), r.size, k.size, a.stride, 'x');
    const ta = change ? change(loaded) : loaded;
    columns.forEach((c, i) => {
      const [down, across] = transposed ? [c, k] : [k, c];
      const addr = tileOf(b, transposed, k, c);
      const shape = { rows: down.size, cols: across.size };
      const operands = { addr, ...shape, stride: b.stride };
      const tb = builder.compute(loadRight, shape.rows, shape.cols, operands, 'w');
      builder.into(sums[i]!, multiply, { ta, tb }, '', flags);
    });
  });
  columns.forEach((c, i) => finish(sums[i]!, r, c));
}
