/** Double buffering: a loop that loads the tiles of its next round while it works on this one. */
import type { Integer, Variable } from '../kernel/affine.ts';
import { plus, substitute } from '../kernel/affine.ts';
import type { Argument, Item, Loop, Operation, TileValue } from '../kernel/kernel.ts';
import { accessOf, operations, readTiles, writtenTile } from '../kernel/kernel.ts';

/** How often each tile occurs in a kernel. */
export type Uses = ReadonlyMap<TileValue, number>;

export function countUses(items: readonly Item[]): Uses {
  const uses = new Map<TileValue, number>();
  for (const operation of operations(items)) {
    for (const tile of tilesOf(operation)) uses.set(tile, (uses.get(tile) ?? 0) + 1);
  }
  return uses;
}

function tilesOf({ operands }: Operation): TileValue[] {
  return Object.values(operands).flatMap((a) => (a.kind === 'tile' ? [a.tile] : []));
}

/**
 * The loop as two rounds that take turns, each with tiles of its own: while one works, the loads of
 * the other are under way. What is loaded for the first round stands in front, the rounds that
 * load nothing any more behind. Undefined when the loop is not of that kind. `inside` says how often
 * tiles occurred in the loop when `uses` were counted: loops in it may have become stretches since.
 */
export function overlapRounds(
  loop: Loop,
  uses: Uses,
  inside: Uses = countUses(loop.body),
): readonly Item[] | undefined {
  const { extent, step, tail } = loop;
  if (typeof extent !== 'number' || tail) return undefined;
  const body = loop.body.filter((item) => item.kind === 'operation');
  const rounds = extent / step;
  if (body.length < loop.body.length || rounds < 2 || !mayOverlap(loop.index, body))
    return undefined;
  const locals = localTiles(body, uses, inside);
  const isLoad = (operation: Operation) => isLocalLoad(operation, body, locals);
  if (!body.some(isLoad)) return undefined;
  const index: Variable = { name: loop.name, register: undefined };
  const turns = [renaming(locals), renaming(locals)] as const;
  const loads = (turn: 0 | 1, at: Integer) =>
    body.filter(isLoad).map((operation) => rewrite(operation, turns[turn], loop.index, at));
  const work = (turn: 0 | 1, at: Integer) =>
    body
      .filter((operation) => !isLoad(operation))
      .map((operation) => rewrite(operation, turns[turn], loop.index, at));
  const pairs = Math.ceil(rounds / 2) - 1;
  const pair = (at: Integer) => [
    ...loads(1, plus(at, step)),
    ...work(0, at),
    ...loads(0, plus(at, 2 * step)),
    ...work(1, plus(at, step)),
  ];
  const done = pairs * 2 * step;
  const end =
    rounds % 2 === 1
      ? work(0, done)
      : [...loads(1, done + step), ...work(0, done), ...work(1, done + step)];
  return [...loads(0, 0), ...repeat(loop, index, pairs, 2 * step, pair), ...end];
}

function repeat(
  { name, note }: Loop,
  index: Variable,
  count: number,
  step: number,
  body: (at: Integer) => readonly Operation[],
): readonly Item[] {
  if (count === 0) return [];
  if (count === 1) return body(0);
  const loop: Loop = {
    kind: 'loop',
    name,
    index,
    extent: count * step,
    step,
    tail: undefined,
    body: body(index),
    note,
  };
  return [loop];
}

/** No integer is computed, the index is used in addresses only, and nothing loaded is stored to. */
function mayOverlap(index: Variable, body: readonly Operation[]): boolean {
  const stored = new Set<string>();
  const loaded = new Set<string>();
  for (const operation of body) {
    if (operation.definition.writesScalar) return false;
    const usesIndex = Object.values(operation.operands).some(
      (a) =>
        (a.kind === 'integer' && a.value === index) ||
        (a.kind === 'scalar' && a.variable === index),
    );
    if (usesIndex) return false;
    const access = accessOf(operation);
    if (access) (access.writes ? stored : loaded).add(access.place.buffer);
  }
  return [...stored].every((buffer) => !loaded.has(buffer));
}

/** Tiles that every round writes before it reads them, and nobody else uses. */
function localTiles(body: readonly Operation[], uses: Uses, inside: Uses): ReadonlySet<TileValue> {
  const locals = new Set<TileValue>();
  const seen = new Set<TileValue>();
  for (const operation of body) {
    for (const tile of readTiles(operation)) seen.add(tile);
    const written = writtenTile(operation);
    if (!written || seen.has(written)) continue;
    seen.add(written);
    if (uses.has(written) && inside.get(written) === uses.get(written)) locals.add(written);
  }
  return locals;
}

/** A load into a tile of its own, which nothing else writes. */
function isLocalLoad(
  operation: Operation,
  body: readonly Operation[],
  locals: ReadonlySet<TileValue>,
): boolean {
  const tile = writtenTile(operation);
  const access = accessOf(operation);
  if (!tile || !access || access.writes || !locals.has(tile)) return false;
  return body.filter((other) => writtenTile(other) === tile).length === 1;
}

type Renaming = ReadonlyMap<TileValue, TileValue>;

function renaming(tiles: ReadonlySet<TileValue>): Renaming {
  return new Map([...tiles].map((tile) => [tile, { ...tile }]));
}

function rewrite(operation: Operation, names: Renaming, index: Variable, at: Integer): Operation {
  const change = (argument: Argument): Argument => {
    if (argument.kind === 'tile') {
      return { kind: 'tile', tile: names.get(argument.tile) ?? argument.tile };
    }
    if (argument.kind !== 'place') return argument;
    const { buffer, offset } = argument.place;
    return { kind: 'place', place: { buffer, offset: substitute(offset, index, at) } };
  };
  const entries = Object.entries(operation.operands).map(([name, a]) => [name, change(a)]);
  return { ...operation, operands: Object.fromEntries(entries) as Operation['operands'] };
}
