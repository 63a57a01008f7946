/**
 * Rigorous bounds on the machine's float32 results: compose the instructions of a program from
 * these functions, one each, and compare with `firstViolation`. No tolerance is guessed.
 *
 * Source: running error analysis; Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
 * §3.3. The machine rounds to nearest after every elementary operation.
 */
export type { Bounded, Violation } from './bounded.ts';
export { boundedCols, firstViolation, fromFloat32 } from './bounded.ts';
export { add, div, max, mul, relu, sub } from './elementwise.ts';
export type { FunctionErrors } from './functions.ts';
export { erf, exp, geluErf, geluTanh, rsqrt, sigmoid, silu, tanh } from './functions.ts';
export { matmul, rope, transpose } from './linear.ts';
export { layerNorm, rmsNorm } from './norms.ts';
export { rowMax, rowSum, softmax } from './rows.ts';
