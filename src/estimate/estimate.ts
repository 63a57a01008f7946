/** What a model takes on a machine, without weights: its prefill and one decode step, or its one pass. */
import type { BuildOptions } from '../inference/build.ts';
import type { Machine } from '../machine/machine.ts';
import type { Graph, LanguageModel } from '../model/graph.ts';
import type { PassBooks, PassOptions } from './books.ts';
import { passBooks } from './books.ts';
import type { Pass } from './pass.ts';
import { graphPass, languagePass } from './pass.ts';

/** How long the texts are. */
export interface Lengths {
  /** Tokens of the prompt. */
  readonly prefill: number;
  /** Tokens that the decode step looks back at, its own included. */
  readonly context: number;
  /** Sequences that are decoded together. */
  readonly batch: number;
}

/** A model opened for some lengths: caches and rows have just that room. */
export interface Sized {
  readonly prefill: LanguageModel;
  readonly decode: LanguageModel;
}

export interface EstimateOptions
  extends PassOptions, Pick<BuildOptions, 'level' | 'quantize' | 'narrow'> {
  readonly machine: Machine;
  /** Told before each pass is timed. */
  readonly onPass?: (name: PassName) => void;
}

export type PassName = 'prefill' | 'decode' | 'pass';

export interface PassEstimate extends PassBooks {
  readonly name: PassName;
  /** Tokens that the pass works on, those of all sequences. */
  readonly tokens: number;
  /** Tokens that the last of each sequence looks at. */
  readonly context: number;
  /** Sequences in the pass. */
  readonly batch: number;
}

/** Prefill of one sequence, then one token more of each of a batch. */
export function estimateLanguage(
  { prefill, decode }: Sized,
  lengths: Lengths,
  options: EstimateOptions,
): readonly PassEstimate[] {
  const { batch, context } = lengths;
  const first = time('prefill', options, () =>
    languagePass(prefill, prefillPass(prefill, lengths), buildOptions(options)),
  );
  const next = time('decode', options, () =>
    languagePass(decode, decodePass(decode, lengths), { ...buildOptions(options), batch }),
  );
  return [
    { name: 'prefill', tokens: lengths.prefill, context: lengths.prefill, batch: 1, ...first },
    { name: 'decode', tokens: batch, context, batch, ...next },
  ];
}

/** The one pass of a graph. */
export function estimateGraph(graph: Graph, options: EstimateOptions): readonly PassEstimate[] {
  const books = time('pass', options, () => graphPass(graph, buildOptions(options)));
  return [{ name: 'pass', tokens: 1, context: 1, batch: 1, ...books }];
}

function time(
  name: PassName,
  options: EstimateOptions,
  program: () => Parameters<typeof passBooks>[0],
): PassBooks {
  options.onPass?.(name);
  return passBooks(program(), options.machine, options);
}

function buildOptions({ level, machine, quantize, narrow }: EstimateOptions): BuildOptions {
  return { level, tile: machine.tile, quantize, narrow };
}

/** The whole prompt at once; with an encoder, also the first step of the decoder. */
function prefillPass({ encode }: LanguageModel, { prefill }: Lengths): Pass {
  if (!encode) {
    return { routines: ['decode'], counts: { rows: prefill, position: 0, context: prefill } };
  }
  const counts = { source: prefill, rows: 1, position: 0, context: 1 };
  return { routines: ['encode', 'decode'], counts };
}

/** Rows of all sequences lie side by side in the caches, so positions count them all. */
function decodePass({ encode }: LanguageModel, { prefill, context, batch }: Lengths): Pass {
  const counts = { rows: batch, position: (context - 1) * batch, context: context * batch };
  return { routines: ['decode'], counts: encode ? { source: prefill, ...counts } : counts };
}
