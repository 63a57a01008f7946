/** The timing model against an array of registers that multiplies for real. */
import { describe, expect, it } from 'vitest';
import type { SystolicArray } from '../../src/machine/systolic/folds.ts';
import { simulate } from '../../src/machine/systolic/simulate.ts';
import type { Matrix } from './systolic-registers.ts';
import {
  matrix,
  multiply,
  runOutputStationary,
  runStationary,
  transpose,
} from './systolic-registers.ts';

/** Zeros around a matrix: idle PEs of a ragged fold. */
function pad(a: Matrix, rows: number, columns: number): Matrix {
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => a[r]?.[c] ?? 0),
  );
}

const crop = (a: Matrix, rows: number, columns: number): Matrix =>
  a.slice(0, rows).map((row) => row.slice(0, columns));

function arrayOf(rows: number, columns: number, rest: Partial<SystolicArray>): SystolicArray {
  return {
    rows,
    columns,
    dataflow: 'weight-stationary',
    weights: 'serial',
    weightBytesPerCycle: 1024,
    weightElementBytes: 1,
    ...rest,
  };
}

/** Every array up to 4 × 4, with every filling of it. */
const ARRAYS = [1, 2, 3, 4].flatMap((rows) => [1, 2, 3, 4].map((columns) => ({ rows, columns })));
const CASES = ARRAYS.flatMap(({ rows, columns }) =>
  [1, 2, 3, 4, 5].flatMap((t) =>
    [1, 2, 3, 4].flatMap((usedRows) =>
      [1, 2, 3, 4].flatMap((usedColumns) =>
        usedRows <= rows && usedColumns <= columns
          ? [{ rows, columns, t, usedRows, usedColumns }]
          : [],
      ),
    ),
  ),
);

describe('one fold in registers takes 2R + C + T − 2 ticks and multiplies', () => {
  it('has every small case', () => expect(CASES).toHaveLength(500));

  it('weight-stationary: weights stay, rows of the left operand stream', () => {
    for (const { rows, columns, t, usedRows: k, usedColumns: n } of CASES) {
      const [x, w] = [matrix(t, k, 3), matrix(k, n, 50)];
      const { products, ticks } = runStationary([pad(w, rows, columns)], [pad(x, t, rows)], t);
      expect(crop(products[0]!, t, n)).toEqual(multiply(x, w));
      expect(ticks).toBe(2 * rows + columns + t - 2);
      expect(ticks).toBe(simulate(arrayOf(rows, columns, {}), [{ m: t, k, n }]).cycles);
    }
  });

  it('input-stationary: the left operand stays, transposed; columns of the weights stream', () => {
    for (const { rows, columns, t, usedRows: k, usedColumns: m } of CASES) {
      const [x, w] = [matrix(m, k, 3), matrix(k, t, 50)];
      const still = pad(transpose(x), rows, columns);
      const { products, ticks } = runStationary([still], [pad(transpose(w), t, rows)], t);
      expect(transpose(crop(products[0]!, t, m))).toEqual(multiply(x, w));
      expect(ticks).toBe(2 * rows + columns + t - 2);
      const array = arrayOf(rows, columns, { dataflow: 'input-stationary' });
      expect(ticks).toBe(simulate(array, [{ m, k, n: t }]).cycles);
    }
  });

  it('output-stationary: both operands stream, sums stay and drain', () => {
    for (const { rows, columns, t, usedRows: m, usedColumns: n } of CASES) {
      const [x, w] = [matrix(m, t, 3), matrix(t, n, 50)];
      const { products, ticks } = runOutputStationary(pad(x, rows, t), pad(w, t, columns));
      expect(crop(products[0]!, m, n)).toEqual(multiply(x, w));
      expect(ticks).toBe(2 * rows + columns + t - 2);
      const array = arrayOf(rows, columns, { dataflow: 'output-stationary' });
      expect(ticks).toBe(simulate(array, [{ m, k: t, n }]).cycles);
    }
  });
});

describe('folds with spare weight registers', () => {
  const tilesOf = (rows: number, columns: number) =>
    [10, 40, 70].map((seed) => matrix(rows, columns, seed));
  const vectorsOf = (t: number, rows: number) => [5, 6, 7].map((seed) => matrix(t, rows, seed));

  it('start every max(T, R) ticks, and the last result is out when its own vectors are', () => {
    for (const { rows, columns } of ARRAYS) {
      for (let t = 1; t <= 6; t++) {
        const [tiles, vectors] = [tilesOf(rows, columns), vectorsOf(t, rows)];
        const { products, ticks } = runStationary(tiles, vectors, Math.max(t, rows));
        expect(products).toEqual(tiles.map((tile, f) => multiply(vectors[f]!, tile)));
        const array = arrayOf(rows, columns, { weights: 'double-buffered' });
        expect(ticks).toBe(simulate(array, [{ m: t, k: 3 * rows, n: columns }]).cycles);
      }
    }
  });

  it('multiply with the old weights if they start one tick sooner than the new ones are in', () => {
    for (const { rows, columns } of ARRAYS) {
      for (let t = 1; t < rows; t++) {
        const [tiles, vectors] = [tilesOf(rows, columns), vectorsOf(t, rows)];
        const { products } = runStationary(tiles, vectors, rows - 1);
        expect(products[1]).not.toEqual(multiply(vectors[1]!, tiles[1]!));
      }
    }
  });
});
