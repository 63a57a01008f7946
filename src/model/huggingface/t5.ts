/** T5 as two graphs: RMS norms before sublayers, positions only as biases of scores (Raffel et al., 2020). */
import type { LanguageModel } from '../graph.ts';
import { biasTable } from './buckets.ts';
import type { Spelling } from './checkpoint.ts';
import type { Caches } from './encoder-decoder.ts';
import { encoderDecoderModel, recallSource } from './encoder-decoder.ts';
import type { Heads, Part } from './part.ts';
import type { Source } from './source.ts';
import type { T5Sizes } from './t5-sizes.ts';
import { readT5Sizes } from './t5-sizes.ts';

/** One table of words serves encoder and decoder; files keep it under one name of several. */
const SHARED = 'shared.weight';

export const T5_SPELLING: Spelling = {
  alternatives: (key) =>
    key === SHARED ? ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'] : [],
  ignored: [
    /embed_tokens\.weight$/,
    /^lm_head\.weight$/,
    /layer\.1\.EncDecAttention\.relative_attention_bias\.weight$/,
  ],
};

/** Longer texts than those of the training are possible, but none is as long as this. */
const MAX_POSITIONS = 2 ** 20;

const UNBIASED = { bias: false };

/** T5ForConditionalGeneration. Throws FileError and GraphError as `openHuggingFace` says. */
export function t5Model(source: Source): LanguageModel {
  const sizes = readT5Sizes(source.config, source.checkpoint.has('lm_head.weight'));
  const { vocabulary, positions, decoderLayers, decoderStart } = sizes;
  const lengths = { context: positions, source: positions, ...source.options };
  const family = {
    vocabulary,
    positions: MAX_POSITIONS,
    end: 1,
    decoderStart,
    decoderLayers,
    encode: (model: Part, caches: Caches) => encode(model, sizes, caches),
    crossProject: (part: Part, hidden: string, layer: number) =>
      project(part, hidden, `decoder.block.${layer}.layer.1.EncDecAttention`, 'kv', sizes),
    decode: (model: Part, caches: Caches) => decode(model, sizes, caches),
    logits: (model: Part, x: string) => logits(model, x, sizes),
  };
  return encoderDecoderModel({ ...source, options: lengths }, family);
}

function encode(model: Part, sizes: T5Sizes, { memory }: Caches): string {
  let x = embed(model, sizes, 'source');
  const relative = biases(model, 'encoder', sizes, memory.capacity);
  for (let layer = 0; layer < sizes.encoderLayers; layer++) {
    const key = `encoder.block.${layer}.layer`;
    const part = model.at(`encoder layer ${layer}/attention`);
    const normed = norm(part, x, `${key}.0`, sizes);
    const [q, k, v] = project(part, normed, `${key}.0.SelfAttention`, 'qkv', sizes);
    const mixed = part.attention(q!, k!, v!, { ...headsOf(sizes), relative });
    x = behind(part, x, mixed, `${key}.0.SelfAttention`);
    x = feedForward(model.at(`encoder layer ${layer}/feed-forward`), x, `${key}.1`, sizes);
  }
  return model.at('encoder final norm').rmsNorm('', x, 'encoder.final_layer_norm', sizes.eps);
}

function decode(model: Part, sizes: T5Sizes, caches: Caches): string {
  let x = embed(model, sizes, 'rows');
  const relative = biases(model, 'decoder', sizes, caches.own.capacity);
  for (let layer = 0; layer < sizes.decoderLayers; layer++) {
    const key = `decoder.block.${layer}.layer`;
    const self = model.at(`decoder layer ${layer}/attention`);
    const normed = norm(self, x, `${key}.0`, sizes);
    const [q, k, v] = project(self, normed, `${key}.0.SelfAttention`, 'qkv', sizes);
    const keys = self.append('keys', k!, caches.own);
    const values = self.append('values', v!, caches.own);
    const mixed = self.attention(q!, keys, values, { ...headsOf(sizes), relative, causal: true });
    x = behind(self, x, mixed, `${key}.0.SelfAttention`);
    const cross = model.at(`decoder layer ${layer}/cross-attention`);
    x = lookAtSource(cross, x, `${key}.1`, sizes, caches);
    x = feedForward(model.at(`decoder layer ${layer}/feed-forward`), x, `${key}.2`, sizes);
  }
  return x;
}

