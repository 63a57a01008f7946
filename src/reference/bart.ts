/** The forward pass of BART: an encoder, and a decoder that attends to it, both post-norm. */
import { gelu } from './activation.ts';
import { crossAttention, selfAttention } from './attention.ts';
import { feedForward } from './feed-forward.ts';
import { addBias, embedWithPositions, matmul } from './linear.ts';
import type { Matrix } from './matrix.ts';
import { transpose } from './matrix.ts';
import type { Sublayer } from './transformer.ts';
import { postNormLayer } from './transformer.ts';
import type { WeightLookup } from './weights.ts';
import { layerNormNamed, torchAttention, torchLinear } from './weights.ts';

/** What the weights of a BART do not tell. */
export interface BartConfig {
  readonly encoderLayers: number;
  readonly decoderLayers: number;
  readonly encoderHeads: number;
  readonly decoderHeads: number;
}

/** BART's position table keeps two unused rows at its start (a padding index of fairseq). */
const FIRST_POSITION = 2;

/** torch.nn.LayerNorm's default, which BART's configuration cannot change. */
const LAYER_NORM_EPSILON = 1e-5;

const PROJECTIONS = ['q_proj', 'k_proj', 'v_proj', 'out_proj'] as const;

/** The encoder's output [ids.length × d]. Source: Lewis et al. 2020, §2.1. */
export function bartEncode(
  ids: readonly number[],
  config: BartConfig,
  weights: WeightLookup,
): Matrix {
  const heads = { heads: config.encoderHeads };
  let x = embedIn('model.encoder', ids, weights);
  for (let layer = 0; layer < config.encoderLayers; layer++) {
    const part = sublayersOf(`model.encoder.layers.${layer}`, weights);
    const self = part.attention('self_attn', (state, w) => selfAttention(state, w, heads));
    x = postNormLayer(x, [self, part.feedForward]);
  }
  return x;
}

/** Logits of every decoder position [ids.length × vocabulary], given the encoder's output. */
export function bartDecode(
  ids: readonly number[],
  memory: Matrix,
  config: BartConfig,
  weights: WeightLookup,
): Matrix {
  const heads = { heads: config.decoderHeads };
  const causal = { ...heads, causalOffset: 0 };
  let x = embedIn('model.decoder', ids, weights);
  for (let layer = 0; layer < config.decoderLayers; layer++) {
    const part = sublayersOf(`model.decoder.layers.${layer}`, weights);
    x = postNormLayer(x, [
      part.attention('self_attn', (state, w) => selfAttention(state, w, causal)),
      part.attention('encoder_attn', (state, w) => crossAttention(state, memory, w, heads)),
      part.feedForward,
    ]);
  }
  const scores = matmul(x, transpose(weights('model.shared.weight')));
  return addBias(scores, weights('final_logits_bias'));
}

function embedIn(side: string, ids: readonly number[], weights: WeightLookup): Matrix {
  const positions = weights(`${side}.embed_positions.weight`);
  const x = embedWithPositions(weights('model.shared.weight'), positions, ids, FIRST_POSITION);
  return layerNormNamed(`${side}.layernorm_embedding`, LAYER_NORM_EPSILON, weights)(x);
}

/** The sublayers of one layer by their checkpoint names. */
function sublayersOf(prefix: string, weights: WeightLookup) {
  const load = (name: string) => torchLinear(name, weights);
  const norm = (name: string) => layerNormNamed(`${prefix}.${name}`, LAYER_NORM_EPSILON, weights);
  const up = load(`${prefix}.fc1`);
  const down = load(`${prefix}.fc2`);
  type Attend = (x: Matrix, w: ReturnType<typeof torchAttention>) => Matrix;
  return {
    attention: (name: string, attend: Attend): Sublayer => {
      const w = torchAttention(`${prefix}.${name}`, PROJECTIONS, load);
      return { norm: norm(`${name}_layer_norm`), apply: (x) => attend(x, w) };
    },
    feedForward: {
      norm: norm('final_layer_norm'),
      apply: (x: Matrix) => feedForward(x, { up, down }, gelu),
    } satisfies Sublayer,
  };
}
