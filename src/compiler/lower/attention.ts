/** Lowering of `attention`: scores, softmax and weighted sum of values in one walk over the columns. */
import { add } from '../../../isa/instructions/add.ts';
import { copy } from '../../../isa/instructions/copy.ts';
import { div } from '../../../isa/instructions/div.ts';
import { exp } from '../../../isa/instructions/exp.ts';
import { mask as maskFuture } from '../../../isa/instructions/mask.ts';
import { max } from '../../../isa/instructions/max.ts';
import { mul } from '../../../isa/instructions/mul.ts';
import { rowMax } from '../../../isa/instructions/rowmax.ts';
import { rowSum } from '../../../isa/instructions/rowsum.ts';
import { sub } from '../../../isa/instructions/sub.ts';
import type { Integer, Size } from '../kernel/affine.ts';
import { affine, plus, times } from '../kernel/affine.ts';
import type { Round } from '../kernel/builder.ts';
import { KernelBuilder, further } from '../kernel/builder.ts';
import type { Kernel, TileValue } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import { batchOf, ofOneSequence } from './batch.ts';
import type { LowerContext, MatrixView } from './context.ts';
import { ELEMENT_BYTES, matrixOf } from './context.ts';
import { LOWEST, atLeastOne } from './rows.ts';

/** Tile registers that heads side by side may take together. */
const REGISTERS = 30;
/** Of each head, beside its queries and sums: maximum, total, scores and what becomes of them. */
const TEMPORARIES = 7;

interface Frame {
  readonly builder: KernelBuilder;
  readonly context: LowerContext;
  readonly q: MatrixView;
  readonly k: MatrixView;
  readonly v: MatrixView;
  readonly y: MatrixView;
  readonly heads: number;
  /** Heads of q to one of k and v. */
  readonly group: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly scale: number;
  readonly causal: boolean;
  readonly mask: MatrixView | undefined;
  readonly relative: MatrixView | undefined;
  readonly centre: number;
}

/** What is known of one head while it walks over the columns. */
interface Head {
  /** Its number among all. */
  readonly at: Integer;
  readonly queries: readonly TileValue[];
  /** The highest score so far, rows × 1. */
  readonly highest: TileValue;
  /** Σ e^(score − highest), rows × 1. */
  readonly total: TileValue;
  /** Σ e^(score − highest) · v, by tiles of the value width. */
  readonly sums: readonly TileValue[];
}

/**
 * The online softmax of Milakov and Gimelshein (2018) as in FlashAttention (Dao et al., 2022): the
 * scores of one block of columns at a time, earlier sums scaled down when a higher score appears.
 */
export function lowerAttention(step: Step, context: LowerContext): Kernel {
  const frame = frameOf(step, context);
  const { builder } = frame;
  const batch = batchOf(step);
  if (batch === 1) {
    lowerRows(frame);
  } else {
    const columns = ofOneSequence(builder, frame.k.rows, batch, 'context');
    builder.loop('sequences', batch, 1, ({ at }) =>
      lowerRows(sequenceOf(frame, at, batch, columns)),
    );
  }
  const [q, k, v] = step.node.inputs;
  return builder.finish(step.node.part, `${step.output} ← softmax(${q} · ${k}ᵀ) · ${v}, by heads`);
}

function lowerRows(frame: Frame): void {
  const { builder, group, heads, q, context } = frame;
  const together = headsTogether(frame);
  builder.loop('kv_heads', heads / group, 1, (kv) => {
    builder.loop('heads', group, together, (first) => {
      builder.loop('rows', q.rows, context.tile, (r) => {
        lowerHeads(frame, kv.at, first.at, together, r);
      });
    });
  });
}

/** The one row of a sequence among `batch`, and every so many rows of the caches: it sees all of them. */
function sequenceOf(frame: Frame, at: Integer, batch: number, columns: Size): Frame {
  const rowsOf = (view: MatrixView, rows: Size, apart: number): MatrixView => ({
    ...view,
    place: further(view.place, times(at, view.stride)),
    rows,
    stride: view.stride * apart,
  });
  return {
    ...frame,
    q: rowsOf(frame.q, 1, 1),
    k: rowsOf(frame.k, columns, batch),
    v: rowsOf(frame.v, columns, batch),
    y: rowsOf(frame.y, 1, 1),
    causal: false,
  };
}

