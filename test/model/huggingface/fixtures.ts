/** The smallest folder of every family: config.json, and the shapes of the tensors it asks for. */
import type { Shapes } from './support.ts';

export interface Fixture {
  readonly config: Readonly<Record<string, unknown>>;
  readonly shapes: Shapes;
}

/** Shapes of `count` layers, whose names begin with `prefix`0., `prefix`1. and so on. */
function layers(prefix: string, count: number, one: Shapes): Shapes {
  const all = Array.from({ length: count }, (_, layer) =>
    Object.entries(one).map(([name, shape]) => [`${prefix}${layer}.${name}`, shape] as const),
  );
  return Object.fromEntries(all.flat());
}

/** `name.weight` of torch.nn.Linear and `name.bias`. */
const linear = (name: string, out: number, width: number): Shapes => ({
  [`${name}.weight`]: [out, width],
  [`${name}.bias`]: [out],
});

/** Gain and bias. */
const norm = (name: string, width: number): Shapes => ({
  [`${name}.weight`]: [width],
  [`${name}.bias`]: [width],
});

export const GPT2: Fixture = {
  config: {
    architectures: ['GPT2LMHeadModel'],
    vocab_size: 7,
    n_positions: 6,
    n_embd: 8,
    n_layer: 2,
    n_head: 2,
    eos_token_id: 6,
  },
  shapes: {
    'wte.weight': [7, 8],
    'wpe.weight': [6, 8],
    ...layers('h.', 2, {
      ...norm('ln_1', 8),
      'attn.c_attn.weight': [8, 24],
      'attn.c_attn.bias': [24],
      'attn.c_proj.weight': [8, 8],
      'attn.c_proj.bias': [8],
      ...norm('ln_2', 8),
      'mlp.c_fc.weight': [8, 32],
      'mlp.c_fc.bias': [32],
      'mlp.c_proj.weight': [32, 8],
      'mlp.c_proj.bias': [8],
    }),
    ...norm('ln_f', 8),
  },
};

export const LLAMA: Fixture = {
  config: {
    architectures: ['LlamaForCausalLM'],
    vocab_size: 7,
    max_position_embeddings: 16,
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
  },
  shapes: {
    'model.embed_tokens.weight': [7, 8],
    ...layers('model.layers.', 2, {
      'input_layernorm.weight': [8],
      'self_attn.q_proj.weight': [8, 8],
      'self_attn.k_proj.weight': [4, 8],
      'self_attn.v_proj.weight': [4, 8],
      'self_attn.o_proj.weight': [8, 8],
      'post_attention_layernorm.weight': [8],
      'mlp.gate_proj.weight': [12, 8],
      'mlp.up_proj.weight': [12, 8],
      'mlp.down_proj.weight': [8, 12],
    }),
    'model.norm.weight': [8],
    'lm_head.weight': [7, 8],
  },
};

const BIASES = layers('model.layers.', 2, {
  'self_attn.q_proj.bias': [8],
  'self_attn.k_proj.bias': [4],
  'self_attn.v_proj.bias': [4],
});

export const QWEN2: Fixture = {
  config: { ...LLAMA.config, architectures: ['Qwen2ForCausalLM'] },
  shapes: { ...LLAMA.shapes, ...BIASES },
};

const BERT_ENCODER: Shapes = {
  'bert.embeddings.word_embeddings.weight': [7, 8],
  'bert.embeddings.position_embeddings.weight': [6, 8],
  'bert.embeddings.token_type_embeddings.weight': [2, 8],
  ...norm('bert.embeddings.LayerNorm', 8),
  ...layers('bert.encoder.layer.', 2, {
    ...linear('attention.self.query', 8, 8),
    ...linear('attention.self.key', 8, 8),
    ...linear('attention.self.value', 8, 8),
    ...linear('attention.output.dense', 8, 8),
    ...norm('attention.output.LayerNorm', 8),
    ...linear('intermediate.dense', 12, 8),
    ...linear('output.dense', 8, 12),
    ...norm('output.LayerNorm', 8),
  }),
};

const BERT_CONFIG = {
  vocab_size: 7,
  max_position_embeddings: 6,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 2,
};

export const BERT: Fixture = {
  config: { ...BERT_CONFIG, architectures: ['BertForSequenceClassification'] },
  shapes: {
    ...BERT_ENCODER,
    ...linear('bert.pooler.dense', 8, 8),
    ...linear('classifier', 2, 8),
  },
};

