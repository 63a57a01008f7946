/** BERT as a graph: every token sees every other, layer norm behind each sublayer (Devlin et al., 2019). */
import type { Graph } from '../graph.ts';
import { GraphBuilder } from '../graph-builder.ts';
import { activationOf } from './activations.ts';
import type { Spelling } from './checkpoint.ts';
import { dividedBy } from './config.ts';
import { Part } from './part.ts';
import type { Source } from './source.ts';
import { encoderLength } from './source.ts';

/** Old files call gains gamma and biases beta; bare encoders leave `bert.` out. */
export const BERT_SPELLING: Spelling = {
  alternatives: (key) => {
    const bare = key.replace(/^bert\./, '');
    return [key, bare].flatMap((one) => [
      one,
      one.replace(/weight$/, 'gamma').replace(/bias$/, 'beta'),
    ]);
  },
  ignored: [/position_ids$/, /^cls\./, /^(bert\.)?pooler\./],
};

interface BertSizes {
  readonly vocabulary: number;
  readonly positions: number;
  readonly segments: number;
  readonly length: number;
  readonly width: number;
  readonly inner: number;
  readonly layers: number;
  readonly heads: number;
  readonly eps: number;
  readonly activation: string;
}

/** Defaults: `BertConfig` of transformers. */
function readSizes({ config, options }: Source): BertSizes {
  config.refuseFlags('is_decoder', 'add_cross_attention');
  if (config.text('position_embedding_type', 'absolute') !== 'absolute') {
    config.unsupported('position_embedding_type', 'it must be absolute');
  }
  const width = config.integer('hidden_size', 768);
  const heads = config.integer('num_attention_heads', 12);
  dividedBy({ key: 'hidden_size', value: width }, { key: 'num_attention_heads', value: heads });
  const positions = config.integer('max_position_embeddings', 512);
  return {
    vocabulary: config.integer('vocab_size', 30522),
    positions,
    segments: config.integer('type_vocab_size', 2),
    length: encoderLength(options, positions),
    width,
    inner: config.integer('intermediate_size', 3072),
    layers: config.integer('num_hidden_layers', 12),
    heads,
    eps: config.number('layer_norm_eps', 1e-12),
    activation: activationOf(config, 'hidden_act', 'gelu'),
  };
}

/** The encoder up to its last layer: what all heads of BERT stand on. */
interface Encoder {
  readonly graph: GraphBuilder;
  readonly model: Part;
  readonly sizes: BertSizes;
  /** [length × width] */
  readonly hidden: string;
}

function encoder(source: Source): Encoder {
  const sizes = readSizes(source);
  const graph = new GraphBuilder(source.name);
  const model = new Part(graph, source.checkpoint, 'embed');
  let x = embed(model, sizes);
  const mask = additiveMask(model.at('mask'), sizes.length);
  for (let layer = 0; layer < sizes.layers; layer++) {
    const key = `bert.encoder.layer.${layer}`;
    x = attention(model.at(`layer ${layer}/attention`), x, key, mask, sizes);
    const output = layer === sizes.layers - 1 ? 'last_hidden_state' : undefined;
    x = feedForward(model.at(`layer ${layer}/feed-forward`), x, key, sizes, output);
  }
  return { graph, model, sizes, hidden: x };
}

/**
 * BertForSequenceClassification: outputs `logits` [1 × labels] and `last_hidden_state`
 * [length × width]. Throws FileError and GraphError as `openHuggingFace` says.
 */
export function bertClassifier(source: Source): Graph {
  const { graph, model, sizes, hidden } = encoder(source);
  const { config } = source;
  const labels = config.countOf('id2label') ?? config.integer('num_labels', 2);
  const pooler = model.at('pooler');
  const corner = { starts: [0, 0], counts: [1, sizes.width], steps: [1, 1] };
  const first = pooler.op('slice', 'first row', [hidden], corner);
  const dense = pooler.linear('dense', first, 'bert.pooler.dense', sizes.width);
  const pooled = pooler.op('tanh', 'pooled', [dense]);
  const head = model.at('logits');
  const weight = head.weight('weight', 'classifier.weight', [labels, sizes.width]);
  const bias = head.weight('bias', 'classifier.bias', [labels]);
  const logits = head.op('linear', '', [pooled, weight, bias], { transposed: true });
  return graph.finish([logits, hidden]);
}

