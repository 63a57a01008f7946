/** The bounds say something: they are narrow, and a result of the wrong formula breaks them. */
import { describe, expect, test } from 'vitest';
import { inputOf, sample } from './arbitrary.ts';
import * as machine from './float32.ts';
import type { Tile } from './float32.ts';
import type { Bounded, FunctionErrors } from './index.ts';
import * as bounds from './index.ts';

const ULPS: FunctionErrors = { exp: 1.5, tanh: 1.5, erf: 1.5, sigmoid: 1.5, rsqrt: 1.5 };
const x = sample(8, 16, 1);
const w = sample(16, 16, 2);
const gain = sample(1, 16, 3);
const bias = sample(1, 16, 4);
const [xb, wb, gb, bb] = [x, w, gain, bias].map(inputOf);

/** The median over all elements of bound / |value|. */
function medianRelative({ value, error }: Bounded): number {
  const ratios = [...error.data].map((e, i) => e / Math.abs(value.data[i]));
  return ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)];
}

function expectRefused(wrong: Tile, expected: Bounded): void {
  expect(bounds.firstViolation(wrong.data, expected)).toBeDefined();
}

describe('median relative width, in float32 roundings (u = 2⁻²⁴)', () => {
  // Each limit is the number of roundings on the way to an element, with room for cancellation.
  test.each([
    { name: 'add', roundings: 1.5, bound: bounds.add(xb, gb) },
    { name: 'matmul of depth 16', roundings: 32, bound: bounds.matmul(xb, wb) },
    { name: 'softmax', roundings: 20, bound: bounds.softmax(xb, ULPS) },
    { name: 'layer norm', roundings: 32, bound: bounds.layerNorm(xb, gb, bb, 1e-5, ULPS) },
    { name: 'RMS norm', roundings: 12, bound: bounds.rmsNorm(xb, gb, 1e-5, ULPS) },
    { name: 'gelu tanh', roundings: 8, bound: bounds.geluTanh(xb, ULPS) },
    { name: 'gelu erf', roundings: 8, bound: bounds.geluErf(xb, ULPS) },
    { name: 'silu', roundings: 8, bound: bounds.silu(xb, ULPS) },
  ])('$name: under $roundings u', ({ bound, roundings }) => {
    const width = medianRelative(bound) / 2 ** -24;
    expect(width).toBeGreaterThan(0.5);
    expect(width).toBeLessThan(roundings);
  });

  test('softmax stays within [0, 1] and never claims more than the whole interval', () => {
    const steep = bounds.softmax(bounds.mul(xb, xb), ULPS, 1000);
    expect(Math.max(...steep.value.data)).toBeLessThanOrEqual(1);
    expect(Math.max(...steep.error.data)).toBeLessThan(1.001);
  });
});

describe('a wrong formula is refused', () => {
  test('matmul with an operand transposed', () => {
    expectRefused(machine.matmul(x, machine.transpose(w)), bounds.matmul(xb, wb));
  });

  test('matmul that forgets its accumulator', () => {
    const start = inputOf(sample(8, 16, 5));
    expectRefused(machine.matmul(x, w), bounds.matmul(xb, wb, start));
  });

  test('matmul with one product of bfloat16 precision', () => {
    const coarse = { ...w, data: w.data.map((v, i) => (i === 0 ? v * (1 + 2 ** -8) : v)) };
    expectRefused(machine.matmul(x, coarse), bounds.matmul(xb, wb));
  });

  test('softmax without its scale', () => {
    expectRefused(machine.softmax(x, 1, 99, false), bounds.softmax(xb, ULPS, 0.25));
  });

  test('softmax with a mask off by one', () => {
    const expected = bounds.softmax(xb, ULPS, 1, { causalOffset: 0 });
    expectRefused(machine.softmax(x, 1, 1, false), expected);
  });

  test('layer norm with another epsilon, or the variance over n − 1', () => {
    const expected = bounds.layerNorm(xb, gb, bb, 1e-5, ULPS);
    expectRefused(machine.layerNorm(x, gain, bias, 1e-3), expected);
    // Dividing the variance by n − 1 shrinks every output by √(15/16), as would a smaller gain.
    const smaller = machine.map(gain, (g) => g * Math.sqrt(15 / 16));
    expectRefused(machine.layerNorm(x, smaller, bias, 1e-5), expected);
  });

  test('one form of gelu in place of the other', () => {
    const tanhForm = bounds.geluTanh(xb, ULPS).value;
    expect(bounds.firstViolation(tanhForm.data, bounds.geluErf(xb, ULPS))).toBeDefined();
  });
});

describe('comparing', () => {
  const expected = bounds.fromFloat32(2, 2, [1, NaN, Infinity, -0]);

  test('accepts what is expected, NaN and infinity included', () => {
    expect(bounds.firstViolation([1, NaN, Infinity, 0], expected)).toBeUndefined();
  });

  test('names the first element out of bounds', () => {
    const found = bounds.firstViolation([1, NaN, 7, 9], expected);
    expect(found).toEqual({ row: 1, col: 0, actual: 7, expected: Infinity, bound: 0 });
  });

  test('takes NaN only for NaN', () => {
    expect(bounds.firstViolation([NaN, NaN, Infinity, 0], expected)).toMatchObject({ col: 0 });
    expect(bounds.firstViolation([1, 0, Infinity, 0], expected)).toMatchObject({ col: 1 });
    const unbounded = bounds.div(bounds.fromFloat32(1, 1, [1]), bounds.sub(xb, xb));
    expect(bounds.firstViolation(unbounded.value.data.fill(NaN), unbounded)).toBeUndefined();
  });

  test('refuses inputs that float32 cannot hold, and results of another size', () => {
    expect(() => bounds.fromFloat32(1, 1, [0.1])).toThrow('0.1 is not a float32');
    expect(() => bounds.firstViolation([1], expected)).toThrow('1 results for a 2×2 matrix');
  });

  test('allows anything but NaN where float32 may overflow', () => {
    const huge = bounds.fromFloat32(1, 1, [2 ** 127]);
    const square = bounds.mul(huge, huge);
    expect(bounds.firstViolation([Infinity], square)).toBeUndefined();
    expect(bounds.firstViolation([NaN], square)).toMatchObject({ bound: Infinity });
  });
});
