/** Sampling: from logits to the weight of each token, and which of them are kept. */
import { add } from '../../../isa/instructions/add.ts';
import { div } from '../../../isa/instructions/div.ts';
import { exp } from '../../../isa/instructions/exp.ts';
import { less } from '../../../isa/instructions/less.ts';
import { li } from '../../../isa/instructions/li.ts';
import { mul } from '../../../isa/instructions/mul.ts';
import { rowMax } from '../../../isa/instructions/rowmax.ts';
import { rowSum } from '../../../isa/instructions/rowsum.ts';
import { select } from '../../../isa/instructions/select.ts';
import { storeI32 } from '../../../isa/instructions/store-i32.ts';
import { sub } from '../../../isa/instructions/sub.ts';
import { transpose } from '../../../isa/instructions/transpose.ts';
import { line } from '../emit/kernel.ts';
import { times } from '../kernel/affine.ts';
import { KernelBuilder, further, placeIn } from '../kernel/builder.ts';
import type { Kernel, Place, TileValue } from '../kernel/kernel.ts';
import { ELEMENT_BYTES } from '../lower/context.ts';
import { LAYER } from '../registers.ts';
import type { Level } from './pyramid.ts';
import { overBlocks } from './pyramid.ts';

/** The weights: `tiles` whole tiles, in the order of tokens; what is behind the last token is 0. */
export interface Weights {
  readonly symbol: string;
  readonly tile: number;
  readonly tiles: number;
}

/** Where a search for a threshold keeps its state. */
const THRESHOLD = 'choice_threshold';
const IS_BELOW = 'choice_is_below';
const BITS = 'choice_bits';

/**
 * Holds the address of THRESHOLD. The same bits are read as an integer and as a float32, so the places
 * are named without a symbol, which would have only one of the two types.
 */
const THRESHOLD_ADDRESS = `r${LAYER.register}`;

/** The bits of float32 numbers below 2, sign and top of the exponent being 0, from the highest. */
const BIT_COUNT = 30;

/** As many whole tiles as a vocabulary needs. */
export function weightsOf(symbol: string, vocabulary: number, tile: number): Weights {
  return { symbol, tile, tiles: Math.ceil(vocabulary / tile ** 2) };
}

/** weight = e^((logit − highest) ÷ temperature): the softmax but for its divisor. The best weighs 1. */
export function weightsKernel(
  logits: Level,
  maxima: Level,
  { symbol, tile }: Weights,
  temperature: number,
): Kernel {
  const builder = new KernelBuilder(symbol);
  const stride = tile * ELEMENT_BYTES;
  const top = builder.load(placeIn(maxima.symbol), 1, maxima.count, stride);
  const highest = builder.compute(rowMax, 1, 1, { ts: top }, 'the highest logit');
  const divisor = builder.fill(temperature, 1, 1, 'temperature');
  overBlocks(builder, 'groups', logits.count, tile, ({ offset, rows, cols }) => {
    const bytes = times(offset, stride);
    const logit = builder.load(placeIn(logits.symbol, bytes), rows, cols, stride);
    const below = builder.compute(sub, rows, cols, { ta: logit, tb: highest });
    const scaled = builder.compute(div, rows, cols, { ta: below, tb: divisor });
    const weight = builder.compute(exp, rows, cols, { ts: scaled });
    builder.store(placeIn(symbol, bytes), weight, stride);
  });
  return builder.finish('', `weight of each token: e^((logit - highest) / ${temperature})`);
}

/**
 * Keeps the k best tokens and those that weigh the same as the k-th, as Hugging Face's
 * TopKLogitsWarper does; the others get weight 0. Exact: the threshold is the k-th largest weight.
 */
export function topKKernel(weights: Weights, k: number): Kernel {
  const builder = new KernelBuilder('choice_top_k');
  const one = builder.fill(1, 1, 1);
  const goal = builder.fill(k, 1, 1, 'tokens to keep at least');
  keepHeaviest(builder, weights, goal, () => one);
  return builder.finish('', `top-k: keep the ${k} heaviest tokens, and those as heavy as the last`);
}

/**
 * Keeps the smallest set of heaviest tokens whose weights sum up to p of all or more, and those that
 * weigh the same as the last of them, as Hugging Face's TopPLogitsWarper does but for such ties; the
 * others get weight 0. Exact, with sums as float32 rounds them (`totalOf` has the order).
 */
export function topPKernel(weights: Weights, p: number): Kernel {
  const builder = new KernelBuilder('choice_top_p');
  const total = totalOf(builder, weights, (weight) => weight);
  const part = builder.fill(p, 1, 1);
  const goal = builder.compute(mul, 1, 1, { ta: total, tb: part }, 'weight to keep at least');
  keepHeaviest(builder, weights, goal, (weight) => weight);
  return builder.finish('', `top-p: keep the heaviest tokens that are ${p} of the weight together`);
}

