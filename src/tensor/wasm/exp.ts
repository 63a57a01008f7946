/** `exp32` for four lanes: the same float32 steps in the same order, so the same bits. */

import { EXP_COEFFICIENTS, EXP_MAX, EXP_MIN, LN2_HIGH, LN2_LOW, LOG2_E } from '../exp.ts';
import type { Declare, Local } from './assembler.ts';
import { float, get, int, sequence, set, v128 } from './assembler.ts';
import type { Code } from './encoder.ts';

const EXPONENT_BIAS = 127;
const MANTISSA_BITS = 23;

const all = (value: number) => v128.splat(float(value));

/** Code whose value is e^x of each lane. */
export function expLanes(argument: Code, declare: Declare): Code {
  const [x, n, r, p] = Array.from({ length: 4 }, () => declare('v128'));
  const [whole, half] = [declare('v128'), declare('v128')];
  const part = (factor: number) => v128.mul(get(n), all(factor));
  return sequence(
    set(x, argument),
    set(n, v128.floor(v128.add(v128.mul(get(x), all(LOG2_E)), all(0.5)))),
    set(r, v128.sub(v128.sub(get(x), part(LN2_HIGH)), part(LN2_LOW))),
    polynomial(p, r),
    set(p, v128.add(v128.mul(get(p), v128.mul(get(r), get(r))), get(r))),
    set(p, v128.add(get(p), all(1))),
    set(whole, v128.toInt(get(n))),
    set(half, v128.shiftRightInt(get(whole), int(1))),
    set(p, v128.mul(get(p), power(get(half)))),
    set(p, v128.mul(get(p), power(v128.subInt(get(whole), get(half))))),
    limited(p, x),
  );
}

/** p ← the polynomial at r, highest power first. */
function polynomial(p: Local, r: Local): Code {
  const [first, ...others] = EXP_COEFFICIENTS;
  return sequence(
    set(p, all(first)),
    ...others.map((c) => set(p, v128.add(v128.mul(get(p), get(r)), all(c)))),
  );
}

/** 2^n of integer lanes from −126 to 127, put together from its bits. */
function power(n: Code): Code {
  const biased = v128.addInt(n, v128.splatInt(int(EXPONENT_BIAS)));
  return v128.shiftLeftInt(biased, int(MANTISSA_BITS));
}

/** The result where x lies between the limits; NaN is in neither comparison, and NaN in p already. */
function limited(p: Local, x: Local): Code {
  const above = v128.choose(all(Infinity), get(p), v128.above(get(x), all(EXP_MAX)));
  return v128.choose(all(0), above, v128.below(get(x), all(EXP_MIN)));
}
