/** The forward pass of GPT-2, composed from the pieces beside it. */
import { geluTanh } from './activation.ts';
import type { AttentionWeights } from './attention.ts';
import { selfAttention } from './attention.ts';
import type { Activation } from './feed-forward.ts';
import { feedForward } from './feed-forward.ts';
import type { Linear } from './linear.ts';
import { embedWithPositions, matmul } from './linear.ts';
import type { Matrix } from './matrix.ts';
import { sliceCols, transpose } from './matrix.ts';
import type { Sublayer } from './transformer.ts';
import { preNormLayer } from './transformer.ts';
import type { WeightLookup } from './weights.ts';
import { layerNormNamed } from './weights.ts';

/** What the weights of a GPT-2 do not tell. */
export interface Gpt2Config {
  readonly layers: number;
  readonly heads: number;
  readonly layerNormEpsilon: number;
  /** geluTanh (`gelu_new`) when left out. */
  readonly activation?: Activation;
}

/**
 * The state of every position after the last norm [ids.length × d]. Source: Radford et al. 2019,
 * §2.3.
 * @throws RangeError for an id or a position outside the embeddings.
 */
export function gpt2Hidden(
  ids: readonly number[],
  config: Gpt2Config,
  weights: WeightLookup,
): Matrix {
  let x = embedWithPositions(weights('wte.weight'), weights('wpe.weight'), ids); // [n × d]
  for (let layer = 0; layer < config.layers; layer++) {
    x = preNormLayer(x, gpt2Sublayers(`h.${layer}`, config, weights));
  }
  return layerNormNamed('ln_f', config.layerNormEpsilon, weights)(x);
}

/**
 * Logits of every position [ids.length × vocabulary]: the last state times the token embedding
 * transposed. Throws as `gpt2Hidden` does.
 */
export function gpt2Logits(
  ids: readonly number[],
  config: Gpt2Config,
  weights: WeightLookup,
): Matrix {
  return matmul(gpt2Hidden(ids, config, weights), transpose(weights('wte.weight')));
}

/**
 * The ids that greedy decoding appends to a prompt, up to and including `endOfText` or, without
 * it, `maxNewTokens` of them. Each step runs the whole sequence again: slow, and plainly right.
 */
export function gpt2Greedy(
  prompt: readonly number[],
  config: Gpt2Config,
  weights: WeightLookup,
  stop: { readonly endOfText: number; readonly maxNewTokens: number },
): number[] {
  const ids = [...prompt];
  while (ids.length < prompt.length + stop.maxNewTokens) {
    const logits = gpt2Logits(ids, config, weights);
    const last = logits.data.subarray(-logits.cols);
    ids.push(last.indexOf(Math.max(...last)));
    if (ids.at(-1) === stop.endOfText) break;
  }
  return ids.slice(prompt.length);
}

function gpt2Sublayers(prefix: string, config: Gpt2Config, weights: WeightLookup): Sublayer[] {
  const attention = attentionNamed(`${prefix}.attn`, weights);
  const up = linearNamed(`${prefix}.mlp.c_fc`, weights); // [d × 4d]
  const down = linearNamed(`${prefix}.mlp.c_proj`, weights); // [4d × d]
  return [
    {
      norm: layerNormNamed(`${prefix}.ln_1`, config.layerNormEpsilon, weights),
      apply: (x) => selfAttention(x, attention, { heads: config.heads, causalOffset: 0 }),
    },
    {
      norm: layerNormNamed(`${prefix}.ln_2`, config.layerNormEpsilon, weights),
      apply: (x) => feedForward(x, { up, down }, config.activation ?? geluTanh),
    },
  ];
}

/** GPT-2 keeps query, key and value side by side in one map [d × 3d]. */
function attentionNamed(name: string, weights: WeightLookup): AttentionWeights {
  const { weight, bias } = linearNamed(`${name}.c_attn`, weights);
  const width = weight.rows;
  const third = (index: number): Linear => ({
    weight: sliceCols(weight, index * width, (index + 1) * width),
    bias: sliceCols(bias, index * width, (index + 1) * width),
  });
  return {
    query: third(0),
    key: third(1),
    value: third(2),
    output: linearNamed(`${name}.c_proj`, weights),
  };
}

/** A Conv1D of the checkpoint keeps its weight as [in × out]. */
function linearNamed(name: string, weights: WeightLookup): Required<Linear> {
  return { weight: weights(`${name}.weight`), bias: weights(`${name}.bias`) };
}
