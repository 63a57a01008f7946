/** What BART and T5 have in common: two graphs, and the caches through which one speaks to the other. */
import type { LanguageModel } from '../graph.ts';
import { GraphBuilder } from '../graph-builder.ts';
import { readGeneration } from './generation.ts';
import type { CacheRows } from './part.ts';
import { Part } from './part.ts';
import type { Source } from './source.ts';
import { decoderLimits, sourceLimit } from './source.ts';

export interface Caches {
  /** Keys and values of the decoder's own tokens. */
  readonly own: CacheRows;
  /** Keys and values of the encoder's text, which `encode` fills. */
  readonly memory: CacheRows;
}

export interface EncoderDecoder {
  /** The longest texts that each side may be built for. */
  readonly positions: number;
  readonly vocabulary: number;
  readonly end: number;
  readonly decoderStart: number;
  /** Builds the encoder, [source × width], from its tokens on. */
  readonly encode: (model: Part, caches: Caches) => string;
  /** Projects the encoder's rows for a layer of the decoder: `keys` and `values`. */
  readonly crossProject: (part: Part, hidden: string, layer: number) => readonly string[];
  readonly decoderLayers: number;
  /** Builds the decoder up to its last layer, [rows × width]. */
  readonly decode: (model: Part, caches: Caches) => string;
  /** The logits of rows. */
  readonly logits: (model: Part, x: string) => string;
}

/** The two graphs of a model, and how text is made with them. */
export function encoderDecoderModel(source: Source, family: EncoderDecoder): LanguageModel {
  const { name, options, checkpoint } = source;
  const { positions, vocabulary, end, decoderStart } = family;
  const limits = {
    ...decoderLimits(options, positions),
    source: sourceLimit(options, positions),
  };
  const caches: Caches = {
    own: { capacity: limits.context, start: 'position', count: 'context' },
    memory: { capacity: limits.source, start: 0, count: 'source' },
  };
  const encoder = new GraphBuilder(`${name} encoder`, { source: limits.source });
  const hidden = encodeAll(new Part(encoder, checkpoint, 'embed'), family, caches);
  const decoder = new GraphBuilder(name, limits);
  const model = new Part(decoder, checkpoint, 'embed');
  let x = family.decode(model, caches);
  if (options.allLogits !== true) x = model.at('last row').op('last', '', [x]);
  const logits = family.logits(model, x);
  return {
    name,
    encode: encoder.finish([hidden]),
    decode: decoder.finish([logits]),
    generation: readGeneration(source, { vocabulary, context: limits.context, end, decoderStart }),
  };
}

/** The encoder, then the keys and values that each layer of the decoder looks for; gives its rows. */
function encodeAll(model: Part, family: EncoderDecoder, caches: Caches): string {
  const hidden = family.encode(model, caches);
  for (let layer = 0; layer < family.decoderLayers; layer++) {
    const part = model.at(`decoder layer ${layer}/cross-attention`);
    const [keys, values] = family.crossProject(part, hidden, layer);
    part.append('source keys', keys!, caches.memory);
    part.append('source values', values!, caches.memory);
  }
  return hidden;
}

/** The keys and values of the encoder's text, as a layer of the decoder finds them. */
export function recallSource(part: Part, width: number, { memory }: Caches): [string, string] {
  return [part.recall('source keys', width, memory), part.recall('source values', width, memory)];
}
