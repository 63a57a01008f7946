/** Llama and its kin as a graph: RMS norms, rotary positions, grouped queries, gated feed-forward. */
import type { LanguageModel } from '../graph.ts';
import { GraphBuilder } from '../graph-builder.ts';
import { activationOf } from './activations.ts';
import type { Spelling } from './checkpoint.ts';
import type { Config } from './config.ts';
import { dividedBy } from './config.ts';
import { readGeneration } from './generation.ts';
import { Part } from './part.ts';
import type { Rope } from './rope.ts';
import { readRope, ropeTable } from './rope.ts';
import type { Source } from './source.ts';
import { decoderLimits } from './source.ts';
import { MAX_ANGLE } from './trigonometry.ts';

export const LLAMA_SPELLING: Spelling = {
  alternatives: (key) => [key.replace(/^model\./, '')],
  ignored: [/rotary_emb\.inv_freq$/, /^lm_head\.weight$/],
};

/** Where the classes of transformers differ: `LlamaConfig`, `MistralConfig`, `Qwen2Config`. */
interface Kin {
  readonly vocabulary: number;
  readonly inner: number;
  /** When the key is missing: as many as query heads. */
  readonly kvHeads: number | undefined;
  readonly positions: number;
  readonly end: number | undefined;
  /** Biases of query, key and value, then of the output. */
  readonly biases: (config: Config) => readonly [qkv: boolean, out: boolean];
  /** Tokens that a row may look back at; undefined is all. */
  readonly window: (config: Config) => number | undefined;
}

const LLAMA: Kin = {
  vocabulary: 32000,
  inner: 11008,
  kvHeads: undefined,
  positions: 2048,
  end: 2,
  biases: (config) => {
    const both = config.flag('attention_bias', false);
    return [both, both];
  },
  window: () => undefined,
};

const KIN: Readonly<Record<string, Kin>> = {
  LlamaForCausalLM: LLAMA,
  MistralForCausalLM: {
    ...LLAMA,
    inner: 14336,
    kvHeads: 8,
    positions: 131072,
    biases: () => [false, false],
    window: (config) =>
      config.isNull('sliding_window') ? undefined : config.integer('sliding_window', 4096),
  },
  Qwen2ForCausalLM: {
    vocabulary: 151936,
    inner: 22016,
    kvHeads: 32,
    positions: 32768,
    end: undefined,
    biases: () => [true, false],
    window: (config) =>
      config.flag('use_sliding_window', false) ? config.integer('sliding_window', 4096) : undefined,
  },
};

interface LlamaSizes {
  readonly vocabulary: number;
  readonly context: number;
  readonly width: number;
  readonly head: number;
  readonly inner: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly eps: number;
  readonly activation: string;
  readonly rope: Rope;
  readonly qkvBias: boolean;
  readonly outBias: boolean;
  readonly mlpBias: boolean;
  readonly tied: boolean;
}

function readSizes(config: Config, kin: Kin, context: number): LlamaSizes {
  const width = config.integer('hidden_size', 4096);
  const heads = config.integer('num_attention_heads', 32);
  const [qkvBias, outBias] = kin.biases(config);
  const across = { key: 'hidden_size', value: width };
  const head = config.has('head_dim')
    ? config.integer('head_dim', 1)
    : dividedBy(across, { key: 'num_attention_heads', value: heads });
  if (head % 2 !== 0) config.malformed('head_dim', `heads of width ${head} have no halves to turn`);
  return {
    vocabulary: config.integer('vocab_size', kin.vocabulary),
    context,
    width,
    head,
    inner: config.integer('intermediate_size', kin.inner),
    layers: config.integer('num_hidden_layers', 32),
    heads,
    kvHeads: config.integer('num_key_value_heads', kin.kvHeads ?? heads),
    eps: config.number('rms_norm_eps', 1e-6),
    activation: activationOf(config, 'hidden_act', 'silu'),
    rope: readRope(config),
    qkvBias,
    outBias,
    mlpBias: kin === LLAMA && config.flag('mlp_bias', false),
    tied: config.flag('tie_word_embeddings', false),
  };
}

