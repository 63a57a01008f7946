/** Random tiles for the tests of the bounds: everyday numbers mixed with tiny and awkward ones. */
import fc from 'fast-check';
import type { Bounded } from './bounded.ts';
import { fromFloat32 } from './bounded.ts';
import type { Tile } from './float32.ts';

/** Three hundred runs from one fixed seed. */
export const RUNS = { numRuns: 300, seed: 20240917 } as const;

const everyday = fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((n) => n / 2 ** 18);
const awkward = fc.float({ min: -16, max: 16, noNaN: true });

/** A float32 of any size up to 16: three in four between −4 and 4 evenly, the rest anything. */
export const float32 = fc.oneof(
  { weight: 3, arbitrary: everyday },
  { weight: 1, arbitrary: awkward },
);

/** A tile of the given shape. */
export function tile(rows: number, cols: number): fc.Arbitrary<Tile> {
  const data = fc.array(float32, { minLength: rows * cols, maxLength: rows * cols });
  return data.map((values) => ({ rows, cols, data: values }));
}

/** A side of a tile. */
export const side = fc.integer({ min: 1, max: 8 });

/** A row that may be longer than the sixteen lanes. */
export const wide = fc.integer({ min: 1, max: 40 });

/** The tile as an input of the machine: exact. */
export function inputOf(t: Tile): Bounded {
  return fromFloat32(t.rows, t.cols, t.data);
}

/** A fixed tile whose elements spread over (−2, 2), for tests of how tight a bound is. */
export function sample(rows: number, cols: number, seed: number): Tile {
  const data = fc.sample(everyday, { numRuns: rows * cols, seed }).map((x) => x / 2);
  return { rows, cols, data };
}
