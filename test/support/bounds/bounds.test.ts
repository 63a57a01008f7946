/** Each bound holds for float32 arithmetic carried out step by step, on hundreds of random inputs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as reference from '../../../src/reference/activation.ts';
import { float32, inputOf, RUNS, side, tile, wide } from './arbitrary.ts';
import * as machine from './float32.ts';
import type { Tile } from './float32.ts';
import type { Bounded, FunctionErrors } from './index.ts';
import * as bounds from './index.ts';

/** `noisy` errs by half an ULP of rounding and by u·|x|, which is at most one ULP. */
const ULPS: FunctionErrors = { exp: 1.5, tanh: 1.5, erf: 1.5, sigmoid: 1.5, rsqrt: 1.5 };

const f = Math.fround;

function expectWithin(actual: Tile, expected: Bounded): void {
  expect(bounds.firstViolation(actual.data, expected)).toBeUndefined();
}

/** Two tiles, the second of equal shape, one row, one column or one number. */
const broadcastPair = fc
  .record({ m: side, n: side, row: fc.boolean(), col: fc.boolean(), swap: fc.boolean() })
  .chain(({ m, n, row, col, swap }) =>
    fc
      .tuple(tile(m, n), tile(row ? 1 : m, col ? 1 : n))
      .map(([a, b]) => (swap ? ([b, a] as const) : ([a, b] as const))),
  );

describe('elementwise bounds hold', () => {
  test.each([
    { name: 'add', bound: bounds.add, f: (x: number, y: number) => x + y },
    { name: 'sub', bound: bounds.sub, f: (x: number, y: number) => x - y },
    { name: 'mul', bound: bounds.mul, f: (x: number, y: number) => x * y },
    { name: 'div', bound: bounds.div, f: (x: number, y: number) => x / y },
    { name: 'max', bound: bounds.max, f: Math.max },
  ])('$name, once and again on its own result', ({ bound, f: op }) => {
    fc.assert(
      fc.property(broadcastPair, ([a, b]) => {
        const once = machine.zip(a, b, op);
        const onceBound = bound(inputOf(a), inputOf(b));
        expectWithin(once, onceBound);
        const sum = machine.zip(once, a, (x, y) => x + y);
        const twice = machine.zip(once, sum, op);
        const twiceBound = bound(onceBound, bounds.add(onceBound, inputOf(a)));
        // 0/0 and ∞ − ∞ are NaN on the machine where float64, rounding less, may find a number.
        if (twice.data.every((x) => !Number.isNaN(x))) expectWithin(twice, twiceBound);
      }),
      RUNS,
    );
  });
});

describe('function bounds hold', () => {
  const sigmoid = machine.noisy(reference.sigmoid);
  const erf = machine.noisy(reference.erf);
  const tanh = machine.noisy(Math.tanh);
  const k = f(Math.sqrt(2 / Math.PI));
  test.each([
    { name: 'exp', bound: bounds.exp, f: machine.noisy(Math.exp) },
    { name: 'tanh', bound: bounds.tanh, f: tanh },
    { name: 'erf', bound: bounds.erf, f: erf },
    { name: 'sigmoid', bound: bounds.sigmoid, f: sigmoid },
    { name: 'relu', bound: bounds.relu, f: (x: number) => Math.max(0, x) },
    { name: 'silu', bound: bounds.silu, f: (x: number) => f(x * sigmoid(x)) },
    {
      name: 'silu as x / (1 + exp(−x))',
      bound: bounds.silu,
      f: (x: number) => f(x / f(1 + machine.noisy(Math.exp)(-x))),
    },
    {
      name: 'gelu erf',
      bound: bounds.geluErf,
      f: (x: number) => f(f(x * 0.5) * f(1 + erf(f(x * f(Math.SQRT1_2))))),
    },
    {
      name: 'gelu tanh',
      bound: bounds.geluTanh,
      f: (x: number) => {
        const cubic = f(f(0.044715) * f(x * f(x * x)));
        return f(f(0.5 * x) * f(1 + tanh(f(k * f(x + cubic)))));
      },
    },
  ])('$name, on inputs and on rounded products', ({ bound, f: op }) => {
    fc.assert(
      fc.property(tile(3, 4), tile(3, 4), fc.constantFrom(1, 4, 30), (a, b, factor) => {
        const x = machine.map(a, (value) => value * factor);
        expectWithin(machine.map(x, op), bound(inputOf(x), ULPS));
        const product = machine.zip(a, b, (p, q) => p * q);
        const moved = bounds.mul(inputOf(a), inputOf(b));
        expectWithin(machine.map(product, op), bound(moved, ULPS));
      }),
      RUNS,
    );
  });

  test('rsqrt, on squares plus a little', () => {
    const rsqrt = machine.noisy((x) => 1 / Math.sqrt(x));
    const little = inputOf({ rows: 1, cols: 1, data: [2 ** -10] });
    fc.assert(
      fc.property(tile(3, 4), (a) => {
        const square = machine.map(a, (x) => f(x * x) + 2 ** -10);
        const bound = bounds.add(bounds.mul(inputOf(a), inputOf(a)), little);
        expectWithin(machine.map(square, rsqrt), bounds.rsqrt(bound, ULPS));
      }),
      RUNS,
    );
  });
});

