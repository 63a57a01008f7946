/** Functions that are float64 inside and round to float32 once, two lanes at a time; steps are those of `functions.ts`. */

import { GELU_CUBIC, SQRT_TWO_OVER_PI, TANH_SERIES_LIMIT } from '../functions.ts';
import type { Local } from './assembler.ts';
import { declareAll, defineFunction, get, integers, sequence, set } from './assembler.ts';
import { complement64, error64, exponential64, logarithm64 } from './double.ts';
import type { WriteFunction } from './elementwise.ts';
import type { Code, WasmFunction } from './encoder.ts';
import { FLOAT_BYTES, PAIR, declareConstants, overBytes } from './loops.ts';
import { f64x2, i32, v128 } from './operations.ts';

const PAIR_BYTES = 2 * FLOAT_BYTES;

/** 1 + e^x. */
const onePlusExp: WriteFunction = (declare, constants) => {
  const exp = exponential64(declare, constants);
  return (x) => f64x2.add(constants.double(1), exp(x));
};

const sigmoid: WriteFunction = (declare, constants) => {
  const divisor = onePlusExp(declare, constants);
  const { double } = constants;
  return (x) => f64x2.div(double(1), divisor(v128.xor(x, double(-0))));
};

const silu: WriteFunction = (declare, constants) => {
  const divisor = onePlusExp(declare, constants);
  const x = declare('v128');
  const negative = v128.xor(get(x), constants.double(-0));
  return (argument) => sequence(set(x, argument), f64x2.div(get(x), divisor(negative)));
};

const geluTanh: WriteFunction = (declare, constants) => {
  const { double } = constants;
  const divisor = onePlusExp(declare, constants);
  const [x, u] = declareAll(declare, 'v128', 2);
  const cubic = [get(x), get(x), get(x)].reduce((product, y) => f64x2.mul(product, y), double(GELU_CUBIC)); // prettier-ignore
  return (argument) =>
    sequence(
      set(x, argument),
      set(u, f64x2.mul(double(SQRT_TWO_OVER_PI), f64x2.add(get(x), cubic))),
      f64x2.div(get(x), divisor(f64x2.mul(double(-2), get(u)))),
    );
};

const geluErf: WriteFunction = (declare, constants) => {
  const { double } = constants;
  const complement = complement64(declare, constants);
  const x = declare('v128');
  const argumentOf = f64x2.mul(v128.xor(get(x), double(-0)), double(Math.SQRT1_2));
  return (argument) =>
    sequence(set(x, argument), f64x2.mul(f64x2.mul(double(0.5), get(x)), complement(argumentOf)));
};

const tanh: WriteFunction = (declare, constants) => {
  const { double } = constants;
  const exp = exponential64(declare, constants);
  const [x, size, value] = declareAll(declare, 'v128', 3);
  const one = double(1);
  const square = f64x2.mul(get(x), get(x));
  const series = f64x2.mul(get(x), f64x2.sub(one, f64x2.div(square, double(3))));
  const divisor = f64x2.add(exp(f64x2.mul(double(2), get(size))), one);
  return (argument) =>
    sequence(
      set(x, argument),
      set(size, f64x2.abs(get(x))),
      set(value, f64x2.sub(one, f64x2.div(double(2), divisor))),
      set(value, v128.xor(get(value), v128.and(get(x), double(-0)))),
      v128.choose(series, get(value), f64x2.below(get(size), double(TANH_SERIES_LIMIT))),
    );
};

const rsqrt: WriteFunction =
  (_, { double }) =>
  (x) =>
    f64x2.div(double(1), f64x2.sqrt(x));

const ACTIVATIONS = {
  sigmoid,
  silu,
  geluTanh,
  geluErf,
  tanh,
  rsqrt,
  erf: error64,
  log: logarithm64,
} as const satisfies Record<string, WriteFunction>;

export type ActivationName = keyof typeof ACTIVATIONS;

/** `tanh(out, source, bytes)` and its kin; the last pair may reach beyond. */
function activation(name: string, write: WriteFunction): WasmFunction {
  return defineFunction(
    name,
    integers('out', 'source', 'bytes'),
    ({ out, source, bytes }, declare) => {
      const at = declare('i32');
      const constants = declareConstants(declare);
      const beside = (base: Local): Code => i32.add(get(base), get(at));
      const argument = f64x2.fromFloats(PAIR.load(beside(source)));
      const value = f64x2.toFloats(write(declare, constants)(argument));
      const body = overBytes(at, bytes, PAIR_BYTES, PAIR.store(beside(out), value));
      return sequence(constants.prepare(), body);
    },
  );
}

export const ACTIVATION_FUNCTIONS: readonly WasmFunction[] = Object.entries<WriteFunction>(
  ACTIVATIONS,
).map(([name, write]) => activation(name, write));
