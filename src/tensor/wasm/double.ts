/** exp, erf, erfc and log of two float64 lanes: the steps of `tensor/double.ts` in the same order, so the same bits. */

import { ERF64, EXP64, LOG64 } from '../double.ts';
import type { Declare, Local } from './assembler.ts';
import { declareAll, get, sequence, set, when } from './assembler.ts';
import type { Code } from './encoder.ts';
import type { VectorFunction } from './exp.ts';
import type { Constants } from './loops.ts';
import { f64x2, int, v128 } from './operations.ts';

/** A float64 has 52 bits of mantissa; 2^52 + n has n in its lowest bits, which are shifted to the exponent or come from there. */
const MANTISSA_BITS = 52;
const EXPONENT_BIAS = 1023;
const INTEGER_BASE = 2 ** MANTISSA_BITS;
/** The number whose bits are a mantissa of ones and no exponent. */
const MANTISSA_MASK = 2 ** -1022 - 2 ** -1074;

/** sum ← the polynomial at x, highest power first; a first coefficient of 0 · x + c is c. */
function horner(sum: Local, x: Local, coefficients: readonly number[], constants: Constants): Code {
  const [first, ...others] = coefficients.map(constants.double);
  return sequence(
    set(sum, first),
    ...others.map((c) => set(sum, f64x2.add(f64x2.mul(get(sum), get(x)), c))),
  );
}

/** e^x: `exp64`. */
export function exponential64(declare: Declare, constants: Constants): VectorFunction {
  const { double } = constants;
  const [x, n, high, low, r, t, c, y] = declareAll(declare, 'v128', 8);
  const power = f64x2.shiftLeftInt(
    f64x2.add(get(n), double(INTEGER_BASE + EXPONENT_BIAS)),
    int(MANTISSA_BITS),
  );
  const ratio = f64x2.div(f64x2.mul(get(r), get(c)), f64x2.sub(double(2), get(c)));
  return (argument) =>
    sequence(
      set(x, argument),
      set(n, f64x2.floor(f64x2.add(f64x2.mul(get(x), double(EXP64.LOG2_E)), double(0.5)))),
      set(high, f64x2.sub(get(x), f64x2.mul(get(n), double(EXP64.LN2_HIGH)))),
      set(low, f64x2.mul(get(n), double(EXP64.LN2_LOW))),
      set(r, f64x2.sub(get(high), get(low))),
      set(t, f64x2.mul(get(r), get(r))),
      horner(c, t, EXP64.COEFFICIENTS, constants),
      set(c, f64x2.sub(get(r), f64x2.mul(get(t), get(c)))),
      set(y, f64x2.sub(double(1), f64x2.sub(f64x2.sub(get(low), ratio), get(high)))),
      set(y, f64x2.mul(get(y), power)),
      // NaN lies beyond neither limit, and y is NaN already.
      set(y, v128.choose(double(Infinity), get(y), f64x2.above(get(x), double(EXP64.LIMIT)))),
      v128.choose(double(0), get(y), f64x2.below(get(x), double(-EXP64.LIMIT))),
    );
}

/** The parts that erf and erfc of x are made of, set by `prepare`. */
interface ErrorParts {
  readonly prepare: Code;
  /** Ones where |x| > NEAR; NaN is near. */
  readonly isBeyond: Code;
  /** erf x, where near. */
  readonly near: Local;
  /** erfc |x|, where beyond. */
  readonly tail: Local;
}