/**
 * Positions of the model. A sliding window is not supported, but within it all tokens are seen: a
 * model with one is built for texts no longer than its window.
 */
function positionsOf(config: Config, kin: Kin): number {
  const positions = config.integer('max_position_embeddings', kin.positions);
  return Math.min(positions, kin.window(config) ?? positions, MAX_ANGLE);
}

/** Llama, Mistral or Qwen2 ForCausalLM. Throws FileError and GraphError as `openHuggingFace` says. */
export function llamaModel(source: Source): LanguageModel {
  const kin = KIN[source.architecture]!;
  const limits = decoderLimits(source.options, positionsOf(source.config, kin));
  const sizes = readSizes(source.config, kin, limits.context);
  const { vocabulary, width, context } = sizes;
  const graph = new GraphBuilder(source.name, limits);
  const model = new Part(graph, source.checkpoint, 'embed');
  const table = model.weight('tokens', 'model.embed_tokens.weight', [vocabulary, width]);
  let x = model.op('gather', 'words', [table, graph.input('tokens', 'i32', ['rows'])]);
  for (let layer = 0; layer < sizes.layers; layer++) {
    const key = `model.layers.${layer}`;
    x = attention(model.at(`layer ${layer}/attention`), x, key, sizes);
    x = feedForward(model.at(`layer ${layer}/feed-forward`), x, key, sizes);
  }
  if (source.options.allLogits !== true) x = model.at('final norm').op('last', 'last row', [x]);
  x = model.at('final norm').rmsNorm('', x, 'model.norm', sizes.eps);
  const head = sizes.tied
    ? table
    : model.at('logits').weight('weight', 'lm_head.weight', [vocabulary, width]);
  const logits = model.at('logits').op('linear', '', [x, head], { transposed: true });
  return {
    name: source.name,
    encode: undefined,
    decode: graph.finish([logits]),
    generation: readGeneration(source, { vocabulary, context, end: kin.end }),
  };
}

function attention(part: Part, x: string, key: string, sizes: LlamaSizes): string {
  const { head, heads, kvHeads, context: capacity } = sizes;
  const at = `${key}.self_attn`;
  const normed = part.rmsNorm('norm', x, `${key}.input_layernorm`, sizes.eps);
  const biased = { bias: sizes.qkvBias };
  const q = part.linear('q', normed, `${at}.q_proj`, heads * head, biased);
  const k = part.linear('k', normed, `${at}.k_proj`, kvHeads * head, biased);
  const v = part.linear('v', normed, `${at}.v_proj`, kvHeads * head, biased);
  const turn = (what: string, heads: number, of: string): string =>
    part.op('rope', what, [of, ...ropeTables(part, sizes)], { heads, start: 'position' });
  const rows = { capacity, start: 'position', count: 'context' } as const;
  const turned = turn('turned q', heads, q);
  const keys = part.append('keys', turn('turned k', kvHeads, k), rows);
  const values = part.append('values', v, rows);
  const mixed = part.attention(turned, keys, values, { heads, kvHeads, causal: true });
  const out = part.linear('out', mixed, `${at}.o_proj`, sizes.width, { bias: sizes.outBias });
  return part.residual(x, out);
}

/** The tables cos and sin, [context × head/2], declared once for all layers. */
function ropeTables({ graph }: Part, { rope, context, head }: LlamaSizes): readonly string[] {
  const shape = [context, head / 2] as const;
  return (['cos', 'sin'] as const).map((which) => {
    const name = `positions/${which}`;
    if (graph.has(name)) return name;
    return graph.weight({ name, dtype: 'f32', shape, read: () => ropeTable(which, rope, shape) });
  });
}

function feedForward(part: Part, x: string, key: string, sizes: LlamaSizes): string {
  const { inner, width, activation } = sizes;
  const biased = { bias: sizes.mlpBias };
  const at = `${key}.mlp`;
  const normed = part.rmsNorm('norm', x, `${key}.post_attention_layernorm`, sizes.eps);
  const gated = part.gated(normed, [`${at}.gate_proj`, `${at}.up_proj`], activation, inner, biased);
  return part.residual(x, part.linear('down', gated, `${at}.down_proj`, width, biased));
}
