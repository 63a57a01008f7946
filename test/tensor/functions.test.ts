import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoundedFunction } from '../../src/tensor/functions.ts';
import {
  EXP_MAX,
  EXP_MIN,
  FUNCTION_ERROR_ULP,
  erf32,
  exp32,
  geluErf32,
  geluTanh32,
  log32,
  pow32,
  reciprocal32,
  rsqrt32,
  sigmoid32,
  silu32,
  sqrt32,
  tanh32,
} from '../../src/tensor/functions.ts';
import { referenceErf, referenceErfc } from './numbers.ts';

type Scalar = (x: number) => number;

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** Calls `visit` with every `step`-th float32 from `first` up to `last`, both of one sign, in order of size. */
function sweep(first: number, last: number, step: number, visit: (x: number) => void): void {
  FLOAT[0] = last;
  const end = BITS[0];
  FLOAT[0] = first;
  for (let bits = BITS[0]; bits <= end; bits += step) {
    BITS[0] = bits;
    visit(FLOAT[0]);
  }
}

/** The distance of neighbouring float32 numbers at the size of x. */
function ulpAt(x: number): number {
  FLOAT[0] = Math.abs(x);
  const exponent = Math.max(BITS[0] >>> 23, 1);
  const ulp = 2 ** (exponent - 150);
  return FLOAT[0] > Math.abs(x) && BITS[0] << 9 === 0 && exponent > 1 ? ulp / 2 : ulp;
}

/** The largest error of `approximate`, in ULP of the true result, over a sweep. */
function worstError(
  approximate: Scalar,
  exact: Scalar,
  first: number,
  last: number,
  step: number,
): number {
  let worst = 0;
  sweep(first, last, step, (x) => {
    const truth = exact(x);
    const error = Math.abs(approximate(x) - truth) / ulpAt(truth);
    if (!(error <= worst)) worst = error;
  });
  return worst;
}

/** Where each function neither overflows nor is constant, and a formula for it in float64. */
const EXACT: Record<
  Exclude<BoundedFunction, 'pow'>,
  { exact: Scalar; ours: Scalar; low: number; high: number }
> = {
  exp: { ours: exp32, exact: Math.exp, low: -110, high: EXP_MAX },
  tanh: { ours: tanh32, exact: Math.tanh, low: -12, high: 12 },
  erf: { ours: erf32, exact: referenceErf, low: -5, high: 5 },
  sigmoid: { ours: sigmoid32, exact: (x) => 1 / (1 + Math.exp(-x)), low: -110, high: 30 },
  rsqrt: { ours: rsqrt32, exact: (x) => 1 / Math.sqrt(x), low: 2 ** -149, high: 3.4e38 },
  log: { ours: log32, exact: Math.log, low: 2 ** -149, high: 3.4e38 },
};
const NAMES = Object.keys(EXACT) as (keyof typeof EXACT)[];

describe('published errors', () => {
  it.each(NAMES)('%s keeps its bound over the whole range, sampled', (name) => {
    const { ours, exact, low, high } = EXACT[name];
    const claimed = FUNCTION_ERROR_ULP[name];
    expect(worstError(ours, exact, 2 ** -149, high, 2039)).toBeLessThanOrEqual(claimed);
    if (low < 0)
      expect(worstError(ours, exact, -(2 ** -149), low, 2039)).toBeLessThanOrEqual(claimed);
  });

  it.each(NAMES)('%s keeps its bound at every float32 of [1, 1 + 2⁻⁵]', (name) => {
    const { ours, exact } = EXACT[name];
    expect(worstError(ours, exact, 1, 1 + 2 ** -5, 1)).toBeLessThanOrEqual(
      FUNCTION_ERROR_ULP[name],
    );
  });

  it('exp keeps its bound around its worst argument, and the bound is not idle', () => {
    const worst = worstError(exp32, Math.exp, 70.40309, 70.40311, 1);
    expect(worst).toBeGreaterThan(0.99);
    expect(worst).toBeLessThanOrEqual(FUNCTION_ERROR_ULP.exp);
  });

  it.each<BoundedFunction>([...NAMES, 'pow'])('docs/numerics.md prints the bound of %s', (name) => {
    const page = readFileSync(new URL('../../docs/numerics.md', import.meta.url), 'utf8');
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` `));
    expect(row?.split('|')[2].trim()).toBe(String(FUNCTION_ERROR_ULP[name]));
  });

  /** Half a ULP of rounding, and 2⁻¹³ for float64: below 2⁻⁴⁰ relative, mostly e^−x²/2 at |x| ≤ 13. */
  const ONCE_ROUNDED = 0.5 + 2 ** -13;

  it.each<[string, Scalar, Scalar]>([
    ['silu', silu32, (x) => x / (1 + Math.exp(-x))],
    ['gelu, erf form', geluErf32, (x) => 0.5 * x * referenceErfc(-x / Math.SQRT2)],
    ['gelu, tanh form', geluTanh32, geluTanhByParts],
  ])('%s is rounded once', (_, ours, exact) => {
    expect(worstError(ours, exact, 2 ** -120, 13, 8191)).toBeLessThanOrEqual(ONCE_ROUNDED);
    expect(worstError(ours, exact, -(2 ** -120), -13, 8191)).toBeLessThanOrEqual(ONCE_ROUNDED);
  });
});

