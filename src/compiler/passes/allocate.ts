/** Register allocation: every tile of a kernel gets one of the tile registers; some live in memory. */
import { load } from '../../../isa/instructions/load.ts';
import { store } from '../../../isa/instructions/store.ts';
import { TILE_REGISTERS } from '../../../isa/index.ts';
import type { Argument, Item, Kernel, Operation, TileValue } from '../kernel/kernel.ts';
import { accumulates, readTiles, writtenTile } from '../kernel/kernel.ts';
import { placeIn } from '../kernel/builder.ts';

export interface Allocation {
  /** The kernel, with loads and stores of what did not fit. */
  readonly kernel: Kernel;
  readonly registers: ReadonlyMap<TileValue, number>;
  /** Tiles that live in memory: the spill buffer has a slot for each. */
  readonly spilled: number;
}

export interface AllocationOptions {
  /** Edge of a tile. */
  readonly tile: number;
  /** Registers to use, TILE_REGISTERS unless given; tests give fewer. */
  readonly registers?: number;
  /** Take the register that has been free for longest: fewer waits for earlier readers. */
  readonly rotate?: boolean;
}

/** The buffer of spilled tiles; slot i is at i · tile² elements. */
export const SPILL_BUFFER = 'spill';

/** First and last use, as positions in program order. */
interface Range {
  readonly tile: TileValue;
  readonly first: number;
  last: number;
}

/**
 * Linear scan over live ranges (Poletto and Sarkar, 1999). When registers run out, the live tile
 * that is needed furthest in the future moves to memory, and the scan begins again. Throws when one
 * instruction has more tiles than there are registers.
 */
export function allocate(kernel: Kernel, options: AllocationOptions): Allocation {
  const count = options.registers ?? TILE_REGISTERS;
  const stands = new Set<TileValue>();
  let body = kernel.body;
  for (let spilled = 0; ; spilled++) {
    const found = scan(liveRanges(body), count, options.rotate ?? false);
    if (found instanceof Map) return { kernel: { ...kernel, body }, registers: found, spilled };
    // What stands for a spilled tile lives for one instruction only: nothing can be shorter.
    if (stands.has(found)) {
      throw new Error(`invariant: ${kernel.name} cannot do with ${count} tile registers`);
    }
    body = spill(body, found, spilled, options.tile, stands);
  }
}

/** The registers, or the tile that has to go to memory. */
function scan(
  ranges: readonly Range[],
  count: number,
  rotate: boolean,
): Map<TileValue, number> | TileValue {
  const registers = new Map<TileValue, number>();
  const free = Array.from({ length: count }, (_, register) => register);
  let active: Range[] = [];
  for (const range of ranges) {
    const ended = active.filter(({ last }) => last <= range.first);
    for (const { tile } of ended) free.push(registers.get(tile)!);
    if (!rotate) free.sort((a, b) => a - b);
    active = active.filter(({ last }) => last > range.first);
    const register = free.shift();
    if (register === undefined) {
      const furthest = [...active, range].reduce((a, b) => (b.last > a.last ? b : a));
      return furthest.tile;
    }
    registers.set(range.tile, register);
    active.push(range);
  }
  return registers;
}

/** In order of first use. A tile that enters a loop from outside lives to its end. */
export function liveRanges(body: readonly Item[]): readonly Range[] {
  const ranges = new Map<TileValue, Range>();
  let position = 0;
  const walk = (items: readonly Item[]): void => {
    for (const item of items) {
      if (item.kind === 'loop') {
        const start = (position += 2);
        walk(item.body);
        const end = (position += 2);
        for (const range of ranges.values()) {
          if (range.first < start && range.last > start) range.last = end;
        }
        continue;
      }
      // Even positions read, odd ones write, so that a result may take the place of an operand.
      position += 2;
      for (const tile of readTiles(item)) touch(ranges, tile, position);
      const written = writtenTile(item);
      if (written) touch(ranges, written, position + 1);
    }
  };
  walk(body);
  return [...ranges.values()];
}

function touch(ranges: Map<TileValue, Range>, tile: TileValue, position: number): void {
  const range = ranges.get(tile);
  if (range) range.last = Math.max(range.last, position);
  else ranges.set(tile, { tile, first: position, last: position + 1 });
}

/**
 * The body with `tile` in memory: loaded in front of each use, stored behind each definition. What
 * stands for it there is added to `stands`.
 */
function spill(
  body: readonly Item[],
  tile: TileValue,
  slot: number,
  edge: number,
  stands: Set<TileValue>,
): Item[] {
  const place = placeIn(SPILL_BUFFER, slot * edge * edge * 4);
  const { rows, cols, name } = tile;
  const stride: Argument = { kind: 'integer', value: edge * 4 };
  const size = (value: TileValue['rows']): Argument => ({ kind: 'integer', value });
  const addr: Argument = { kind: 'place', place };
  const rewrite = (operation: Operation): Operation[] => {
    const reads = readTiles(operation).includes(tile);
    const writes = writtenTile(operation) === tile;
    if (!reads && !writes) return [operation];
    const stand: TileValue = { name: `${name}_`, rows, cols };
    stands.add(stand);
    const entries = Object.entries(operation.operands).map(([key, argument]) => [
      key,
      argument.kind === 'tile' && argument.tile === tile
        ? ({ kind: 'tile', tile: stand } as const)
        : argument,
    ]);
    const td: Argument = { kind: 'tile', tile: stand };
    const fetch: Operation = {
      kind: 'operation',
      definition: load,
      flags: [],
      operands: { td, addr, rows: size(rows), cols: size(cols), stride },
      note: 'from the spill buffer',
    };
    const keep: Operation = {
      kind: 'operation',
      definition: store,
      flags: [],
      operands: { addr, ts: td, stride },
      note: 'to the spill buffer',
    };
    const changed = {
      ...operation,
      operands: Object.fromEntries(entries) as Operation['operands'],
    };
    const before = reads || accumulates(operation) ? [fetch] : [];
    return [...before, changed, ...(writes ? [keep] : [])];
  };
  return body.flatMap((item): Item[] =>
    item.kind === 'loop'
      ? [{ ...item, body: spill(item.body, tile, slot, edge, stands) }]
      : rewrite(item),
  );
}
