/** How a forward pass finds its weights: by checkpoint name, in PyTorch's layouts. */
import type { AttentionWeights } from './attention.ts';
import type { Linear } from './linear.ts';
import type { Matrix } from './matrix.ts';
import { transpose } from './matrix.ts';
import { layerNorm } from './norm.ts';

/**
 * Finds a weight by its checkpoint name, such as `h.0.attn.c_attn.weight`; vectors come as 1 × n.
 * It throws for a name that the checkpoint lacks.
 */
export type WeightLookup = (name: string) => Matrix;

/** `name.weight`, which torch.nn.Linear keeps as [out × in], without a bias. */
export function torchMap(name: string, weights: WeightLookup): Linear {
  return { weight: transpose(weights(`${name}.weight`)) };
}

/** `name.weight` and `name.bias` of a torch.nn.Linear. */
export function torchLinear(name: string, weights: WeightLookup): Linear {
  return { ...torchMap(name, weights), bias: weights(`${name}.bias`) };
}

/** The layer norm with the gain `name.weight` and the bias `name.bias`. */
export function layerNormNamed(name: string, epsilon: number, weights: WeightLookup) {
  const gain = weights(`${name}.weight`);
  const bias = weights(`${name}.bias`);
  return (x: Matrix): Matrix => layerNorm(x, gain, bias, epsilon);
}

/** Four projections by the names of query, key, value and output below `prefix`. */
export function torchAttention(
  prefix: string,
  names: readonly [query: string, key: string, value: string, output: string],
  load: (name: string) => Linear,
): AttentionWeights {
  const [query, key, value, output] = names.map((name) => load(`${prefix}.${name}`));
  return { query, key, value, output };
}
