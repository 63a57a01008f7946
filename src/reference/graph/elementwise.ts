/** Operators that work on each element by itself. */
import { erf, gelu, geluTanh, relu, sigmoid, silu } from '../activation.ts';
import type { Operands, Operation, Operations } from './operation.ts';
import type { RefTensor } from './tensor.ts';
import { broadcastShape, broadcastTo, tensor } from './tensor.ts';

/** x as an i32, without its fraction. */
function integer(x: number): number {
  const whole = Math.trunc(x) + 0; // + 0: integers have no −0
  if (whole === (whole | 0)) return whole;
  throw new RangeError(`${x} is no 32-bit integer`);
}

const unary =
  (f: (x: number) => number): Operation =>
  ([x]) => [tensor(x!.shape, x!.data.map(f))];

/** The operands, each repeated to the shape that all broadcast to. */
function broadcast(operands: Operands): RefTensor[] {
  const present = operands as readonly RefTensor[];
  const shape = broadcastShape(present.map((operand) => operand.shape));
  return present.map((operand) => broadcastTo(operand, shape));
}

/** f of each pair, and the integer in it when the results are integers. */
const binary =
  (f: (a: number, b: number) => number): Operation =>
  (operands, { integers }) => {
    const [a, b] = broadcast(operands);
    const y = a.data.map((value, i) => f(value, b.data[i]));
    return [tensor(a.shape, integers ? y.map(integer) : y)];
  };

const CASTS: Readonly<Record<string, (x: number) => number>> = {
  f32: (x) => x,
  i32: integer,
  bool: (x) => Number(x !== 0),
};

export const ELEMENTWISE: Operations = {
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  max: binary(Math.max),
  min: binary(Math.min),
  pow: binary((a, b) => a ** b),
  rem: binary((a, b) => a % b), // has the sign of a, as ours
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  rsqrt: unary((x) => 1 / Math.sqrt(x)),
  reciprocal: unary((x) => 1 / x),
  erf: unary(erf),
  relu: unary(relu),
  sigmoid: unary(sigmoid),
  tanh: unary(Math.tanh),
  silu: unary(silu),
  gelu: unary(gelu),
  gelu_tanh: unary(geluTanh),
  less: binary((a, b) => Number(a < b)),
  equal: binary((a, b) => Number(a === b)),
  where(operands) {
    const [condition, a, b] = broadcast(operands);
    const y = condition.data.map((holds, i) => (holds !== 0 ? a.data[i] : b.data[i]));
    return [tensor(condition.shape, y)];
  },
  cast: (operands, call) => unary(CASTS[call.attributes.to as string])(operands, call),
};
