import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dequant, firstNotInt8, matmulInt8, quant } from '../../../src/tensor/kernels/quantized.ts';
import type { Tile } from '../../../src/tensor/tile.ts';
import { bitsOf, tileOf } from '../../../src/tensor/tile.ts';
import { anyTile, entries, moderate, room, runs, tileOfShape } from '../numbers.ts';

const f = Math.fround;
const int8 = fc.integer({ min: -128, max: 127 });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const side = fc.integer({ min: 1, max: 5 });

/** A tile whose bits are the given integers. */
function accumulatorOf(rows: number, cols: number, values: readonly number[]): Tile {
  return { rows, cols, data: new Float32Array(Int32Array.from(values).buffer) };
}

function integersOf(tile: Tile): number[] {
  return [...bitsOf(tile).subarray(0, tile.rows * tile.cols)];
}

/** Two factors that fit, the right one as written, and an accumulator. */
const products = fc.tuple(side, side, side).chain(([m, k, n]) => {
  const values = fc.array(int32, { minLength: m * n, maxLength: m * n });
  return fc.tuple(
    tileOfShape(m, k, int8),
    tileOfShape(k, n, int8),
    values.map((list) => accumulatorOf(m, n, list)),
  );
});

function transposed({ rows, cols, data }: Tile): Tile {
  const turned = Array.from({ length: cols }, (_, j) =>
    Array.from({ length: rows }, (__, i) => data[i * cols + j]),
  );
  return tileOf(turned);
}

describe('matmulInt8', () => {
  it('is the sum of integers of any size, and says so when int32 is too small', () => {
    const law = fc.property(products, fc.boolean(), ([a, b, start], accumulates) => {
      const exact = Array.from({ length: a.rows * b.cols }, (_, at) => {
        const [i, j] = [Math.floor(at / b.cols), at % b.cols];
        let sum = accumulates ? BigInt(integersOf(start)[at]) : 0n;
        for (let k = 0; k < a.cols; k++) {
          sum += BigInt(a.data[i * a.cols + k]) * BigInt(b.data[k * b.cols + j]);
        }
        return sum;
      });
      for (const isTransposed of [false, true]) {
        const out = room();
        const right = isTransposed ? transposed(b) : b;
        const overflow = matmulInt8(out, a, right, isTransposed, accumulates ? start : undefined);
        const beyond = exact.find((sum) => sum !== BigInt.asIntN(32, sum));
        expect(overflow).toBe(beyond === undefined ? undefined : Number(beyond));
        if (beyond === undefined) expect(integersOf(out)).toEqual(exact.map(Number));
      }
    });
    fc.assert(law, runs);
  });

  it('reaches both ends of int32 and no further', () => {
    const [one, minus] = [tileOf([[1]]), tileOf([[-1]])];
    const top = accumulatorOf(1, 1, [2 ** 31 - 2]);
    expect(matmulInt8(room(), one, one, false, top)).toBeUndefined();
    expect(matmulInt8(room(), tileOf([[2]]), one, false, top)).toBe(2 ** 31);
    const bottom = accumulatorOf(1, 1, [-(2 ** 31)]);
    expect(matmulInt8(room(), minus, one, false, bottom)).toBe(-(2 ** 31) - 1);
  });

  it('refuses shapes that do not fit', () => {
    const wide = tileOf([[1, 2, 3]]);
    expect(() => matmulInt8(room(), wide, wide, false, undefined)).toThrow('the right factor');
    expect(() => matmulInt8(room(), wide, wide, true, wide)).toThrow('the accumulator');
  });
});

it('firstNotInt8 finds what is no integer of eight bits', () => {
  expect(firstNotInt8(tileOf([[-128, 127, -0]]))).toBeUndefined();
  for (const stray of [128, -129, 0.5, NaN, Infinity]) {
    expect(firstNotInt8(tileOf([[1, stray]]))).toBe(stray);
  }
});

/** Scales of the rows or columns of a shape, or one for all. */
const scales = (rows: number, cols: number) =>
  fc.boolean().chain((single) => tileOfShape(single ? 1 : rows, single ? 1 : cols, moderate(1e3)));

describe('the documented steps', () => {
  it('of DEQUANT', () => {
    const operands = fc.tuple(side, side).chain(([rows, cols]) => {
      const values = fc.array(int32, { minLength: rows * cols, maxLength: rows * cols });
      const sums = values.map((list) => accumulatorOf(rows, cols, list));
      return fc.tuple(sums, scales(rows, 1), scales(1, cols));
    });
    const law = fc.property(operands, ([s, perRow, perColumn]) => {
      const out = room();
      dequant(out, s, perRow, perColumn);
      const expected = integersOf(s).map((sum, at) => {
        const [i, j] = [Math.floor(at / s.cols), at % s.cols];
        const row = perRow.data[perRow.rows === 1 ? 0 : i];
        return f(f(f(sum) * row) * perColumn.data[perColumn.cols === 1 ? 0 : j]);
      });
      expect([...entries(out)]).toEqual(expected);
    });
    fc.assert(law, runs);
  });

  it('of QUANT', () => {
    const operands = anyTile(5, 5, fc.oneof(fc.float(), moderate(200))).chain((s) =>
      fc.tuple(fc.constant(s), scales(s.rows, 1)),
    );
    const law = fc.property(operands, ([s, perRow]) => {
      const out = room();
      quant(out, s, perRow);
      s.data.forEach((x, at) => {
        const row = Math.floor(at / s.cols);
        const scaled = f(x * perRow.data[perRow.rows === 1 ? 0 : row]);
        const value = out.data[at];
        expect(Number.isInteger(value) && !Object.is(value, -0)).toBe(true);
        if (Number.isNaN(scaled)) expect(value).toBe(0);
        else if (Math.abs(scaled) >= 127) expect(value).toBe(127 * Math.sign(scaled));
        else {
          const distance = Math.abs(value - scaled);
          expect(distance < 0.5 || (distance === 0.5 && value % 2 === 0)).toBe(true);
        }
      });
    });
    fc.assert(law, runs);
  });

  it('refuse scales of another shape', () => {
    const [s, row] = [tileOf([[1, 2]]), tileOf([[1, 2, 3]])];
    expect(() => quant(room(), s, row)).toThrow('the scale of the rows');
    expect(() => dequant(room(), s, tileOf([[1]]), row)).toThrow('the scale of the columns');
  });
});