describe('bounds of products and rows hold', () => {
  test('matmul, accumulated twice and through a transpose', () => {
    const operands = fc
      .tuple(side, wide, side)
      .chain(([m, k, n]) => fc.tuple(tile(m, k), tile(k, n), tile(m, n), tile(n, k)));
    fc.assert(
      fc.property(operands, ([a, b, c, d]) => {
        const first = machine.matmul(a, b, c);
        const firstBound = bounds.matmul(inputOf(a), inputOf(b), inputOf(c));
        expectWithin(first, firstBound);
        const second = machine.matmul(a, machine.transpose(d), first);
        expectWithin(second, bounds.matmul(inputOf(a), bounds.transpose(inputOf(d)), firstBound));
        expectWithin(machine.matmul(a, b), bounds.matmul(inputOf(a), inputOf(b)));
      }),
      RUNS,
    );
  });

  test('row sums of products, and row maxima', () => {
    const operands = fc.tuple(side, wide).chain(([m, n]) => fc.tuple(tile(m, n), tile(m, n)));
    fc.assert(
      fc.property(operands, ([a, b]) => {
        const product = machine.zip(a, b, (x, y) => x * y);
        const bound = bounds.mul(inputOf(a), inputOf(b));
        const sums = machine.perRow(product, (row) => [machine.laneSum(row)]);
        expectWithin(sums, bounds.rowSum(bound));
        const maxima = machine.perRow(product, (row) => [Math.max(...row)]);
        expectWithin(maxima, bounds.rowMax(bound));
      }),
      RUNS,
    );
  });

  test('rope', () => {
    const operands = fc.tuple(tile(4, 8), tile(4, 4));
    fc.assert(
      fc.property(operands, ([x, angles]) => {
        const cos = machine.map(angles, Math.cos);
        const sin = machine.map(angles, Math.sin);
        const turned = machine.perRow(x, (row, i) =>
          row.map((_, j) => {
            const [c, s] = [cos.data[i * 4 + (j % 4)], sin.data[i * 4 + (j % 4)]];
            return j < 4
              ? f(f(row[j] * c) - f(row[j + 4] * s))
              : f(f(row[j] * c) + f(row[j - 4] * s));
          }),
        );
        expectWithin(turned, bounds.rope(inputOf(x), inputOf(cos), inputOf(sin)));
      }),
      RUNS,
    );
  });
});

describe('bounds of softmax and norms hold', () => {
  test('softmax, scaled, masked, with a quotient or a reciprocal', () => {
    const scores = fc.tuple(side, wide).chain(([m, n]) => tile(m, n));
    const scale = fc.constantFrom(1, 0.25, f(0.3), 20);
    fc.assert(
      fc.property(
        scores,
        scale,
        fc.integer({ min: -2, max: 40 }),
        fc.boolean(),
        (s, factor, causalOffset, reciprocal) => {
          const expected = bounds.softmax(inputOf(s), ULPS, factor, { causalOffset });
          expectWithin(machine.softmax(s, factor, causalOffset, reciprocal), expected);
        },
      ),
      RUNS,
    );
  });

  test('layer norm and RMS norm, also of rows far from zero', () => {
    const operands = wide.chain((n) =>
      fc.tuple(tile(3, n), tile(1, n), tile(1, n), fc.constantFrom(0, 100), float32),
    );
    fc.assert(
      fc.property(operands, ([a, gain, bias, offset, spread]) => {
        const x = machine.map(a, (value) => f(value * spread) + offset);
        const [xb, gb, bb] = [x, gain, bias].map(inputOf);
        const layer = machine.layerNorm(x, gain, bias, 1e-5);
        expectWithin(layer, bounds.layerNorm(xb, gb, bb, 1e-5, ULPS));
        const rms = machine.rmsNorm(x, gain, 1e-6);
        expectWithin(rms, bounds.rmsNorm(xb, gb, 1e-6, ULPS));
      }),
      RUNS,
    );
  });

  test('a head of attention with its residual and norm, composed', () => {
    const operands = side.chain((n) =>
      fc.tuple(tile(n, 8), tile(n, 8), tile(n, 8), tile(1, 8), tile(1, 8)),
    );
    fc.assert(
      fc.property(operands, ([q, k, v, gain, bias]) => {
        const scores = machine.matmul(q, machine.transpose(k));
        const weights = machine.softmax(scores, 0.125, 0, false);
        const mixed = machine.zip(machine.matmul(weights, v), q, (x, y) => x + y);
        const actual = machine.layerNorm(mixed, gain, bias, 1e-5);

        const [qb, kb, vb, gb, bb] = [q, k, v, gain, bias].map(inputOf);
        const scoresBound = bounds.matmul(qb, bounds.transpose(kb));
        const weightsBound = bounds.softmax(scoresBound, ULPS, 0.125, { causalOffset: 0 });
        const mixedBound = bounds.add(bounds.matmul(weightsBound, vb), qb);
        expectWithin(actual, bounds.layerNorm(mixedBound, gb, bb, 1e-5, ULPS));
      }),
      RUNS,
    );
  });
});
