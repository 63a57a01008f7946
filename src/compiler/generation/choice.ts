/** The choice of the next token: from `logits` to a token in CHOSEN. */
import { argmax } from '../../../isa/instructions/argmax.ts';
import { ecallSample } from '../../../isa/instructions/ecall-sample.ts';
import { iadd } from '../../../isa/instructions/iadd.ts';
import { rowMax } from '../../../isa/instructions/rowmax.ts';
import { rowSum } from '../../../isa/instructions/rowsum.ts';
import { emitKernel, line } from '../emit/kernel.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { allocate } from '../passes/allocate.ts';
import type { GenerationOptions } from './options.ts';
import { isGreedy } from './options.ts';
import type { Level, Pick } from './pyramid.ts';
import { descentLines, levelsAbove, pyramidKernel } from './pyramid.ts';
import type { Weights } from './weights.ts';
import {
  thresholdData,
  thresholdSetup,
  topKKernel,
  topPKernel,
  weightsKernel,
  weightsOf,
} from './weights.ts';

/** Instructions, and the memory that they need. */
export interface Choice {
  readonly data: readonly string[];
  readonly bss: readonly string[];
  readonly text: readonly string[];
}

/** How many draws there have been: the number of the next one. */
export const DRAWS = 'r23';

const WEIGHTS = 'choice_weights';

/** Takes the best token, or draws one. */
export function choiceLines(options: GenerationOptions): Choice {
  const { model, tile } = options;
  const logits: Level = { symbol: 'logits', count: model.vocabulary };
  const maxima = levelsAbove(logits, 'choice_maxima', tile);
  const findMaxima = pyramidKernel('choice_maxima', 'maxima of groups', rowMax, maxima, tile);
  const rest = isGreedy(options.sampling) ? greedy(maxima, tile) : sampled(options, logits, maxima);
  return {
    data: rest.data,
    bss: [...levelData(maxima, 'The largest logit of each group'), ...rest.bss],
    text: [...kernelLines(findMaxima, tile), ...rest.text],
  };
}

function greedy(maxima: readonly Level[], tile: number): Choice {
  const pick: Pick = (rd, ts) => [line(argmax, [rd, ts])];
  const title = '; the best token: which group has it, and so on down; the first of equals';
  return { data: [], bss: [], text: [title, ...descentLines(maxima, tile, pick)] };
}

function sampled(options: GenerationOptions, logits: Level, maxima: readonly Level[]): Choice {
  const { model, tile, sampling } = options;
  const weights = weightsOf(WEIGHTS, model.vocabulary, tile);
  const filters = filterKernels(options, weights);
  const sums = levelsAbove({ symbol: WEIGHTS, count: logits.count }, 'choice_sums', tile);
  const title = 'weights of groups, so that one can be drawn';
  const findWeights = weightsKernel(logits, maxima.at(-1)!, weights, sampling.temperature);
  const addUp = pyramidKernel('choice_sums', title, rowSum, sums, tile);
  const lines = (kernels: readonly Kernel[]) => kernels.flatMap((k) => kernelLines(k, tile));
  const shape = `${weights.tiles * tile}, ${tile}`;
  return {
    data: [
      ';; Weights of all tokens, with zeros behind them up to a whole tile.',
      `${WEIGHTS}: .f32 ${shape} = zeros()`,
      ...(filters.length === 0 ? [] : thresholdData()),
    ],
    bss: levelData(sums, 'The weight of each group'),
    text: [
      ...lines([findWeights]),
      ...(filters.length === 0 ? [] : thresholdSetup()),
      ...lines([...filters, addUp]),
      '; draw a token: first the group it is in, and so on down; each draw has its own number',
      ...descentLines(sums, tile, draw),
    ],
  };
}

const draw: Pick = (rd, ts) => [line(ecallSample, [rd, ts, DRAWS]), line(iadd, [DRAWS, DRAWS, 1])];

function filterKernels({ model, sampling }: GenerationOptions, weights: Weights): Kernel[] {
  const { topK = 0, topP = 1 } = sampling;
  const isNarrow = topK > 0 && topK < model.vocabulary;
  return [
    ...(isNarrow ? [topKKernel(weights, topK)] : []),
    ...(Math.fround(topP) < 1 ? [topPKernel(weights, topP)] : []),
  ];
}

function levelData(levels: readonly Level[], doc: string): string[] {
  return levels
    .slice(1)
    .flatMap(({ symbol, count }, below) => [
      `;; ${doc} of ${levels[below]!.symbol}.`,
      `${symbol}: .f32 ${count}`,
    ]);
}

/** A kernel with its title. Buffers are called as their symbols; labels get a number when needed. */
function kernelLines(kernel: Kernel, tile: number): readonly string[] {
  if (kernel.body.length === 0) return []; // a pyramid that is no higher than its bottom
  const { kernel: allocated, registers, spilled } = allocate(kernel, { tile });
  if (spilled > 0) throw new Error(`invariant: ${kernel.name} fits the tile registers`);
  const used = new Map<string, number>();
  const labels = (wanted: string) => {
    const count = used.get(wanted) ?? 0;
    used.set(wanted, count + 1);
    return count === 0 ? wanted : `${wanted}_${count}`;
  };
  const buffers = (symbol: string) => ({ symbol, offset: 0 });
  return [`; ${kernel.title}`, ...emitKernel(allocated, registers, buffers, labels)];
}
