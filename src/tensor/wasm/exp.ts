/** `exp32` for four lanes: the same float32 steps in the same order, so the same bits. */

import { EXP_COEFFICIENTS, EXP_MAX, EXP_MIN, LN2_HIGH, LN2_LOW, LOG2_E } from '../exp.ts';
import type { Declare, Local } from './assembler.ts';
import { float, get, int, sequence, set, v128 } from './assembler.ts';
import type { Code } from './encoder.ts';

/** float32 1.0 as bits. */
const ONE_BITS = 0x3f800000;
const MANTISSA_BITS = 23;

/** Splatted once before a loop: the compiler would build each constant anew for every vector. */
const CONSTANTS = {
  EXP_MAX,
  EXP_MIN,
  LN2_HIGH,
  LN2_LOW,
  LOG2_E,
  HALF: 0.5,
  ONE: 1,
  INFINITY: Infinity,
  ZERO: 0,
};

type Constants = Readonly<Record<keyof typeof CONSTANTS, Local>>;

/** e^x of four lanes, as code: `prepare` belongs before the loop, `of` gives the value for an argument. */
export interface Exponential {
  readonly prepare: Code;
  readonly of: (argument: Code) => Code;
}

/** Declares what the exponential needs in a function. */
export function exponential(declare: Declare): Exponential {
  const constants = Object.fromEntries(
    Object.keys(CONSTANTS).map((name) => [name, declare('v128')]),
  ) as Constants;
  const coefficients = EXP_COEFFICIENTS.map(() => declare('v128'));
  const splat = (to: Local, value: number) => set(to, v128.splat(float(value)));
  const names = Object.keys(CONSTANTS) as (keyof Constants)[];
  const prepare = sequence(
    ...names.map((name) => splat(constants[name], CONSTANTS[name])),
    ...EXP_COEFFICIENTS.map((value, i) => splat(coefficients[i], value)),
  );
  const [x, n, r, p] = Array.from({ length: 4 }, () => declare('v128'));
  const work = { x, n, r, p, whole: declare('v128'), half: declare('v128') };
  return { prepare, of: (argument) => lanes(argument, constants, coefficients, work) };
}

type Work = Readonly<Record<'x' | 'n' | 'r' | 'p' | 'whole' | 'half', Local>>;

/** The steps of `exp32`. */
function lanes(argument: Code, c: Constants, coefficients: readonly Local[], work: Work): Code {
  const { x, n, r, p, whole, half } = work;
  const part = (factor: Local) => v128.mul(get(n), get(factor));
  return sequence(
    set(x, argument),
    set(n, v128.floor(v128.add(v128.mul(get(x), get(c.LOG2_E)), get(c.HALF)))),
    set(r, v128.sub(v128.sub(get(x), part(c.LN2_HIGH)), part(c.LN2_LOW))),
    polynomial(p, r, coefficients),
    set(p, v128.add(v128.mul(get(p), v128.mul(get(r), get(r))), get(r))),
    set(p, v128.add(get(p), get(c.ONE))),
    set(whole, v128.toInt(get(n))),
    set(half, v128.shiftRightInt(get(whole), int(1))),
    set(p, v128.mul(get(p), power(get(half)))),
    set(p, v128.mul(get(p), power(v128.subInt(get(whole), get(half))))),
    // NaN lies beyond neither limit, and p is NaN already.
    set(p, v128.choose(get(c.INFINITY), get(p), v128.above(get(x), get(c.EXP_MAX)))),
    v128.choose(get(c.ZERO), get(p), v128.below(get(x), get(c.EXP_MIN))),
  );
}

/** p ← the polynomial at r, highest power first. */
function polynomial(p: Local, r: Local, [first, ...others]: readonly Local[]): Code {
  return sequence(
    set(p, get(first)),
    ...others.map((c) => set(p, v128.add(v128.mul(get(p), get(r)), get(c)))),
  );
}

/** 2^n of integer lanes from −126 to 127: the 1.0 whose exponent n is added to. */
function power(n: Code): Code {
  return v128.addInt(v128.shiftLeftInt(n, int(MANTISSA_BITS)), v128.splatInt(int(ONE_BITS)));
}