/** BertForMaskedLM: outputs `logits` [length × vocabulary] and `last_hidden_state`. */
export function bertMasked(source: Source): Graph {
  const { graph, model, sizes, hidden } = encoder(source);
  const key = 'cls.predictions';
  const shape = [sizes.vocabulary, sizes.width];
  const transform = model.at('transform');
  const dense = transform.linear('dense', hidden, `${key}.transform.dense`, sizes.width);
  const active = transform.op(sizes.activation, 'active', [dense]);
  const normed = transform.layerNorm('norm', active, `${key}.transform.LayerNorm`, sizes.eps);
  const head = model.at('logits');
  const weight = source.config.flag('tie_word_embeddings', true)
    ? model.weight('tokens', WORDS, shape)
    : head.weight('weight', `${key}.decoder.weight`, shape);
  const own = model.has(`${key}.bias`) ? `${key}.bias` : `${key}.decoder.bias`;
  const bias = head.weight('bias', own, [sizes.vocabulary]);
  const logits = head.op('linear', '', [normed, weight, bias], { transposed: true });
  return graph.finish([logits, hidden]);
}

const WORDS = 'bert.embeddings.word_embeddings.weight';

/** The sum of three embeddings, normed: [length × width]. */
function embed(part: Part, sizes: BertSizes): string {
  const { length, width, eps } = sizes;
  const at = 'bert.embeddings';
  const table = (what: string, key: string, rows: number): string =>
    part.weight(what, `${at}.${key}_embeddings.weight`, [rows, width]);
  const looked = (what: string, from: string, input: string): string =>
    part.op('gather', what, [from, part.graph.input(input, 'i32', [length])]);
  const words = looked('words', table('tokens', 'word', sizes.vocabulary), 'input_ids');
  const kinds = looked('kinds', table('segments', 'token_type', sizes.segments), 'token_type_ids');
  const where = table('positions', 'position', sizes.positions);
  const places = part.op('window', 'places', [where], { start: 0, count: length });
  const sum = part.op('add', 'sum', [part.op('add', 'typed words', [words, kinds]), places]);
  return part.layerNorm('norm', sum, `${at}.LayerNorm`, eps);
}

/** The most negative float32, which transformers adds to what must not be seen; −∞ could give NaN. */
const HIDDEN = -3.4028234663852886e38;

/** 0 for tokens that are seen and HIDDEN for others, as one row of scores [1 × length]. */
function additiveMask(part: Part, length: number): string {
  const seen = part.graph.input('attention_mask', 'i32', [length]);
  const ones = part.op('cast', 'seen', [seen], { to: 'f32' });
  const unseen = part.op('sub', 'unseen', [part.graph.constant('mask/one', 'f32', [], [1]), ones]);
  const row = part.op('reshape', 'row', [unseen], { shape: [1, length] });
  return part.scaled('scores', row, HIDDEN);
}

function attention(part: Part, x: string, key: string, mask: string, sizes: BertSizes): string {
  const { width, heads } = sizes;
  const at = `${key}.attention`;
  const q = part.linear('q', x, `${at}.self.query`, width);
  const k = part.linear('k', x, `${at}.self.key`, width);
  const v = part.linear('v', x, `${at}.self.value`, width);
  const mixed = part.attention(q, k, v, { heads, mask });
  const out = part.linear('out', mixed, `${at}.output.dense`, width);
  return part.layerNorm('norm', part.residual(x, out), `${at}.output.LayerNorm`, sizes.eps);
}

function feedForward(
  part: Part,
  x: string,
  key: string,
  sizes: BertSizes,
  output?: string,
): string {
  const up = part.linear('up', x, `${key}.intermediate.dense`, sizes.inner);
  const active = part.op(sizes.activation, 'active', [up]);
  const down = part.linear('down', active, `${key}.output.dense`, sizes.width);
  const sum = part.residual(x, down);
  return part.layerNorm('norm', sum, `${key}.output.LayerNorm`, sizes.eps, output);
}
