/** `exp32` for four lanes: the same float32 steps in the same order, so the same bits. */

import { EXP_COEFFICIENTS, EXP_MAX, EXP_MIN, LN2_HIGH, LN2_LOW, LOG2_E } from '../exp.ts';
import type { Declare, Local } from './assembler.ts';
import { declareAll, get, sequence, set } from './assembler.ts';
import type { Code } from './encoder.ts';
import type { Constants } from './loops.ts';
import { int, v128 } from './operations.ts';

/** float32 1.0 as bits. */
const ONE_BITS = 0x3f800000;
const MANTISSA_BITS = 23;

/** A function of one vector, as code. */
export type VectorFunction = (x: Code) => Code;

/** e^x of four lanes: the steps of `exp32`. */
export function exponential(declare: Declare, { float, int: integer }: Constants): VectorFunction {
  const [x, n, r, p, whole, half] = declareAll(declare, 'v128', 6);
  const part = (factor: number) => v128.mul(get(n), float(factor));
  /** 2^n of integer lanes from −126 to 127: the 1.0 whose exponent n is added to. */
  const power = (exponent: Code) =>
    v128.addInt(v128.shiftLeftInt(exponent, int(MANTISSA_BITS)), integer(ONE_BITS));
  return (argument) =>
    sequence(
      set(x, argument),
      set(n, v128.floor(v128.add(v128.mul(get(x), float(LOG2_E)), float(0.5)))),
      set(r, v128.sub(v128.sub(get(x), part(LN2_HIGH)), part(LN2_LOW))),
      polynomial(p, r, EXP_COEFFICIENTS.map(float)),
      set(p, v128.add(v128.mul(get(p), v128.mul(get(r), get(r))), get(r))),
      set(p, v128.add(get(p), float(1))),
      set(whole, v128.toInt(get(n))),
      set(half, v128.shiftRightInt(get(whole), int(1))),
      set(p, v128.mul(get(p), power(get(half)))),
      set(p, v128.mul(get(p), power(v128.subInt(get(whole), get(half))))),
      // NaN lies beyond neither limit, and p is NaN already.
      set(p, v128.choose(float(Infinity), get(p), v128.above(get(x), float(EXP_MAX)))),
      v128.choose(float(0), get(p), v128.below(get(x), float(EXP_MIN))),
    );
}

/** p ← the polynomial at r, highest power first. */
function polynomial(p: Local, r: Local, [first, ...others]: readonly Code[]): Code {
  return sequence(
    set(p, first),
    ...others.map((c) => set(p, v128.add(v128.mul(get(p), get(r)), c))),
  );
}