/** Near and middle are always computed: a branch that is hard to foresee costs more. Numbers beyond FAR are rare. */
function errorParts(x: Local, declare: Declare, constants: Constants): ErrorParts {
  const { double } = constants;
  const exp = exponential64(declare, constants);
  const [size, square, near, tail, top, bottom, e, z] = declareAll(declare, 'v128', 8);
  const isFar = f64x2.above(get(size), double(ERF64.FAR));
  const far = sequence(
    set(z, f64x2.div(double(1), f64x2.mul(get(size), get(size)))),
    horner(top, z, ERF64.FAR_TOP, constants),
    horner(bottom, z, ERF64.FAR_BOTTOM, constants),
    set(top, f64x2.div(f64x2.mul(get(z), get(top)), get(bottom))),
    set(top, f64x2.sub(double(ERF64.INVERSE_SQRT_PI), get(top))),
    set(top, f64x2.mul(f64x2.div(get(e), get(size)), get(top))),
    set(tail, v128.choose(get(top), get(tail), isFar)),
  );
  const prepare = sequence(
    set(size, f64x2.abs(get(x))),
    set(square, f64x2.mul(get(x), get(x))),
    horner(top, square, ERF64.NEAR_TOP, constants),
    horner(bottom, square, ERF64.NEAR_BOTTOM, constants),
    set(near, f64x2.div(f64x2.mul(get(x), get(top)), get(bottom))),
    set(e, exp(v128.xor(get(square), double(-0)))),
    horner(top, size, ERF64.MID_TOP, constants),
    horner(bottom, size, ERF64.MID_BOTTOM, constants),
    set(tail, f64x2.div(f64x2.mul(get(e), get(top)), get(bottom))),
    when(v128.isAny(isFar), far),
  );
  return { prepare, near, tail, isBeyond: f64x2.above(get(size), double(ERF64.NEAR)) };
}

/** erf x: `erf64`. */
export function error64(declare: Declare, constants: Constants): VectorFunction {
  const x = declare('v128');
  const { prepare, isBeyond, near, tail } = errorParts(x, declare, constants);
  const size = f64x2.sub(constants.double(1), get(tail));
  const beyond = v128.xor(size, v128.and(get(x), constants.double(-0)));
  return (argument) =>
    sequence(set(x, argument), prepare, v128.choose(beyond, get(near), isBeyond));
}

/** erfc x = 1 − erf x: `erfc64`. */
export function complement64(declare: Declare, constants: Constants): VectorFunction {
  const { double } = constants;
  const x = declare('v128');
  const { prepare, isBeyond, near, tail } = errorParts(x, declare, constants);
  const isNegative = f64x2.below(get(x), double(0));
  const beyond = v128.choose(f64x2.sub(double(2), get(tail)), get(tail), isNegative);
  const inside = f64x2.sub(double(1), get(near));
  return (argument) => sequence(set(x, argument), prepare, v128.choose(beyond, inside, isBeyond));
}

/** ln x: `log64`. */
export function logarithm64(declare: Declare, constants: Constants): VectorFunction {
  const { double } = constants;
  const [x, k, m, isHigh, s, square, y] = declareAll(declare, 'v128', 7);
  const exponent = v128.or(f64x2.shiftRightZeros(get(x), int(MANTISSA_BITS)), double(INTEGER_BASE));
  const one = double(1);
  return (argument) =>
    sequence(
      set(x, argument),
      set(k, f64x2.sub(exponent, double(INTEGER_BASE + EXPONENT_BIAS))),
      set(m, v128.or(v128.and(get(x), double(MANTISSA_MASK)), one)),
      set(isHigh, f64x2.atLeast(get(m), double(2 * LOG64.SQRT_HALF))),
      set(m, v128.choose(f64x2.mul(get(m), double(0.5)), get(m), get(isHigh))),
      set(k, f64x2.add(get(k), v128.and(get(isHigh), one))),
      set(s, f64x2.div(f64x2.sub(get(m), one), f64x2.add(get(m), one))),
      set(square, f64x2.mul(get(s), get(s))),
      horner(y, square, LOG64.SERIES, constants),
      set(y, f64x2.mul(f64x2.mul(double(2), get(s)), get(y))),
      set(y, f64x2.add(f64x2.mul(get(k), double(LOG64.LN2)), get(y))),
      set(y, v128.choose(get(y), get(x), f64x2.below(get(x), double(Infinity)))),
      set(y, v128.choose(get(y), double(NaN), f64x2.above(get(x), double(0)))),
      v128.choose(double(-Infinity), get(y), f64x2.equal(get(x), double(0))),
    );
}
