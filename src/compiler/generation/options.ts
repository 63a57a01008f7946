/** What a generation loop has to know of its model and of how tokens are chosen. */
import type { Generation } from '../../model/graph.ts';

/** How the next token is chosen from the logits. */
export interface Sampling {
  /**
   * What logits are divided by; 0, or what becomes 0 as a float32, takes the best token every time
   * and uses nothing else of this.
   */
  readonly temperature: number;
  /** Only the k best tokens, and those as good as the k-th; 0 or absent for all. */
  readonly topK?: number | undefined;
  /** Only the best tokens that have this probability together; 1 or absent for all. */
  readonly topP?: number | undefined;
}

export interface GenerationOptions {
  readonly model: Pick<Generation, 'vocabulary' | 'context' | 'end' | 'decoderStart'>;
  /** Edge of a tile, at least 2. */
  readonly tile: number;
  /** Tokens that one pass of the decoder takes at most: the size of `decode_tokens`. */
  readonly rowLimit: number;
  /** Encoder-decoder models: tokens that the encoder takes at most, the size of `encode_tokens`. */
  readonly sourceLimit?: number | undefined;
  /** What `.param MAX_NEW_TOKENS` says when nobody overrides it. */
  readonly maxNewTokens: number;
  readonly sampling: Sampling;
}

/** Counts of tokens are float32 numbers on the machine, exact up to here. */
const LARGEST_VOCABULARY = 2 ** 24;

/** Whether the best token is taken every time. */
export function isGreedy({ temperature }: Sampling): boolean {
  return Math.fround(temperature) === 0;
}

/** Throws RangeError for an option that cannot be, with its name. */
export function requireOptions(options: GenerationOptions): void {
  const { model, sampling } = options;
  requireInteger('tile', options.tile, 2);
  requireInteger('rowLimit', options.rowLimit, 1);
  requireInteger('maxNewTokens', options.maxNewTokens, 0);
  requireInteger('vocabulary', model.vocabulary, 1, LARGEST_VOCABULARY);
  requireInteger('context', model.context, 1);
  for (const token of model.end) requireInteger('end', token, 0);
  if ((options.sourceLimit === undefined) !== (model.decoderStart === undefined)) {
    throw new RangeError('sourceLimit and decoderStart belong together: both, or neither');
  }
  if (options.sourceLimit !== undefined) requireInteger('sourceLimit', options.sourceLimit, 1);
  if (model.decoderStart !== undefined) requireInteger('decoderStart', model.decoderStart, 0);
  requireSampling(sampling);
}

function requireSampling({ temperature, topK, topP }: Sampling): void {
  if (!(temperature >= 0 && Math.fround(temperature) < Infinity)) {
    throw new RangeError(`temperature is a number from 0; got ${temperature}`);
  }
  if (topK !== undefined) requireInteger('topK', topK, 0);
  if (topP !== undefined && !(Math.fround(topP) > 0 && topP <= 1)) {
    throw new RangeError(`topP is above 0 and at most 1; got ${topP}`);
  }
}

function requireInteger(name: string, value: number, low: number, high = Infinity): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  const range = high === Infinity ? `from ${low}` : `from ${low} to ${high}`;
  throw new RangeError(`${name} is an integer ${range}; got ${value}`);
}
