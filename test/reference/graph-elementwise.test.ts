/** Elementwise operators: worked examples, integers, and broadcasting against its definition. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { RUNS } from './random.ts';
import {
  apply,
  at,
  expectNear,
  given,
  indicesOf,
  ints,
  row,
  shapes,
  tensors,
  values,
} from './graph-support.ts';

const X = row(-1, 0, 2);

/** By hand or from tables: e = 2.718281828459045, tanh 1 = 0.761594155955765, erf 1 = 0.842700792949715. */
const UNARY: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['neg', [-1, 2], [1, -2]],
  ['exp', [0, 1], [1, 2.718281828459045]],
  ['log', [1, 2.718281828459045, 0], [0, 1, -Infinity]],
  ['sqrt', [0, 9], [0, 3]],
  ['rsqrt', [4, 0.25], [0.5, 2]],
  ['reciprocal', [4, -0.5], [0.25, -2]],
  ['erf', [0, 1, -1], [0, 0.842700792949715, -0.842700792949715]],
  ['relu', [-1, 0, 2], [0, 0, 2]],
  ['sigmoid', [0, Math.log(3)], [0.5, 0.75]],
  ['tanh', [0, 1], [0, 0.761594155955765]],
  ['silu', [0, Math.log(3)], [0, 0.75 * Math.log(3)]],
  ['gelu', [0, Math.SQRT2], [0, Math.SQRT1_2 * 1.842700792949715]],
  // √(2/π) · (1 + 0.044715) = 0.833561968939…, whose tanh is 0.682383981216…
  ['gelu_tanh', [0, 1], [0, 0.841191990608277]],
];

const BINARY: readonly (readonly [string, readonly number[]])[] = [
  ['add', [7, 3]],
  ['sub', [3, -7]],
  ['mul', [10, -10]],
  ['div', [2.5, -0.4]],
  ['max', [5, 5]],
  ['min', [2, -2]],
  ['pow', [25, -32]],
  ['less', [0, 1]],
  ['equal', [0, 0]],
];

describe('elementwise operators', () => {
  test.each(UNARY)('%s', (op, x, expected) => {
    const y = values(op, [row(...x)]);
    expected.forEach((value, i) => expect(y[i]).toBeCloseTo(value, 13));
  });

  test.each(BINARY)('%s of 5 with 2, and −2 with 5', (op, expected) => {
    expect(values(op, [row(5, -2), row(2, 5)])).toEqual(expected);
  });

  it('choose where', () => {
    expect(values('where', [given([3], [1, 0, -2], 'bool'), X, row(7, 8, 9)])).toEqual([-1, 8, 2]);
  });

  it('cast towards zero, and to truth', () => {
    expect(values('cast', [row(-1.9, 0.5, 2)], { to: 'i32' })).toEqual([-1, 0, 2]);
    expect(values('cast', [row(-1.9, 0, 2)], { to: 'bool' })).toEqual([1, 0, 1]);
    expect(values('cast', [ints([3, -4])], { to: 'f32' })).toEqual([3, -4]);
  });

  it('keep float64: a third is not rounded to float32', () => {
    expect(values('reciprocal', [row(3)])).toEqual([1 / 3]);
  });
});

describe('integers', () => {
  const [A, B] = [ints([7, -7, 7, -7, 0]), ints([2, 2, -2, -2, -5])];

  it('divide towards zero, and the rest has the sign of the dividend', () => {
    expect(values('div', [A, B])).toEqual([3, -3, -3, 3, 0]);
    expect(values('rem', [A, B])).toEqual([1, -1, 1, -1, 0]);
  });

  it('make up the whole from quotient and rest', () => {
    const int = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(
        int,
        int.filter((b) => b !== 0),
        (a, b) => {
          const [q] = values('div', [ints([a]), ints([b])]);
          const [r] = values('rem', [ints([a]), ints([b])]);
          expect(BigInt(q)).toBe(BigInt(a) / BigInt(b));
          expect(BigInt(r)).toBe(BigInt(a) % BigInt(b));
        },
      ),
      RUNS,
    );
  });

  it('that do not exist are errors that name the node', () => {
    expect(() => values('div', [ints([1]), ints([0])])).toThrow(/node y \(div\): Infinity is no/);
    expect(() => values('add', [ints([2 ** 31 - 1]), ints([1])])).toThrow(
      /2147483648 is no 32-bit/,
    );
    expect(() => values('cast', [row(NaN)], { to: 'i32' })).toThrow(/NaN is no 32-bit/);
  });
});

describe('broadcasting', () => {
  /** A shape, and one that broadcasts with it: cut at the left, some lengths 1. */
  const pairs = fc
    .tuple(shapes, fc.nat(3), fc.infiniteStream(fc.boolean()))
    .map(([shape, cut, ones]) => {
      const other = shape.slice(cut).map((n) => (ones.next().value === true ? 1 : n));
      return [shape, other] as const;
    });
  const operands = pairs.chain(([a, b]) => fc.tuple(tensors(a), tensors(b), fc.boolean()));

  it('repeats along lengths of 1, and along axes that are not there', () => {
    const y = apply('add', [given([2, 1], [10, 20]), row(1, 2, 3)]);
    expectNear(y, [2, 3], [11, 12, 13, 21, 22, 23]);
  });

  it('is what its definition says, from either side', () => {
    fc.assert(
      fc.property(operands, ([a, b, swap]) => {
        const expected = [...indicesOf(a.shape)].map((index) => at(a, index) - at(b, index));
        const y = swap ? apply('neg', [apply('sub', [b, a])]) : apply('sub', [a, b]);
        expectNear(y, a.shape, expected);
      }),
      RUNS,
    );
  });
});
