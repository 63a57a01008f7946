/** What config.json says of a T5: sizes, feed-forward, and the conventions of several versions. */
import { operatorNamed } from './activations.ts';
import type { Config } from './config.ts';

export interface T5Sizes {
  readonly vocabulary: number;
  readonly positions: number;
  readonly width: number;
  readonly heads: number;
  readonly headWidth: number;
  readonly inner: number;
  readonly encoderLayers: number;
  readonly decoderLayers: number;
  readonly buckets: number;
  readonly maxDistance: number;
  readonly eps: number;
  readonly activation: string;
  readonly gated: boolean;
  /** Whether the logits have a table of their own, `lm_head.weight`. */
  readonly ownHead: boolean;
  /** What the last rows are multiplied with before the logits. */
  readonly scale: number;
  readonly decoderStart: number;
}

/** T5 has no last position, but its texts had this length in training, and its class said so once. */
const POSITIONS = 512;

/** Defaults: `T5Config` of transformers. */
export function readT5Sizes(config: Config, hasHead: boolean): T5Sizes {
  const width = config.integer('d_model', 512);
  const layers = config.integer('num_layers', 6);
  const tied = config.flag('tie_word_embeddings', true);
  return {
    vocabulary: config.integer('vocab_size', 32128),
    positions: config.optionalInteger('n_positions') ?? POSITIONS,
    width,
    heads: config.integer('num_heads', 8),
    headWidth: config.integer('d_kv', 64),
    inner: config.integer('d_ff', 2048),
    encoderLayers: layers,
    decoderLayers: config.integer('num_decoder_layers', layers),
    ...readBuckets(config),
    eps: config.number('layer_norm_epsilon', 1e-6),
    ...readFeedForward(config),
    // transformers 5 writes `scale_decoder_outputs` and calls all tied; before, tied ones are scaled.
    ownHead: config.has('scale_decoder_outputs') ? hasHead : !tied,
    scale: config.flag('scale_decoder_outputs', tied) ? 1 / Math.sqrt(width) : 1,
    decoderStart: config.optionalInteger('pad_token_id', 0) ?? 0,
  };
}

/** Near distances take half of the buckets, of each direction in the encoder; far ones the rest. */
function readBuckets(config: Config): { readonly buckets: number; readonly maxDistance: number } {
  const buckets = config.integer('relative_attention_num_buckets', 32, 4);
  const maxDistance = config.integer('relative_attention_max_distance', 128);
  if (maxDistance > Math.floor(buckets / 2)) return { buckets, maxDistance };
  return config.malformed('relative_attention_max_distance', `above half of ${buckets} buckets`);
}

/** `relu`, or `gated-silu`; `gated-gelu` is the tanh form, as `T5Config` says. */
function readFeedForward(config: Config): { readonly activation: string; readonly gated: boolean } {
  const key = 'feed_forward_proj';
  const name = config.text(key, 'relu');
  const plain = name === 'gated-gelu' ? 'gelu_new' : name.replace(/^gated-/, '');
  const activation =
    operatorNamed(plain) ?? config.unsupported(key, 'for example relu, gated-gelu or gated-silu');
  return { activation, gated: name.startsWith('gated-') };
}