function frameOf({ node, output }: Step, context: LowerContext): Frame {
  const [q, k, v, mask, relative] = node.inputs;
  const { heads, kv_heads: kvHeads, scale, centre } = node.attributes as Record<string, number>;
  const [queries, keys, values] = [q, k, v].map((name) => matrixOf(context, name!));
  return {
    builder: new KernelBuilder(output),
    context,
    q: queries!,
    k: keys!,
    v: values!,
    y: matrixOf(context, output),
    heads: heads!,
    group: heads! / kvHeads!,
    width: queries!.cols / heads!,
    valueWidth: values!.cols / kvHeads!,
    scale: scale!,
    causal: node.attributes.causal === true,
    mask: mask ? matrixOf(context, mask) : undefined,
    relative: relative ? matrixOf(context, relative) : undefined,
    centre: centre!,
  };
}

/** Heads that share keys and values and fit the registers together; their work overlaps. */
function headsTogether({ context, group, width, valueWidth }: Frame): number {
  if (context.level === 0) return 1;
  const tiles = Math.ceil(width / context.tile) + Math.ceil(valueWidth / context.tile);
  const fits = (count: number) => count * (tiles + TEMPORARIES) + 2 <= REGISTERS;
  for (let count = group; count > 1; count--) {
    if (group % count === 0 && fits(count)) return count;
  }
  return 1;
}

function lowerHeads(frame: Frame, kv: Integer, first: Integer, together: number, r: Round): void {
  const { builder, context, q, k, group } = frame;
  const heads = Array.from({ length: together }, (_, i) =>
    startHead(frame, plus(plus(times(kv, group), first), i), r),
  );
  // The first row of this block sees columns up to and with this one.
  const row = sizeFrom(builder, r.at);
  const seen = builder.integer('add', builder.integer('sub', k.rows, q.rows), row, 'seen');
  const columns = frame.causal ? builder.integer('add', seen, r.size, 'columns') : k.rows;
  builder.loop('columns', columns, context.tile, (c) => walkColumns(frame, heads, kv, r, c, seen));
  for (const head of heads) finishHead(frame, head, r);
}

/** A loop index, or 0, as an operand. */
function sizeFrom(builder: KernelBuilder, at: Integer): Size {
  const { constant, terms } = affine(at);
  if (terms.length === 0) return constant;
  return builder.integer('add', terms[0]!.variable, constant);
}

function startHead(frame: Frame, at: Integer, r: Round): Head {
  const { builder, q, width, valueWidth, scale } = frame;
  const factor = scale === 1 ? undefined : builder.fill(scale, 1, 1, 'scale');
  const queries = cuts(frame, width).map(({ at: d, size }) => {
    const column = plus(times(at, width * ELEMENT_BYTES), d * ELEMENT_BYTES);
    const tile = builder.load(
      further(q.place, plus(times(r.at, q.stride), column)),
      r.size,
      size,
      q.stride,
      'q',
    );
    if (!factor) return tile;
    return builder.compute(mul, r.size, size, { ta: tile, tb: factor }, 'scaled');
  });
  return {
    at,
    queries,
    highest: builder.fill(LOWEST, r.size, 1, 'highest score'),
    total: builder.fill(0, r.size, 1, 'total'),
    sums: cuts(frame, valueWidth).map(({ size }) => builder.fill(0, r.size, size, 'sum of values')),
  };
}

const cuts = ({ context: { tile } }: Frame, width: number) =>
  Array.from({ length: Math.ceil(width / tile) }, (_, i) => ({
    at: i * tile,
    size: Math.min(tile, width - i * tile),
  }));

