import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as activations from '../../../src/tensor/kernels/activations.ts';
import {
  add,
  div,
  equal,
  less,
  max,
  min,
  mul,
  pow,
  select,
  sub,
} from '../../../src/tensor/kernels/elementwise.ts';
import * as functions from '../../../src/tensor/functions.ts';
import type { Tile } from '../../../src/tensor/tile.ts';
import { tileOf } from '../../../src/tensor/tile.ts';
import { anyTile, entries, room, runs, tileOfShape } from '../numbers.ts';

type Binary = (out: Tile, a: Tile, b: Tile) => void;
type Unary = (out: Tile, s: Tile) => void;

/** IEEE 754-2019 `maximum`, case by case. */
function maximum(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  if (x === y) return Object.is(x, -0) ? y : x;
  return x > y ? x : y;
}

/** IEEE 754-2019 `minimum`. */
function minimum(x: number, y: number): number {
  return -maximum(-x, -y);
}

/** What each kernel does to one pair. */
const PAIRS: [string, Binary, (x: number, y: number) => number][] = [
  ['add', add, (x, y) => x + y],
  ['sub', sub, (x, y) => x - y],
  ['mul', mul, (x, y) => x * y],
  ['div', div, (x, y) => x / y],
  ['max', max, maximum],
  ['min', min, minimum],
  ['pow', pow, functions.pow32],
  ['less', less, (x, y) => Number(x < y)],
  ['equal', equal, (x, y) => Number(x === y)],
];

/** Any float32 at all. */
const anyFloat = fc.float();
const side = fc.integer({ min: 1, max: 6 });
const collapse = fc.tuple(fc.boolean(), fc.boolean());

/** Two operands of a common shape, each with neither, either or both axes collapsed to 1. */
const operands = fc.tuple(side, side, collapse, collapse).chain(([rows, cols, left, right]) => {
  const operand = ([flat, thin]: [boolean, boolean]): fc.Arbitrary<Tile> =>
    tileOfShape(flat ? 1 : rows, thin ? 1 : cols, anyFloat);
  return fc.tuple(operand(left), operand(right));
});

/** `tile` with single rows and columns written out to rows × cols. */
function expanded(tile: Tile, rows: number, cols: number): Tile {
  const entry = (i: number, j: number): number =>
    tile.data[(tile.rows === 1 ? 0 : i) * tile.cols + (tile.cols === 1 ? 0 : j)];
  return tileOf(
    Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (__, j) => entry(i, j))),
  );
}

describe.each(PAIRS)('%s', (_, kernel, pair) => {
  it('is the rounded operation on each pair of the written-out operands', () => {
    fc.assert(
      fc.property(operands, ([a, b]) => {
        const [rows, cols] = [Math.max(a.rows, b.rows), Math.max(a.cols, b.cols)];
        const [x, y] = [expanded(a, rows, cols).data, expanded(b, rows, cols).data];
        const out = room();
        kernel(out, a, b);
        expect([out.rows, out.cols]).toEqual([rows, cols]);
        expect(entries(out)).toEqual(x.map((value, i) => pair(value, y[i])));
      }),
      runs,
    );
  });
});

describe('broadcasting', () => {
  it('makes a table of a column and a row', () => {
    const out = room();
    add(out, tileOf([[10], [20]]), tileOf([[1, 2, 3]]));
    expect([out.rows, out.cols, ...entries(out)]).toEqual([2, 3, 11, 12, 13, 21, 22, 23]);
  });

  it('refuses lengths that are neither equal nor 1, and a result in place', () => {
    const a = tileOf([[1, 2]]);
    expect(() => add(room(), a, tileOf([[1, 2, 3]]))).toThrow('1×2 and 1×3 do not broadcast');
    expect(() => add(a, a, tileOf([[1]]))).toThrow('overwritten');
  });

  it('max prefers +0 and shows NaN', () => {
    const out = room();
    max(out, tileOf([[0, -0, NaN, 1, -Infinity]]), tileOf([[-0, 0, 1, NaN, NaN]]));
    expect([...entries(out)]).toEqual([0, 0, NaN, NaN, NaN]);
  });
});

describe('select', () => {
  const three = fc
    .tuple(side, side, collapse, collapse, collapse)
    .chain(([rows, cols, ...shapes]) => {
      const value = fc.oneof(anyFloat, fc.constantFrom(0, -0));
      const operand = ([flat, thin]: [boolean, boolean]) =>
        tileOfShape(flat ? 1 : rows, thin ? 1 : cols, value);
      return fc.tuple(operand(shapes[0]), operand(shapes[1]), operand(shapes[2]));
    });

  it('chooses on each triple of the written-out operands', () => {
    fc.assert(
      fc.property(three, (tiles) => {
        const rows = Math.max(...tiles.map((tile) => tile.rows));
        const cols = Math.max(...tiles.map((tile) => tile.cols));
        const [c, a, b] = tiles.map((tile) => expanded(tile, rows, cols).data);
        const out = room();
        select(out, ...tiles);
        expect([out.rows, out.cols]).toEqual([rows, cols]);
        expect(entries(out)).toEqual(c.map((condition, i) => (condition === 0 ? b[i] : a[i])));
      }),
      runs,
    );
  });

  it('refuses a condition that does not broadcast', () => {
    const [a, c] = [tileOf([[1, 2]]), tileOf([[1, 2, 3]])];
    expect(() => select(room(), c, a, tileOf([[1]]))).toThrow(
      '1×3 and 1×2 and 1×1 do not broadcast',
    );
  });
});

describe('activations', () => {
  const scalars: [string, Unary, (x: number) => number][] = [
    ['exp', activations.exp, functions.exp32],
    ['relu', activations.relu, (x) => (x > 0 ? x : Number.isNaN(x) ? NaN : 0)],
    ['sigmoid', activations.sigmoid, functions.sigmoid32],
    ['tanh', activations.tanh, functions.tanh32],
    ['sqrt', activations.sqrt, functions.sqrt32],
    ['log', activations.log, functions.log32],
    ['erf', activations.erf, functions.erf32],
    ['trunc', activations.trunc, (x) => (x < 0 ? Math.ceil(x) : Math.floor(x))],
    ['silu', activations.silu, functions.silu32],
    ['geluErf', activations.geluErf, functions.geluErf32],
    ['geluTanh', activations.geluTanh, functions.geluTanh32],
  ];

  it.each(scalars)(
    '%s applies its function to every entry and keeps the shape',
    (_, kernel, scalar) => {
      fc.assert(
        fc.property(anyTile(5, 5, anyFloat), (s) => {
          const out = room();
          kernel(out, s);
          expect([out.rows, out.cols]).toEqual([s.rows, s.cols]);
          expect(entries(out)).toEqual(s.data.map(scalar));
        }),
        runs,
      );
    },
  );
});
