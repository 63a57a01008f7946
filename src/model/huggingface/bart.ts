/** BART as two graphs: an encoder, and a decoder that attends to it, both post-norm (Lewis et al., 2020). */
import type { LanguageModel } from '../graph.ts';
import { activationOf } from './activations.ts';
import type { Spelling } from './checkpoint.ts';
import type { Config } from './config.ts';
import { dividedBy } from './config.ts';
import type { Caches } from './encoder-decoder.ts';
import { encoderDecoderModel, recallSource } from './encoder-decoder.ts';
import type { CacheRows, Part } from './part.ts';
import type { Source } from './source.ts';

/** One table of words serves encoder, decoder and logits; files keep it under one name of several. */
const SHARED = 'model.shared.weight';
const ALSO_SHARED = [
  'shared.weight',
  'model.encoder.embed_tokens.weight',
  'model.decoder.embed_tokens.weight',
  'lm_head.weight',
];

export const BART_SPELLING: Spelling = {
  alternatives: (key) => (key === SHARED ? ALSO_SHARED : [key.replace(/^model\./, '')]),
  ignored: [/embed_tokens\.weight$/, /^lm_head\.weight$/],
};

/** The position tables begin with two rows that no position uses, padding indices of fairseq. */
const FIRST_POSITION = 2;

/** torch.nn.LayerNorm's default, which BART's configuration cannot change. */
const EPS = 1e-5;

interface Stack {
  readonly side: 'encoder' | 'decoder';
  readonly layers: number;
  readonly heads: number;
  readonly inner: number;
}

interface BartSizes {
  readonly vocabulary: number;
  readonly positions: number;
  readonly width: number;
  readonly encoder: Stack;
  readonly decoder: Stack;
  readonly activation: string;
  /** What embeddings of words are multiplied with. */
  readonly scale: number;
  /** Whether embeddings are normed (`layernorm_embedding`). */
  readonly normed: boolean;
}

/** Defaults: `BartConfig` of transformers. */
function readSizes(config: Config): BartSizes {
  config.refuseFlags('normalize_before', 'add_final_layer_norm', 'static_position_embeddings');
  const width = config.integer('d_model', 1024);
  const stack = (side: Stack['side']): Stack => {
    const key = `${side}_attention_heads`;
    const heads = config.integer(key, 16);
    dividedBy({ key: 'd_model', value: width }, { key, value: heads });
    const inner = config.integer(`${side}_ffn_dim`, 4096);
    return { side, layers: config.integer(`${side}_layers`, 12), heads, inner };
  };
  return {
    vocabulary: config.integer('vocab_size', 50265),
    positions: config.integer('max_position_embeddings', 1024),
    width,
    encoder: stack('encoder'),
    decoder: stack('decoder'),
    activation: activationOf(config, 'activation_function', 'gelu'),
    scale: config.flag('scale_embedding', false) ? Math.sqrt(width) : 1,
    normed: config.flag('normalize_embedding', true),
  };
}

/** BartForConditionalGeneration. Throws FileError and GraphError as `openHuggingFace` says. */
export function bartModel(source: Source): LanguageModel {
  const sizes = readSizes(source.config);
  const { vocabulary, positions, decoder } = sizes;
  return encoderDecoderModel(source, {
    vocabulary,
    positions,
    end: 2,
    decoderStart: 2,
    decoderLayers: decoder.layers,
    encode: (model) => encode(model, sizes),
    crossProject: (part, hidden, layer) =>
      project(part, hidden, `${keyOf(decoder, layer)}.encoder_attn`, ['k', 'v']),
    decode: (model, caches) => decode(model, sizes, caches),
    logits: (model, x) => logits(model, x, sizes),
  });
}

const keyOf = ({ side }: Stack, layer: number): string => `model.${side}.layers.${layer}`;

