/** How text is made with a model: out of generation_config.json, then config.json. */
import type { Generation } from '../graph.ts';
import type { Config } from './config.ts';
import type { Source } from './source.ts';

/** What a family's class says where both files are silent. */
export interface GenerationDefaults {
  readonly vocabulary: number;
  readonly context: number;
  readonly end: number | undefined;
  /** Encoder-decoder models only. */
  readonly decoderStart?: number;
}

/** `GenerationConfig` of transformers: what sampling means when the file says no more. */
const TEMPERATURE = 1;
const TOP_K = 50;

/**
 * Tokens and defaults of generation. `before` and `after` are empty: the tokenizer's encode puts
 * begin-of-text and end-of-text where its post-processor says.
 */
export function readGeneration(source: Source, defaults: GenerationDefaults): Generation {
  const { vocabulary, context, decoderStart } = defaults;
  return {
    before: [],
    after: [],
    decoderStart:
      decoderStart === undefined ? undefined : readDecoderStart(source, decoderStart, vocabulary),
    end: readEnd(source, defaults),
    vocabulary,
    context,
    defaults: {
      maxNewTokens: maxNewTokens(source, decoderStart !== undefined),
      ...sampling(source),
    },
  };
}

function readEnd(source: Source, { end, vocabulary }: GenerationDefaults): readonly number[] {
  const key = 'eos_token_id';
  const file = [source.generation, source.config].find((one) => one.has(key) || one.isNull(key));
  if (!file) return end === undefined ? [] : [end];
  const ids = file.integers(key) ?? [];
  return checkIds(file, key, ids, vocabulary);
}

function readDecoderStart(source: Source, byDefault: number, vocabulary: number): number {
  const key = 'decoder_start_token_id';
  const file = [source.generation, source.config].find((one) => one.has(key));
  if (!file) return byDefault;
  return checkIds(file, key, [file.optionalInteger(key, 0) ?? byDefault], vocabulary)[0]!;
}

/** The ids, each inside the vocabulary. */
function checkIds(
  file: Config,
  key: string,
  ids: readonly number[],
  vocabulary: number,
): readonly number[] {
  if (ids.every((id) => id < vocabulary)) return ids;
  return file.malformed(key, `the vocabulary has ids 0 to ${vocabulary - 1}`);
}

/** `max_length` counts the decoder's first token, and in a decoder-only model the prompt too. */
function maxNewTokens({ generation }: Source, hasEncoder: boolean): number | undefined {
  const length = generation.optionalInteger('max_length', 2);
  const behindFirst = hasEncoder && length !== undefined ? length - 1 : undefined;
  return generation.optionalInteger('max_new_tokens') ?? behindFirst;
}

type Sampling = Pick<Generation['defaults'], 'temperature' | 'topK' | 'topP'>;

/** Nothing is sampled unless `do_sample` is true: the likeliest token is taken. */
function sampling({ generation }: Source): Sampling {
  const topK = generation.optionalInteger('top_k', 0) ?? TOP_K;
  const temperature = generation.number('temperature', TEMPERATURE);
  const topP = generation.optionalNumber('top_p');
  if (!generation.flag('do_sample', false)) {
    return { temperature: undefined, topK: undefined, topP: undefined };
  }
  return { temperature, topK: topK === 0 ? undefined : topK, topP };
}
