/** A transformer layer as what it is: a list of sublayers, each with a norm and a residual. */
import { add } from './linear.ts';
import type { Matrix } from './matrix.ts';

/**
 * One sublayer: self-attention, cross-attention or feed-forward, and the norm that belongs to it.
 * Both map [n × d] to [n × d].
 */
export interface Sublayer {
  readonly norm: (x: Matrix) => Matrix;
  readonly apply: (x: Matrix) => Matrix;
}

/** x + f(norm(x)) for each sublayer in turn. Source: Xiong et al. 2020, fig. 1b (GPT-2, Llama). */
export function preNormLayer(x: Matrix, sublayers: readonly Sublayer[]): Matrix {
  return sublayers.reduce((state, { norm, apply }) => add(state, apply(norm(state))), x);
}

/** norm(x + f(x)) for each sublayer in turn. Source: Vaswani et al. 2017, §3.1 (BERT, BART). */
export function postNormLayer(x: Matrix, sublayers: readonly Sublayer[]): Matrix {
  return sublayers.reduce((state, { norm, apply }) => norm(add(state, apply(state))), x);
}
