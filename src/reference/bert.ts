/** The forward pass of a BERT classifier: an encoder of post-norm layers. */
import { gelu, tanh } from './activation.ts';
import type { Heads } from './attention.ts';
import { selfAttention } from './attention.ts';
import { feedForward } from './feed-forward.ts';
import { add, embed, embedWithPositions, linear } from './linear.ts';
import type { Matrix } from './matrix.ts';
import { mapElements, row } from './matrix.ts';
import type { Sublayer } from './transformer.ts';
import { postNormLayer } from './transformer.ts';
import type { WeightLookup } from './weights.ts';
import { layerNormNamed, torchAttention, torchLinear } from './weights.ts';

/** What the weights of a BERT do not tell. */
export interface BertConfig {
  readonly layers: number;
  readonly heads: number;
  readonly layerNormEpsilon: number;
}

/** One sequence; tokens from `length` on are padding that nobody attends to. */
export interface BertInput {
  readonly ids: readonly number[];
  readonly segments: readonly number[];
  readonly length: number;
}

/** The last hidden state [ids.length × d]. Source: Devlin et al. 2019, §3. */
export function bertHidden(input: BertInput, config: BertConfig, weights: WeightLookup): Matrix {
  const table = (name: string) => weights(`bert.embeddings.${name}_embeddings.weight`);
  const places = embedWithPositions(table('word'), table('position'), input.ids);
  const embedded = add(places, embed(table('token_type'), input.segments)); // [n × d]
  const heads = { heads: config.heads, keyLength: input.length };
  let x = layerNormNamed('bert.embeddings.LayerNorm', config.layerNormEpsilon, weights)(embedded);
  for (let layer = 0; layer < config.layers; layer++) {
    x = postNormLayer(x, bertSublayers(`bert.encoder.layer.${layer}`, heads, config, weights));
  }
  return x;
}

/** Class logits [1 × classes], from the hidden state of the first token through the pooler. */
export function bertClassify(hidden: Matrix, weights: WeightLookup): Matrix {
  const first = linear(row(hidden, 0), torchLinear('bert.pooler.dense', weights));
  return linear(mapElements(first, tanh), torchLinear('classifier', weights));
}

function bertSublayers(
  prefix: string,
  heads: Heads,
  config: BertConfig,
  weights: WeightLookup,
): Sublayer[] {
  const load = (name: string) => torchLinear(name, weights);
  const norm = (name: string) =>
    layerNormNamed(`${prefix}.${name}`, config.layerNormEpsilon, weights);
  const names = ['self.query', 'self.key', 'self.value', 'output.dense'] as const;
  const attention = torchAttention(`${prefix}.attention`, names, load);
  const up = load(`${prefix}.intermediate.dense`);
  const down = load(`${prefix}.output.dense`);
  return [
    { norm: norm('attention.output.LayerNorm'), apply: (x) => selfAttention(x, attention, heads) },
    { norm: norm('output.LayerNorm'), apply: (x) => feedForward(x, { up, down }, gelu) },
  ];
}