/**
 * Finds the largest threshold t with Σ value(w) over the weights w ≥ t at or above `goal`, and makes
 * the weights below it 0. `goal` must be positive.
 *
 * Non-negative float32 numbers are in the same order as their bits read as integers, so t is found bit by
 * bit, from the highest: a bit that would leave too little is taken back. 30 rounds settle it exactly,
 * since a rounded sum in a fixed order never grows when a term becomes 0.
 */
function keepHeaviest(
  builder: KernelBuilder,
  weights: Weights,
  goal: TileValue,
  value: (weight: TileValue) => TileValue,
): void {
  const { tile } = weights;
  const threshold = placeIn(THRESHOLD_ADDRESS);
  const zero = builder.fill(0, 1, 1);
  builder.storeInteger(threshold, 0);
  builder.loop('bits', BIT_COUNT, 1, ({ at }) => {
    const bit = builder.integerAt(placeIn(BITS, times(at, ELEMENT_BYTES)), 'bit');
    const trial = builder.integer('add', builder.integerAt(threshold, 'so far'), bit, 'trial');
    builder.storeInteger(threshold, trial);
    const t = builder.load(threshold, 1, 1, ELEMENT_BYTES, 'the same bits, as a float32');
    const kept = totalOf(builder, weights, (weight) => {
      const tc = builder.compute(less, tile, tile, { ta: weight, tb: t });
      return builder.compute(select, tile, tile, { tc, ta: zero, tb: value(weight) });
    });
    const isBelow = builder.compute(less, 1, 1, { ta: kept, tb: goal }, '1 if it is too little');
    builder.push(storeI32, { addr: placeIn(IS_BELOW), ts: isBelow, stride: ELEMENT_BYTES });
    const back = builder.integer('mul', builder.integerAt(placeIn(IS_BELOW), 'is below'), bit);
    builder.storeInteger(threshold, builder.integer('sub', trial, back));
  });
  const t = builder.load(threshold, 1, 1, ELEMENT_BYTES, 'the threshold');
  overTiles(builder, 'keep', weights, (place, weight) => {
    const tc = builder.compute(less, tile, tile, { ta: weight, tb: t });
    const kept = builder.compute(select, tile, tile, { tc, ta: zero, tb: weight });
    builder.store(place, kept, tile * ELEMENT_BYTES);
  });
}

/**
 * Σ value(w): row sums of each tile, these added up over the tiles in order, and the sum of that
 * column (docs/numerics.md has the order of a row sum).
 */
function totalOf(
  builder: KernelBuilder,
  weights: Weights,
  value: (weight: TileValue) => TileValue,
): TileValue {
  const { tile } = weights;
  const sums = builder.fill(0, tile, 1);
  overTiles(builder, 'sum', weights, (_, weight) => {
    const tb = builder.compute(rowSum, tile, 1, { ts: value(weight) });
    builder.into(sums, add, { ta: sums, tb });
  });
  return builder.compute(rowSum, 1, 1, { ts: builder.compute(transpose, 1, tile, { ts: sums }) });
}

function overTiles(
  builder: KernelBuilder,
  name: string,
  { symbol, tile, tiles }: Weights,
  body: (place: Place, weight: TileValue) => void,
): void {
  const stride = tile * ELEMENT_BYTES;
  builder.loop(name, tiles * tile, tile, ({ at }) => {
    const place = further(placeIn(symbol), times(at, stride));
    body(place, builder.load(place, tile, tile, stride));
  });
}

/** What has to stand before kernels that search for a threshold. */
export function thresholdSetup(): readonly string[] {
  return [
    '; Positive float32 numbers are in the order of their bits. So the threshold of what is kept can be',
    '; found bit by bit, from the highest: a bit with which too little would be kept is taken back.',
    line(li, [THRESHOLD_ADDRESS, THRESHOLD], 'an integer and a float32 in turn'),
  ];
}

/** What they need in memory. */
export function thresholdData(): readonly string[] {
  const bits = Array.from({ length: BIT_COUNT }, (_, i) => 2 ** (BIT_COUNT - 1 - i));
  return [
    ';; The lightest weight that is kept, found bit by bit.',
    `${THRESHOLD}: .i32 1 = zeros()`,
    `${IS_BELOW}: .i32 1 = zeros()`,
    ';; The bits of a float32 below 2, from the highest.',
    `${BITS}: .i32 ${BIT_COUNT} = [${bits.join(', ')}]`,
  ];
}
