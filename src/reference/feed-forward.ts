/** The position-wise half of a transformer layer, plain and gated. */
import { silu } from './activation.ts';
import type { Linear } from './linear.ts';
import { linear, multiply } from './linear.ts';
import type { Matrix } from './matrix.ts';
import { mapElements } from './matrix.ts';

/** A scalar activation function. */
export type Activation = (x: number) => number;

/** The two maps of a plain feed-forward: d → inner → d. */
export interface FeedForwardWeights {
  readonly up: Linear;
  readonly down: Linear;
}

/** A plain feed-forward with a second, gating map d → inner. */
export interface GatedWeights extends FeedForwardWeights {
  readonly gate: Linear;
}

/** f(x·W₁ + b₁)·W₂ + b₂ for x [n × d]. Source: Vaswani et al. 2017, eq. 2. */
export function feedForward(x: Matrix, { up, down }: FeedForwardWeights, f: Activation): Matrix {
  const inner = mapElements(linear(x, up), f); // [n × inner]
  return linear(inner, down);
}

/** (f(x·G) ⊙ x·W)·V for x [n × d]: SwiGLU when f is SiLU. Source: Shazeer 2020, eq. 6. */
export function gatedFeedForward(x: Matrix, weights: GatedWeights, f: Activation = silu): Matrix {
  const gate = mapElements(linear(x, weights.gate), f); // [n × inner]
  return linear(multiply(gate, linear(x, weights.up)), weights.down);
}
