/** The forward pass of Llama: RMS norm, rotary positions, grouped queries, SwiGLU. */
import { selfAttention } from './attention.ts';
import { gatedFeedForward } from './feed-forward.ts';
import { embed, matmul } from './linear.ts';
import type { Matrix } from './matrix.ts';
import { transpose } from './matrix.ts';
import { rmsNorm } from './norm.ts';
import { rotaryFrequencies } from './rotary.ts';
import type { Sublayer } from './transformer.ts';
import { preNormLayer } from './transformer.ts';
import type { WeightLookup } from './weights.ts';
import { torchAttention, torchMap } from './weights.ts';

/** What the weights of a Llama do not tell. */
export interface LlamaConfig {
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly rmsNormEpsilon: number;
  readonly ropeBase: number;
}

/**
 * Logits of every position [ids.length × vocabulary], the output projection being the token
 * embedding transposed. Source: Touvron et al. 2023, §2.2.
 * @throws RangeError for an id outside the vocabulary.
 */
export function llamaLogits(
  ids: readonly number[],
  config: LlamaConfig,
  weights: WeightLookup,
): Matrix {
  const tokens = weights('model.embed_tokens.weight'); // [vocabulary × d]
  let x = embed(tokens, ids); // [n × d]
  for (let layer = 0; layer < config.layers; layer++) {
    x = preNormLayer(x, llamaSublayers(`model.layers.${layer}`, x, config, weights));
  }
  x = rmsNorm(x, weights('model.norm.weight'), config.rmsNormEpsilon);
  return matmul(x, transpose(tokens));
}

function llamaSublayers(
  prefix: string,
  { rows, cols }: Matrix,
  config: LlamaConfig,
  weights: WeightLookup,
): Sublayer[] {
  const { heads, kvHeads, rmsNormEpsilon } = config;
  const map = (name: string) => torchMap(name, weights);
  const norm = (name: string) => {
    const gain = weights(`${prefix}.${name}.weight`);
    return (x: Matrix): Matrix => rmsNorm(x, gain, rmsNormEpsilon);
  };
  const names = ['q_proj', 'k_proj', 'v_proj', 'o_proj'] as const;
  const attention = torchAttention(`${prefix}.self_attn`, names, map);
  const rotary = {
    positions: Array.from({ length: rows }, (_, i) => i),
    frequencies: rotaryFrequencies(cols / heads, config.ropeBase),
  };
  const feedForward = {
    gate: map(`${prefix}.mlp.gate_proj`),
    up: map(`${prefix}.mlp.up_proj`),
    down: map(`${prefix}.mlp.down_proj`),
  };
  return [
    {
      norm: norm('input_layernorm'),
      apply: (x) => selfAttention(x, attention, { heads, kvHeads, causalOffset: 0 }, rotary),
    },
    {
      norm: norm('post_attention_layernorm'),
      apply: (x) => gatedFeedForward(x, feedForward),
    },
  ];
}
