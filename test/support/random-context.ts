/** What a random program knows of its registers while it is being written, and the choices it makes. */
import type { Shape } from '../../src/tensor/tile.ts';

/** Few registers, so that instructions meet: tiles t0–t5, scalars r1–r6. */
export const TILES = [0, 1, 2, 3, 4, 5];
export const SCALARS = [1, 2, 3, 4, 5, 6];

/** All that a scalar register can hold; `aligned` when every value is a multiple of 4. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly aligned: boolean;
}

export function exactly(value: number): Range {
  return { min: value, max: value, aligned: value % 4 === 0 };
}

export function isWithin(inner: Range, outer: Range): boolean {
  const fits = inner.min >= outer.min && inner.max <= outer.max;
  return fits && (inner.aligned || !outer.aligned);
}

/** What each register holds; a register that is not in it may be unwritten. */
export interface Context {
  readonly tiles: Map<number, Shape>;
  readonly scalars: Map<number, Range>;
}

/**
 * What a loop demands of its body: a register that the next iteration may read keeps its shape, or
 * stays within its range.
 */
export type Pins = Context;

export function emptyContext(): Context {
  return { tiles: new Map(), scalars: new Map([[0, exactly(0)]]) };
}

export function cloneContext({ tiles, scalars }: Context): Context {
  return { tiles: new Map(tiles), scalars: new Map(scalars) };
}

/** Keeps in `into` what holds on both of two paths. */
export function joinContext(into: Context, other: Context): void {
  for (const [tile, shape] of into.tiles) {
    const { rows, cols } = other.tiles.get(tile) ?? { rows: 0, cols: 0 };
    if (rows !== shape.rows || cols !== shape.cols) into.tiles.delete(tile);
  }
  for (const [scalar, mine] of into.scalars) {
    const theirs = other.scalars.get(scalar);
    if (!theirs) into.scalars.delete(scalar);
    else {
      into.scalars.set(scalar, {
        min: Math.min(mine.min, theirs.min),
        max: Math.max(mine.max, theirs.max),
        aligned: mine.aligned && theirs.aligned,
      });
    }
  }
}

/** Choices that follow from a seed: a xorshift generator (Marsaglia, 2003). */
export class Draws {
  private state: number;
  constructor(seed: number) {
    this.state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
    this.below(1);
    this.below(1);
  }

  /** An integer from 0 to before `limit`. */
  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }

  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}
