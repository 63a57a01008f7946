/** Our operators on single elements as functions of numbers: the machine's own, rounding to float32 included. */
import * as functions from '../../tensor/functions.ts';

/** By the name of the operator; floats only. */
export const UNARY: Readonly<Record<string, (x: number) => number>> = {
  neg: (x) => -x,
  exp: functions.exp32,
  log: functions.log32,
  sqrt: functions.sqrt32,
  rsqrt: functions.rsqrt32,
  reciprocal: functions.reciprocal32,
  erf: functions.erf32,
  relu: (x) => Math.max(x, 0),
  sigmoid: functions.sigmoid32,
  tanh: functions.tanh32,
  silu: functions.silu32,
  gelu: functions.geluErf32,
  gelu_tanh: functions.geluTanh32,
};

/** By the name of the operator; the quotient of integers is still to be truncated. */
export const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  pow: functions.pow32,
  rem: (a, b) => a % b,
  less: (a, b) => Number(a < b),
  equal: (a, b) => Number(a === b),
};

/** An element as `f32`, `i32` or `bool`. */
export function castElement(to: string, value: number): number {
  if (to === 'bool') return Number(value !== 0);
  return to === 'i32' ? Math.trunc(value) || 0 : value;
}
