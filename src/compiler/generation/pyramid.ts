/**
 * Pyramids: a long row of numbers, above it one number for each TILE of them, and so on up to a row
 * that fits a tile. From its top, one short row after another leads to a single element.
 *
 * ARGMAX looks at one row of a tile only, and there may be 50257 logits. With TILE = 16 the levels above
 * them have 3142, 197 and 13 maxima; four ARGMAX, each among at most 16, lead back down.
 */
import type { InstructionDefinition } from '../../../isa/instruction.ts';
import { iadd } from '../../../isa/instructions/iadd.ts';
import { imin } from '../../../isa/instructions/imin.ts';
import { imul } from '../../../isa/instructions/imul.ts';
import { isub } from '../../../isa/instructions/isub.ts';
import { li } from '../../../isa/instructions/li.ts';
import { load } from '../../../isa/instructions/load.ts';
import { line } from '../emit/kernel.ts';
import type { Integer, Size } from '../kernel/affine.ts';
import { times } from '../kernel/affine.ts';
import { KernelBuilder, placeIn } from '../kernel/builder.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { ELEMENT_BYTES } from '../lower/context.ts';

/** A row of float32 numbers in memory. */
export interface Level {
  readonly symbol: string;
  readonly count: number;
}

/** Where the search for an element arrives: the position that it has found so far, in the end the token. */
export const CHOSEN = 'r25';

/** The row at the bottom and the levels above it, which are called `name` and a number. */
export function levelsAbove(bottom: Level, name: string, tile: number): readonly Level[] {
  const levels = [bottom];
  for (let { count } = bottom; count > tile;) {
    count = Math.ceil(count / tile);
    levels.push({ symbol: `${name}${levels.length}`, count });
  }
  return levels;
}

/** Part of a row as a tile: `rows` groups of `cols` neighbours, the first of them `offset` groups in. */
export interface Block {
  readonly offset: Integer;
  readonly rows: Size;
  readonly cols: number;
}

/** Visits a row of `count` numbers in tiles, each row of which holds neighbours; the last may be short. */
export function overBlocks(
  builder: KernelBuilder,
  name: string,
  count: number,
  tile: number,
  body: (block: Block) => void,
): void {
  const groups = Math.floor(count / tile);
  builder.pieces(name, groups, tile, ({ at, size }) => {
    body({ offset: at, rows: size, cols: tile });
  });
  const rest = count - groups * tile;
  if (rest > 0) body({ offset: groups, rows: 1, cols: rest });
}

/** Fills all levels but the bottom: each number is `reduce` (ROWMAX, ROWSUM) of its group below. */
export function pyramidKernel(
  name: string,
  title: string,
  reduce: InstructionDefinition,
  levels: readonly Level[],
  tile: number,
): Kernel {
  const builder = new KernelBuilder(name);
  const stride = tile * ELEMENT_BYTES;
  levels.slice(1).forEach(({ symbol }, below) => {
    const from = levels[below]!;
    overBlocks(builder, 'groups', from.count, tile, ({ offset, rows, cols }) => {
      const ts = builder.load(placeIn(from.symbol, times(offset, stride)), rows, cols, stride);
      const reduced = builder.compute(reduce, rows, 1, { ts });
      builder.store(placeIn(symbol, times(offset, ELEMENT_BYTES)), reduced, ELEMENT_BYTES);
    });
  });
  return builder.finish('', title);
}

/** Picks a position of tile `ts`, one row, into scalar register `rd`. */
export type Pick = (rd: string, ts: string) => readonly string[];

/** From the top of a pyramid down to the position of one element of its bottom row, in CHOSEN. */
export function descentLines(levels: readonly Level[], tile: number, pick: Pick): string[] {
  const stride = `stride=${tile * ELEMENT_BYTES}`;
  const top = levels.at(-1)!;
  const start = line(load, ['t0', `[${top.symbol}]`, 'rows=1', `cols=${top.count}`, stride]);
  const lower = levels.slice(0, -1).toReversed();
  return [start, ...pick(CHOSEN, 't0'), ...lower.flatMap((level) => groupLines(level, tile, pick))];
}

/** CHOSEN is a group of `level`; afterwards it is a position within the level. */
function groupLines({ symbol, count }: Level, tile: number, pick: Pick): string[] {
  const [first, size, bytes] = ['r1', 'r2', 'r3'];
  const isRagged = count % tile !== 0;
  const ragged = [
    line(li, [size, count]),
    line(isub, [size, size, first]),
    line(imin, [size, size, tile], 'and how many numbers it has'),
  ];
  const cols = `cols=${isRagged ? size : tile}`;
  return [
    line(imul, [first, CHOSEN, tile], `where this group of ${symbol} begins`),
    ...(isRagged ? ragged : []),
    line(imul, [bytes, first, ELEMENT_BYTES]),
    line(load, ['t0', `[${symbol} + ${bytes}]`, 'rows=1', cols, `stride=${tile * ELEMENT_BYTES}`]),
    ...pick(size, 't0'),
    line(iadd, [CHOSEN, first, size]),
  ];
}
