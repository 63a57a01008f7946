/** The activation functions that recurrent layers may name. */
import { relu, sigmoid } from '../activation.ts';

export type Activation = (x: number) => number;

/**
 * The names of ONNX in our spelling, with the default α and β of the ONNX operators of those names.
 * `affine` and `scaled_tanh` have none there: they have factors of 1 here, and no offset.
 * Source: ONNX operators RNN (the formulas), LeakyRelu, Elu, HardSigmoid, ThresholdedRelu.
 */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  relu,
  sigmoid,
  tanh: Math.tanh,
  affine: (x) => x,
  scaled_tanh: Math.tanh,
  leaky_relu: (x) => (x >= 0 ? x : 0.01 * x),
  thresholded_relu: (x) => (x >= 1 ? x : 0),
  hard_sigmoid: (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
  elu: (x) => (x >= 0 ? x : Math.expm1(x)),
  softsign: (x) => x / (1 + Math.abs(x)),
  // log(1 + eˣ), written so that eˣ cannot overflow
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
};

/** The activations of these names; throws RangeError for a name that is none of them. */
export function activationsOf(names: readonly string[]): Activation[] {
  return names.map((name) => {
    const f = ACTIVATIONS[name];
    if (f === undefined) throw new RangeError(`there is no activation ${name}`);
    return f;
  });
}