function logits(model: Part, hidden: string, sizes: T5Sizes): string {
  const part = model.at('logits');
  let x = model.at('final norm').rmsNorm('', hidden, 'decoder.final_layer_norm', sizes.eps);
  if (sizes.scale !== 1) x = part.scaled('scaled', x, sizes.scale);
  const table = sizes.ownHead
    ? part.weight('weight', 'lm_head.weight', [sizes.vocabulary, sizes.width])
    : words(model, sizes);
  return part.op('linear', '', [x, table], { transposed: true });
}

function words(model: Part, { vocabulary, width }: T5Sizes): string {
  return model.at('embed').weight('tokens', SHARED, [vocabulary, width]);
}

/** Embeddings of words, unscaled: [tokens × width]. */
function embed(model: Part, sizes: T5Sizes, count: 'source' | 'rows'): string {
  const tokens = model.graph.input('tokens', 'i32', [count]);
  return model.op('gather', 'words', [words(model, sizes), tokens]);
}

/** The biases of distances that all layers of a stack share; the file keeps them in its first. */
function biases(
  model: Part,
  side: 'encoder' | 'decoder',
  { buckets: count, maxDistance, heads }: T5Sizes,
  length: number,
): { readonly table: string; readonly centre: number } {
  const buckets = { count, maxDistance, bidirectional: side === 'encoder' };
  const key = `${side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`;
  const table = model.at(`${side} positions`).weight('biases', key, [count, heads], {
    shape: [heads, 2 * length - 1],
    map: (tensor) => biasTable(tensor, length, buckets),
  });
  return { table, centre: length - 1 };
}

/** T5 does not scale its scores: the factor went into how its weights began. */
const headsOf = ({ heads }: T5Sizes): Heads => ({ heads, scale: 1 });

function norm(part: Part, x: string, key: string, { eps }: T5Sizes): string {
  return part.rmsNorm('norm', x, `${key}.layer_norm`, eps);
}

function project(
  part: Part,
  x: string,
  key: string,
  which: string,
  { heads, headWidth }: T5Sizes,
): readonly string[] {
  const width = heads * headWidth;
  return [...which].map((what) => part.linear(what, x, `${key}.${what}`, width, UNBIASED));
}

function behind(part: Part, x: string, mixed: string, key: string): string {
  return part.residual(x, part.linear('out', mixed, `${key}.o`, part.widthOf(x), UNBIASED));
}

function lookAtSource(part: Part, x: string, key: string, sizes: T5Sizes, caches: Caches): string {
  const at = `${key}.EncDecAttention`;
  const [q] = project(part, norm(part, x, key, sizes), at, 'q', sizes);
  const [keys, values] = recallSource(part, part.widthOf(q!), caches);
  return behind(part, x, part.attention(q!, keys, values, headsOf(sizes)), at);
}

function feedForward(part: Part, x: string, key: string, sizes: T5Sizes): string {
  const { gated, activation, inner, width } = sizes;
  const at = `${key}.DenseReluDense`;
  const normed = norm(part, x, key, sizes);
  const wide = gated
    ? part.gated(normed, [`${at}.wi_0`, `${at}.wi_1`], activation, inner, UNBIASED)
    : part.op(activation, 'active', [part.linear('up', normed, `${at}.wi`, inner, UNBIASED)]);
  return part.residual(x, part.linear('down', wide, `${at}.wo`, width, UNBIASED));
}
