/** POW in SIMD: `pow32` for four lanes, the logarithm and the exponential two by two. */

import type { Declare } from './assembler.ts';
import { declareAll, get, sequence, set } from './assembler.ts';
import { exponential64, logarithm64 } from './double.ts';
import type { Code } from './encoder.ts';
import type { Constants, Operation } from './loops.ts';
import { f64x2, shuffle, v128 } from './operations.ts';

/** The steps of `pow32`: the magnitude, its sign, then the special cases, of which the last ones count. */
export function power(declare: Declare, constants: Constants): Operation {
  const { float } = constants;
  const [x, y, size, low, result] = declareAll(declare, 'v128', 5);
  const log = logarithm64(declare, constants);
  const exp = exponential64(declare, constants);
  const upper = (vector: Code) => shuffle([2, 3, 2, 3], vector, vector);
  const pair = (base: Code, exponent: Code) =>
    f64x2.toFloats(exp(f64x2.mul(f64x2.fromFloats(exponent), log(f64x2.fromFloats(base)))));
  const isWhole = (vector: Code) => v128.equal(v128.trunc(vector), vector);
  const half = v128.mul(get(y), float(0.5));
  const isOdd = v128.andNot(isWhole(get(y)), isWhole(half));
  const isNegative = v128.and(v128.below(get(x), float(0)), v128.below(get(size), float(Infinity)));
  const isUndefined = v128.or(
    v128.andNot(isNegative, isWhole(get(y))),
    v128.notEqual(get(y), get(y)),
  );
  const isOne = v128.or(v128.equal(get(y), float(0)), v128.equal(get(x), float(1)));
  return (base, exponent) =>
    sequence(
      set(x, base),
      set(y, exponent),
      set(size, v128.abs(get(x))),
      set(low, pair(get(size), get(y))),
      set(result, pair(upper(get(size)), upper(get(y)))),
      set(result, shuffle([0, 1, 4, 5], get(low), get(result))),
      set(result, v128.choose(float(1), get(result), v128.equal(get(size), float(1)))),
      set(result, v128.xor(get(result), v128.and(isOdd, v128.and(get(x), float(-0))))),
      set(result, v128.choose(float(NaN), get(result), isUndefined)),
      v128.choose(float(1), get(result), isOne),
    );
}
