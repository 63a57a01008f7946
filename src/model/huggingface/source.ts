/** What every family's importer is given, and the lengths that a model is built for. */
import { FileError } from '../tensor-file.ts';
import type { Weights } from './checkpoint.ts';
import type { Config } from './config.ts';

export interface HuggingFaceOptions {
  /** The most tokens that one pass works on; 64 or the context when not given. */
  readonly rows?: number;
  /** Positions that caches have room for; the model's own, but at most 2048, when not given. */
  readonly context?: number;
  /** The longest text of an encoder; as `context`. */
  readonly source?: number;
  /** Tokens of an encoder-only model, no fewer and no more; the model's own, but at most 128. */
  readonly length?: number;
  /** `decode` gives the logits of all its rows, [rows × vocabulary], not of the last one only. */
  readonly allLogits?: boolean;
}

export interface Source {
  readonly name: string;
  /** The architecture's name in config.json. */
  readonly architecture: string;
  readonly config: Config;
  /** generation_config.json; empty when there is none. */
  readonly generation: Config;
  readonly checkpoint: Weights;
  readonly options: HuggingFaceOptions;
}

/** Room for caches that is taken when nobody asked for another: it is allocated whole. */
const DEFAULT_CONTEXT = 2048;
const DEFAULT_ROWS = 64;
const DEFAULT_LENGTH = 128;

/** The limits of a decoder with this many positions. Throws FileError 'outside' beyond them. */
export function decoderLimits(
  options: HuggingFaceOptions,
  positions: number,
): { readonly rows: number; readonly context: number } {
  const context = chosen('context', options.context, DEFAULT_CONTEXT, positions);
  return { context, rows: chosen('rows', options.rows, DEFAULT_ROWS, context) };
}

/** The longest text of an encoder with this many positions. */
export function sourceLimit(options: HuggingFaceOptions, positions: number): number {
  return chosen('source', options.source, DEFAULT_CONTEXT, positions);
}

/** The length of an encoder-only model with this many positions. */
export function encoderLength(options: HuggingFaceOptions, positions: number): number {
  return chosen('length', options.length, DEFAULT_LENGTH, positions);
}

function chosen(what: string, wanted: number | undefined, byDefault: number, most: number): number {
  const value = wanted ?? Math.min(byDefault, most);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new FileError('outside', `${what} ${value} is not possible`, `it can be 1 to ${most}`);
}
