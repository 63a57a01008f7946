/** GPT-2 as a graph: learned positions, layer norm before each sublayer (Radford et al., 2019). */
import type { LanguageModel } from '../graph.ts';
import { GraphBuilder } from '../graph-builder.ts';
import { activationOf } from './activations.ts';
import type { Spelling } from './checkpoint.ts';
import { dividedBy } from './config.ts';
import { readGeneration } from './generation.ts';
import { Part } from './part.ts';
import type { Source } from './source.ts';
import { decoderLimits } from './source.ts';

/** Older files write keys without `transformer.`, and keep the causal mask as a buffer. */
export const GPT2_SPELLING: Spelling = {
  alternatives: (key) => [`transformer.${key}`],
  ignored: [/\.attn\.(masked_)?bias$/, /^lm_head\.weight$/],
};

interface Gpt2Sizes {
  readonly vocabulary: number;
  readonly positions: number;
  readonly context: number;
  readonly width: number;
  readonly inner: number;
  readonly layers: number;
  readonly heads: number;
  readonly eps: number;
  readonly activation: string;
  readonly scale: number;
  readonly tied: boolean;
}

/** Defaults: `GPT2Config` of transformers. */
function readSizes({ config, options }: Source): Gpt2Sizes {
  config.refuseFlags('scale_attn_by_inverse_layer_idx', 'add_cross_attention');
  const width = config.integer('n_embd', 768);
  const heads = config.integer('n_head', 12);
  const head = dividedBy({ key: 'n_embd', value: width }, { key: 'n_head', value: heads });
  const positions = config.integer('n_positions', 1024);
  return {
    vocabulary: config.integer('vocab_size', 50257),
    positions,
    context: decoderLimits(options, positions).context,
    width,
    inner: config.integer('n_inner', 4 * width),
    layers: config.integer('n_layer', 12),
    heads,
    eps: config.number('layer_norm_epsilon', 1e-5),
    activation: activationOf(config, 'activation_function', 'gelu_new'),
    scale: config.flag('scale_attn_weights', true) ? 1 / Math.sqrt(head) : 1,
    tied: config.flag('tie_word_embeddings', true),
  };
}

/** GPT2LMHeadModel. Throws FileError and GraphError as `openHuggingFace` says. */
export function gpt2Model(source: Source): LanguageModel {
  const sizes = readSizes(source);
  const graph = new GraphBuilder(source.name, decoderLimits(source.options, sizes.positions));
  const model = new Part(graph, source.checkpoint, 'embed');
  let x = embed(model, sizes);
  for (let layer = 0; layer < sizes.layers; layer++) {
    x = attention(model.at(`layer ${layer}/attention`), x, `h.${layer}`, sizes);
    x = feedForward(model.at(`layer ${layer}/feed-forward`), x, `h.${layer}`, sizes);
  }
  if (source.options.allLogits !== true) x = model.at('final norm').op('last', 'last row', [x]);
  x = model.at('final norm').layerNorm('', x, 'ln_f', sizes.eps);
  const { vocabulary, width, context } = sizes;
  const head = sizes.tied
    ? model.weight('tokens', 'wte.weight', [vocabulary, width])
    : model.at('logits').weight('weight', 'lm_head.weight', [vocabulary, width]);
  const logits = model.at('logits').op('linear', '', [x, head], { transposed: true });
  return {
    name: source.name,
    encode: undefined,
    decode: graph.finish([logits]),
    generation: readGeneration(source, { vocabulary, context, end: 50256 }),
  };
}

/** Embeddings of tokens and of positions, [rows × width]. */
function embed(part: Part, { vocabulary, width, positions }: Gpt2Sizes): string {
  const tokens = part.graph.input('tokens', 'i32', ['rows']);
  const table = part.weight('tokens', 'wte.weight', [vocabulary, width]);
  const where = part.weight('positions', 'wpe.weight', [positions, width]);
  const words = part.op('gather', 'words', [table, tokens]);
  const places = part.op('window', 'places', [where], { start: 'position', count: 'rows' });
  return part.op('add', 'sum', [words, places]);
}

function attention(part: Part, x: string, key: string, sizes: Gpt2Sizes): string {
  const { heads, scale, context: capacity } = sizes;
  const normed = part.layerNorm('norm', x, `${key}.ln_1`, sizes.eps);
  const [q, k, v] = ['q', 'k', 'v'].map((what, third) =>
    projection(part, what, normed, `${key}.attn.c_attn`, third),
  );
  const rows = { capacity, start: 'position', count: 'context' } as const;
  const keys = part.append('keys', k!, rows);
  const values = part.append('values', v!, rows);
  const mixed = part.attention(q!, keys, values, { heads, scale, causal: true });
  const out = part.linear('out', mixed, `${key}.attn.c_proj`, sizes.width, { conv: true });
  return part.residual(x, out);
}

/** A third of `c_attn`, which keeps query, key and value side by side: [width × 3 · width]. */
function projection(part: Part, what: string, x: string, key: string, third: number): string {
  const width = part.widthOf(x);
  const columns = [third * width, (third + 1) * width] as const;
  const weight = part.weight(`${what} weight`, `${key}.weight`, [width, 3 * width], {
    shape: [width, width],
    slice: [[0, width], columns],
  });
  const bias = part.weight(`${what} bias`, `${key}.bias`, [3 * width], {
    shape: [width],
    slice: [columns],
  });
  return part.op('linear', what, [x, weight, bias], { transposed: false });
}

function feedForward(part: Part, x: string, key: string, sizes: Gpt2Sizes): string {
  const normed = part.layerNorm('norm', x, `${key}.ln_2`, sizes.eps);
  const up = part.linear('up', normed, `${key}.mlp.c_fc`, sizes.inner, { conv: true });
  const active = part.op(sizes.activation, 'active', [up]);
  const down = part.linear('down', active, `${key}.mlp.c_proj`, sizes.width, { conv: true });
  return part.residual(x, down);
}