function walkColumns(
  frame: Frame,
  heads: readonly Head[],
  kv: Integer,
  r: Round,
  c: Round,
  seen: Size,
): void {
  const { builder, k, v, width, valueWidth } = frame;
  const loadCut = (view: MatrixView, wide: number, d: number, size: number, note: string) => {
    const column = plus(times(kv, wide * ELEMENT_BYTES), d * ELEMENT_BYTES);
    const offset = plus(times(c.at, view.stride), column);
    return builder.load(further(view.place, offset), c.size, size, view.stride, note);
  };
  const keys = cuts(frame, width).map(({ at, size }) => loadCut(k, width, at, size, 'k'));
  const future = frame.causal ? builder.integer('sub', seen, sizeFrom(builder, c.at)) : undefined;
  const extra = extraScores(frame, r, c, seen);
  const weights = heads.map((head) => weigh(frame, head, keys, r, c, future, extra(head)));
  cuts(frame, valueWidth).forEach(({ at, size }, i) => {
    const values = loadCut(v, valueWidth, at, size, 'v');
    heads.forEach(({ sums }, j) => {
      const { weight, shrink } = weights[j]!;
      builder.into(sums[i]!, mul, { ta: sums[i]!, tb: shrink });
      builder.accumulate(sums[i]!, weight, values, false);
    });
  });
}

/** What is added to the scores of rows r and columns c: the mask, and the bias of a head. */
function extraScores(frame: Frame, r: Round, c: Round, seen: Size) {
  const { builder, mask, relative, centre } = frame;
  const columns = times(c.at, ELEMENT_BYTES);
  const shared: TileValue[] = [];
  if (mask) {
    const isRow = mask.rows === 1;
    const offset = isRow ? columns : plus(columns, times(r.at, mask.stride));
    shared.push(
      builder.load(further(mask.place, offset), isRow ? 1 : r.size, c.size, mask.stride, 'mask'),
    );
  }
  return ({ at }: Head): readonly TileValue[] => {
    if (!relative) return shared;
    // One row further down is one element to the left: the tile runs up against its rows.
    const start = plus(times(at, relative.stride), centre * ELEMENT_BYTES);
    const offset = plus(plus(start, columns), times(seen, -ELEMENT_BYTES));
    const place = further(relative.place, offset);
    return [...shared, builder.load(place, r.size, c.size, -ELEMENT_BYTES, 'bias by distance')];
  };
}

/** The weights of one block of columns, and by how much earlier sums shrink. */
function weigh(
  { builder, causal }: Frame,
  { queries, highest, total }: Head,
  keys: readonly TileValue[],
  r: Round,
  c: Round,
  future: Size | undefined,
  extra: readonly TileValue[],
) {
  const shape = [r.size, c.size] as const;
  const column = [r.size, 1] as const;
  let scores = builder.multiply(queries[0]!, keys[0]!, true, 'scores');
  for (let d = 1; d < keys.length; d++) builder.accumulate(scores, queries[d]!, keys[d]!, true);
  for (const tb of extra) scores = builder.compute(add, ...shape, { ta: scores, tb });
  if (causal) scores = builder.compute(maskFuture, ...shape, { ts: scores, causal: future! });
  const top = builder.compute(rowMax, ...column, { ts: scores });
  const higher = builder.compute(max, ...column, { ta: highest, tb: top });
  const below = builder.compute(sub, ...shape, { ta: scores, tb: higher });
  const weight = builder.compute(exp, ...shape, { ts: below }, 'weights');
  const drop = builder.compute(sub, ...column, { ta: highest, tb: higher });
  const shrink = builder.compute(exp, ...column, { ts: drop });
  builder.into(highest, copy, { ts: higher });
  const sum = builder.compute(rowSum, ...column, { ts: weight });
  builder.into(total, mul, { ta: total, tb: shrink });
  builder.into(total, add, { ta: total, tb: sum });
  return { weight, shrink };
}

function finishHead({ builder, y, valueWidth, context }: Frame, head: Head, r: Round): void {
  const tb = atLeastOne(builder, head.total);
  head.sums.forEach((sum, i) => {
    const result = builder.compute(div, sum.rows, sum.cols, { ta: sum, tb });
    const column = plus(
      times(head.at, valueWidth * ELEMENT_BYTES),
      i * context.tile * ELEMENT_BYTES,
    );
    builder.store(further(y.place, plus(times(r.at, y.stride), column)), result, y.stride);
  });
}