/** x/2 · (1 + tanh u), with 1 + tanh u = e^u / cosh u, which does not cancel. */
function geluTanhByParts(x: number): number {
  const u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
  return ((x / 2) * Math.exp(u)) / Math.cosh(u);
}

describe('pow', () => {
  const number = fc.float({ noNaN: true, noDefaultInfinity: true });
  /** Powers that neither overflow nor vanish are as common here as those that do. */
  const pairs = fc.oneof(
    fc.tuple(
      fc.float({ min: 0, max: 100, noNaN: true }),
      fc.float({ min: -60, max: 60, noNaN: true }),
    ),
    fc.tuple(number, number),
    fc.tuple(fc.float({ min: 0.5, max: 2, noNaN: true }), number),
  );

  it('keeps its bound, like Math.pow where that is accurate', () => {
    fc.assert(
      fc.property(pairs, ([x, y]) => {
        // Math.pow is within 1 ULP of float64, 2⁻²⁹ of a float32 one; beyond float32 both are ∞ or 0.
        const truth = x ** y;
        const ours = pow32(x, y);
        if (Number.isNaN(truth)) expect(ours).toBeNaN();
        else if (Math.fround(truth) !== ours) {
          expect(Math.abs(ours - truth) / ulpAt(truth)).toBeLessThanOrEqual(FUNCTION_ERROR_ULP.pow);
        }
      }),
      { seed: 20240607, numRuns: 20000 },
    );
  });

  it('is exact where the power is a float32', () => {
    for (let x = -40; x <= 40; x++) {
      for (let y = 0, power = 1; Math.abs(power) <= 2 ** 24 && y < 150; y++, power *= x) {
        expect(pow32(x, y)).toBe(power + 0);
        if (Math.fround(1 / power) * power === 1) expect(pow32(x, -y)).toBe(1 / power);
      }
    }
    for (let k = -149; k <= 127; k++) expect(pow32(2, k)).toBe(2 ** k);
  });

  /** IEEE 754-2019, 9.2.1, as C's annex F spells it out; `x` is any finite number above 1. */
  it.each<[number, number, number]>([
    [NaN, 0, 1],
    [NaN, -0, 1],
    [1, NaN, 1],
    [1, Infinity, 1],
    [-1, Infinity, 1],
    [-1, -Infinity, 1],
    [NaN, 1, NaN],
    [3, NaN, NaN],
    [-2, 0.5, NaN],
    [-1, 0.5, NaN],
    [0, -3, Infinity],
    [-0, -3, -Infinity],
    [-0, -2, Infinity],
    [-0, -0.5, Infinity],
    [0, 3, 0],
    [-0, 3, -0],
    [-0, 2, 0],
    [0.5, -Infinity, Infinity],
    [-3, -Infinity, 0],
    [-0.5, Infinity, 0],
    [3, Infinity, Infinity],
    [-Infinity, -3, -0],
    [-Infinity, -2, 0],
    [-Infinity, 3, -Infinity],
    [-Infinity, 2, Infinity],
    [-Infinity, 0.5, Infinity],
    [Infinity, -0.5, 0],
    [Infinity, 0.5, Infinity],
    [-3, 3, -27],
    [-2, 2 ** 24, Infinity],
    [-2, -(2 ** 24), 0],
  ])('%d to %d is %d', (x, y, power) => {
    expect(pow32(x, y)).toBe(power);
  });
});