export const MASKED_BERT: Fixture = {
  config: { ...BERT_CONFIG, architectures: ['BertForMaskedLM'] },
  shapes: {
    ...BERT_ENCODER,
    ...linear('cls.predictions.transform.dense', 8, 8),
    ...norm('cls.predictions.transform.LayerNorm', 8),
    'cls.predictions.bias': [7],
    ...linear('cls.seq_relationship', 2, 8),
  },
};

const bartAttention = (name: string): Shapes => ({
  ...linear(`${name}.q_proj`, 8, 8),
  ...linear(`${name}.k_proj`, 8, 8),
  ...linear(`${name}.v_proj`, 8, 8),
  ...linear(`${name}.out_proj`, 8, 8),
  ...norm(`${name}_layer_norm`, 8),
});

const BART_FEED_FORWARD: Shapes = {
  ...linear('fc1', 12, 8),
  ...linear('fc2', 8, 12),
  ...norm('final_layer_norm', 8),
};

export const BART: Fixture = {
  config: {
    architectures: ['BartForConditionalGeneration'],
    vocab_size: 7,
    max_position_embeddings: 6,
    d_model: 8,
    encoder_layers: 2,
    decoder_layers: 2,
    encoder_attention_heads: 2,
    decoder_attention_heads: 4,
    encoder_ffn_dim: 12,
    decoder_ffn_dim: 12,
  },
  shapes: {
    'model.shared.weight': [7, 8],
    'model.encoder.embed_positions.weight': [8, 8],
    'model.decoder.embed_positions.weight': [8, 8],
    ...norm('model.encoder.layernorm_embedding', 8),
    ...norm('model.decoder.layernorm_embedding', 8),
    ...layers('model.encoder.layers.', 2, { ...bartAttention('self_attn'), ...BART_FEED_FORWARD }),
    ...layers('model.decoder.layers.', 2, {
      ...bartAttention('self_attn'),
      ...bartAttention('encoder_attn'),
      ...BART_FEED_FORWARD,
    }),
  },
};

const t5Attention = (name: string): Shapes =>
  Object.fromEntries(['q', 'k', 'v', 'o'].map((what) => [`${name}.${what}.weight`, [8, 8]]));

export const T5: Fixture = {
  config: {
    architectures: ['T5ForConditionalGeneration'],
    vocab_size: 7,
    d_model: 8,
    d_kv: 4,
    d_ff: 12,
    num_layers: 2,
    num_heads: 2,
    relative_attention_num_buckets: 8,
    relative_attention_max_distance: 8,
    n_positions: 6,
  },
  shapes: {
    'shared.weight': [7, 8],
    'encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight': [8, 2],
    'decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight': [8, 2],
    ...layers('encoder.block.', 2, {
      ...t5Attention('layer.0.SelfAttention'),
      'layer.0.layer_norm.weight': [8],
      'layer.1.DenseReluDense.wi.weight': [12, 8],
      'layer.1.DenseReluDense.wo.weight': [8, 12],
      'layer.1.layer_norm.weight': [8],
    }),
    ...layers('decoder.block.', 2, {
      ...t5Attention('layer.0.SelfAttention'),
      'layer.0.layer_norm.weight': [8],
      ...t5Attention('layer.1.EncDecAttention'),
      'layer.1.layer_norm.weight': [8],
      'layer.2.DenseReluDense.wi.weight': [12, 8],
      'layer.2.DenseReluDense.wo.weight': [8, 12],
      'layer.2.layer_norm.weight': [8],
    }),
    'encoder.final_layer_norm.weight': [8],
    'decoder.final_layer_norm.weight': [8],
  },
};

/** T5 v1.1: gated feed-forward, logits with a table of their own. */
export const T5_GATED: Fixture = {
  config: { ...T5.config, feed_forward_proj: 'gated-gelu', tie_word_embeddings: false },
  shapes: {
    ...Object.fromEntries(
      Object.entries(T5.shapes).flatMap(([name, shape]) =>
        name.endsWith('.wi.weight')
          ? [0, 1].map((half) => [name.replace('.wi.', `.wi_${half}.`), shape])
          : [[name, shape]],
      ),
    ),
    'lm_head.weight': [7, 8],
  },
};

export const FIXTURES: Readonly<Record<string, Fixture>> = {
  GPT2,
  LLAMA,
  QWEN2,
  BERT,
  MASKED_BERT,
  BART,
  T5,
  T5_GATED,
};
