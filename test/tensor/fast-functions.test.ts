/** Fast functions of one number give the bits of the plain ones, over the whole of float32. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { EDGE, compare, place, pool, size } from './fast-support.ts';
import { runs } from './numbers.ts';

const NAMES = [
  ...(['exp', 'sigmoid', 'tanh', 'rsqrt', 'log', 'erf'] as const),
  ...(['silu', 'geluErf', 'geluTanh'] as const),
] as const;

type Name = (typeof NAMES)[number];

const PATTERN = new Int32Array(1);
const NUMBER = new Float32Array(PATTERN.buffer);

/** The float32 of some bits. */
function floatOf(bits: number): number {
  PATTERN[0] = bits;
  return NUMBER[0];
}

/** The bits of a float32. */
function bitsOf(value: number): number {
  NUMBER[0] = value;
  return PATTERN[0];
}

/** All numbers, as many at a time as a tile holds. */
function compareAll(name: Name, numbers: readonly number[]): void {
  for (let from = 0; from < numbers.length; from += EDGE * EDGE) {
    const part = numbers.slice(from, from + EDGE * EDGE);
    const tile = place(0, EDGE, EDGE, [0]);
    tile.inside.data.set(part);
    tile.outside.data.set(part);
    compare([tile], (kernels, out, [s]) => {
      kernels[name](out, s);
    });
  }
}

/** Where a formula changes, and where a result leaves or enters float32. */
const TURNS = [
  ...[0, 2 ** -149, 2 ** -126, 2 ** -12, 0.46875, 0.46875 * Math.SQRT2, 1, 4, 4 * Math.SQRT2],
  ...[Math.SQRT1_2, Math.SQRT2, 5.3, 9.2, 13.3, 14.4, 17.3, 88.72283, 103.97, 354, 708, 3.4e38],
];
const BESIDE = 40;

describe.each(NAMES)('the fast %s', (name) => {
  it('takes any shape and any number', () => {
    fc.assert(
      fc.property(size, size, pool, (rows, cols, numbers) => {
        compare([place(0, rows, cols, numbers)], (kernels, out, [s]) => {
          kernels[name](out, s);
        });
      }),
      { ...runs, numRuns: 150 },
    );
  });

  it('agrees at every 20011th float32', () => {
    const STEP = 20011;
    compareAll(
      name,
      Array.from({ length: Math.floor(2 ** 32 / STEP) }, (_, i) => floatOf(i * STEP)),
    );
  });

  it('agrees densely from −16 to 16', () => {
    compareAll(
      name,
      Array.from({ length: 64_001 }, (_, i) => (i - 32_000) / 2000),
    );
  });

  it('agrees where formulas change', () => {
    const numbers = TURNS.flatMap((turn) =>
      Array.from({ length: 2 * BESIDE + 1 }, (_, i) =>
        floatOf(Math.max(bitsOf(turn) + i - BESIDE, 0)),
      ),
    );
    compareAll(name, [...numbers, ...numbers.map((x) => -x), NaN, Infinity, -Infinity]);
  });
});