describe('exact values', () => {
  it('exp meets its edges', () => {
    expect([exp32(0), exp32(-0), exp32(-Infinity), exp32(Infinity)]).toEqual([1, 1, 0, Infinity]);
    expect([exp32(EXP_MIN), exp32(EXP_MAX)]).toEqual([2 ** -149, Math.fround(3.402798519e38)]);
    expect(exp32(Math.fround(EXP_MIN - 2 ** -17))).toBe(0);
    expect(exp32(Math.fround(EXP_MAX + 2 ** -17))).toBe(Infinity);
  });

  it('the float32 next to each bound of exp belongs to 0 and ∞', () => {
    // Neighbours are 2⁻¹⁷ apart from 64 to 128.
    expect(Math.fround(Math.exp(Math.fround(EXP_MIN - 2 ** -17)))).toBe(0);
    expect(Math.fround(Math.exp(Math.fround(EXP_MAX + 2 ** -17)))).toBe(Infinity);
  });

  it.each<[string, Scalar, number, number]>([
    ['tanh', tanh32, -1, 1],
    ['erf', erf32, -1, 1],
    ['sigmoid', sigmoid32, 0, 1],
    ['rsqrt', rsqrt32, NaN, 0],
    ['reciprocal', reciprocal32, -0, 0],
    ['sqrt', sqrt32, NaN, Infinity],
    ['log', log32, NaN, Infinity],
    ['silu', silu32, NaN, Infinity],
    ['gelu, erf form', geluErf32, NaN, Infinity],
    ['gelu, tanh form', geluTanh32, NaN, Infinity],
  ])('%s of −∞, ∞ and NaN', (_, ours, atMinus, atPlus) => {
    expect([ours(-Infinity), ours(Infinity), ours(NaN)]).toEqual([atMinus, atPlus, NaN]);
    expect(exp32(NaN)).toBeNaN();
  });

  it('zeros keep their sign', () => {
    for (const odd of [tanh32, erf32, silu32, geluErf32, geluTanh32]) {
      expect([odd(0), odd(-0)]).toEqual([0, -0]);
    }
    expect([rsqrt32(0), rsqrt32(-0), rsqrt32(-1)]).toEqual([Infinity, -Infinity, NaN]);
    expect([sqrt32(0), sqrt32(-0), log32(0), log32(-0)]).toEqual([0, -0, -Infinity, -Infinity]);
    expect([sigmoid32(0), log32(1)]).toEqual([0.5, 0]);
  });

  /** A float32 is the root when no neighbour's midpoint lies between: its square, exact in float64, tells. */
  it('sqrt is correctly rounded', () => {
    sweep(2 ** -149, 3.4e38, 40961, (x) => {
      const root = sqrt32(x);
      const half = ulpAt(root) / 2;
      if ((root - half) ** 2 > x || (root + half) ** 2 < x) throw new Error(`not the root of ${x}`);
    });
  });

  it('tanh and erf are odd, everywhere', () => {
    sweep(2 ** -149, 3.4e38, 40961, (x) => {
      if (tanh32(-x) !== -tanh32(x) || erf32(-x) !== -erf32(x)) throw new Error(`not odd at ${x}`);
    });
    expect(tanh32(2 ** -149)).toBe(2 ** -149);
  });
});

describe('the same bits for ever', () => {
  /** FNV-1a over the bits of the results. */
  function fingerprint(ours: Scalar): string {
    let hash = 0x811c9dc5;
    const result = new Float32Array(1);
    const bits = new Uint32Array(result.buffer);
    for (const sign of [1, -1]) {
      sweep(2 ** -30, 3.4e38, 10007, (x) => {
        result[0] = ours(sign * x);
        if (!Number.isNaN(result[0])) hash = Math.imul(hash ^ bits[0], 0x01000193);
      });
    }
    return (hash >>> 0).toString(16);
  }

  it.each<[string, Scalar, string]>([
    ['exp', exp32, 'c2f5d042'],
    ['tanh', tanh32, '12b0b289'],
    ['erf', erf32, '7e6be33d'],
    ['sigmoid', sigmoid32, 'c63edd8c'],
    ['rsqrt', rsqrt32, 'e6c097b6'],
    ['log', log32, '6e1a21fd'],
    ['pow, to 0.7', (x) => pow32(x, 0.7), 'b7e185a9'],
    ['pow, of 1.1', (x) => pow32(1.1, x), 'fc69c803'],
    ['silu', silu32, 'bee9b739'],
    ['gelu, erf form', geluErf32, 'b36b8e0a'],
    ['gelu, tanh form', geluTanh32, '60f9aab'],
  ])('%s', (_, ours, expected) => {
    expect(fingerprint(ours)).toBe(expected);
  });
});