function encode(model: Part, sizes: BartSizes): string {
  const { encoder } = sizes;
  let x = embed(model, encoder, sizes, { start: 0, count: 'source' });
  for (let layer = 0; layer < encoder.layers; layer++) {
    const key = keyOf(encoder, layer);
    const part = model.at(`encoder layer ${layer}/attention`);
    const [q, k, v] = project(part, x, `${key}.self_attn`, ['q', 'k', 'v']);
    const mixed = part.attention(q!, k!, v!, { heads: encoder.heads });
    x = behind(part, x, mixed, `${key}.self_attn`);
    x = feedForward(model.at(`encoder layer ${layer}/feed-forward`), x, key, encoder, sizes);
  }
  return x;
}

function decode(model: Part, sizes: BartSizes, caches: Caches): string {
  const { decoder } = sizes;
  const { heads, layers } = decoder;
  let x = embed(model, decoder, sizes, { start: 'position', count: 'rows' });
  for (let layer = 0; layer < layers; layer++) {
    const key = keyOf(decoder, layer);
    const self = model.at(`decoder layer ${layer}/attention`);
    const [q, k, v] = project(self, x, `${key}.self_attn`, ['q', 'k', 'v']);
    const keys = self.append('keys', k!, caches.own);
    const values = self.append('values', v!, caches.own);
    const mixed = self.attention(q!, keys, values, { heads, causal: true });
    x = behind(self, x, mixed, `${key}.self_attn`);
    const cross = model.at(`decoder layer ${layer}/cross-attention`);
    const [looking] = project(cross, x, `${key}.encoder_attn`, ['q']);
    const found = cross.attention(looking!, ...recallSource(cross, sizes.width, caches), { heads });
    x = behind(cross, x, found, `${key}.encoder_attn`);
    x = feedForward(model.at(`decoder layer ${layer}/feed-forward`), x, key, decoder, sizes);
  }
  return x;
}

/** The bias is a buffer of zeros where a file leaves it out. */
function logits(model: Part, x: string, sizes: BartSizes): string {
  const part = model.at('logits');
  const key = 'final_logits_bias';
  const shape = [sizes.vocabulary];
  const operands = [x, words(model, sizes)];
  if (part.has(key)) operands.push(part.weight('bias', key, [1, ...shape], { shape }));
  return part.op('linear', '', operands, { transposed: true });
}

function words(model: Part, { vocabulary, width }: BartSizes): string {
  return model.at('embed').weight('tokens', SHARED, [vocabulary, width]);
}

/** Words, scaled, and positions, normed: [tokens × width]. */
function embed(
  model: Part,
  { side }: Stack,
  sizes: BartSizes,
  rows: Pick<CacheRows, 'start' | 'count'>,
): string {
  const part = model.at(`${side} embed`);
  const key = `model.${side}`;
  const tokens = part.graph.input('tokens', 'i32', [rows.count]);
  let x = part.op('gather', 'words', [words(model, sizes), tokens]);
  if (sizes.scale !== 1) x = part.scaled('scaled words', x, sizes.scale);
  const shape = [sizes.positions + FIRST_POSITION, sizes.width];
  const table = part.weight('positions', `${key}.embed_positions.weight`, shape);
  const places = part.op('window', 'places', [table], { ...rows, offset: FIRST_POSITION });
  const sum = part.op('add', 'sum', [x, places]);
  return sizes.normed ? part.layerNorm('norm', sum, `${key}.layernorm_embedding`, EPS) : sum;
}

function project(part: Part, x: string, key: string, which: readonly string[]): readonly string[] {
  return which.map((what) => part.linear(what, x, `${key}.${what}_proj`, part.widthOf(x)));
}

/** What attention found, projected, added to x and normed. */
function behind(part: Part, x: string, mixed: string, key: string): string {
  const out = part.linear('out', mixed, `${key}.out_proj`, part.widthOf(x));
  return part.layerNorm('norm', part.residual(x, out), `${key}_layer_norm`, EPS);
}

function feedForward(
  part: Part,
  x: string,
  key: string,
  { inner }: Stack,
  sizes: BartSizes,
): string {
  const up = part.linear('up', x, `${key}.fc1`, inner);
  const active = part.op(sizes.activation, 'active', [up]);
  const down = part.linear('down', active, `${key}.fc2`, sizes.width);
  return part.layerNorm('norm', part.residual(x, down), `${key}.final_layer_norm`, EPS);
}
