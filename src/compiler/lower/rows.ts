/** Lowering of what works on whole rows: norms and softmax. Rows may be wider than a tile. */
import { add } from '../../../isa/instructions/add.ts';
import { div } from '../../../isa/instructions/div.ts';
import { exp } from '../../../isa/instructions/exp.ts';
import { log } from '../../../isa/instructions/log.ts';
import { max } from '../../../isa/instructions/max.ts';
import { mul } from '../../../isa/instructions/mul.ts';
import { normLayer } from '../../../isa/instructions/norm-layer.ts';
import { normRms } from '../../../isa/instructions/norm-rms.ts';
import { rowMax } from '../../../isa/instructions/rowmax.ts';
import { rowSum } from '../../../isa/instructions/rowsum.ts';
import { rsqrt } from '../../../isa/instructions/rsqrt.ts';
import { softmax } from '../../../isa/instructions/softmax.ts';
import { sub } from '../../../isa/instructions/sub.ts';
import type { InstructionDefinition } from '../../../isa/instruction.ts';
import type { Size } from '../kernel/affine.ts';
import { plus, times } from '../kernel/affine.ts';
import type { Round } from '../kernel/builder.ts';
import { KernelBuilder, further } from '../kernel/builder.ts';
import type { Kernel, TileValue } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext, MatrixView } from './context.ts';
import { ELEMENT_BYTES, matrixOf } from './context.ts';
import { loadAt } from './epilogue.ts';

/** From level 1 on, rows of up to this many tiles stay in registers. */
const MAX_KEPT = 12;

/** Below every score, and finite, so that −∞ minus it is −∞ and not NaN. */
export const LOWEST = -3.4028234663852886e38;

/** The rows r of a matrix, visited tile by tile as often as a formula needs. */
class RowWalk {
  readonly rows: Size;
  private readonly builder: KernelBuilder;
  private readonly view: MatrixView;
  private readonly r: Round;
  private readonly tile: number;
  private readonly keeps: boolean;
  private readonly kept = new Map<number, TileValue>();

  constructor(builder: KernelBuilder, context: LowerContext, view: MatrixView, r: Round) {
    this.builder = builder;
    this.view = view;
    this.r = r;
    this.rows = r.size;
    this.tile = context.tile;
    this.keeps = context.level > 0 && view.cols <= MAX_KEPT * context.tile;
  }

  /** Each tile of the rows from left to right; the pass's result for it may be kept for the next. */
  visit(name: string, body: (x: TileValue, c: Round) => TileValue | undefined): void {
    const { cols } = this.view;
    if (!this.keeps) {
      this.builder.pieces(name, cols, this.tile, (c) => void body(this.load(c), c));
      return;
    }
    for (let at = 0; at < cols; at += this.tile) {
      const c = { at, size: Math.min(this.tile, cols - at) };
      const result = body(this.kept.get(at) ?? this.load(c), c);
      if (result) this.kept.set(at, result);
    }
  }

  /** A sum or maximum over the row: rows × 1. */
  fold(
    name: string,
    start: number,
    combine: InstructionDefinition,
    reduce: InstructionDefinition,
    body: (x: TileValue, c: Round) => { readonly reduced: TileValue; readonly kept: TileValue },
  ): TileValue {
    const { builder, rows } = this;
    const total = builder.fill(start, rows, 1, name);
    this.visit(name, (x, c) => {
      const { reduced, kept } = body(x, c);
      const part = builder.compute(reduce, rows, 1, { ts: reduced });
      builder.into(total, combine, { ta: total, tb: part });
      return kept;
    });
    return total;
  }

  private load(c: Round): TileValue {
    const { place, stride } = this.view;
    const offset = plus(times(this.r.at, stride), times(c.at, ELEMENT_BYTES));
    return this.builder.load(further(place, offset), this.rows, c.size, stride, 'x');
  }
}

type RowFormula = (frame: RowFrame) => void;

interface RowFrame {
  readonly builder: KernelBuilder;
  readonly context: LowerContext;
  readonly step: Step;
  readonly r: Round;
  readonly width: number;
  readonly walk: RowWalk;
  /** Stores the result for columns c. */
  store(result: TileValue, c: Round): void;
  /** The result so far of columns c, where it was stored. */
  stored(c: Round): TileValue;
}

/** For each 16 rows, a formula. */
function lowerRows(step: Step, context: LowerContext, title: string, formula: RowFormula): Kernel {
  const builder = new KernelBuilder(step.output);
  const x = matrixOf(context, step.node.inputs[0]!);
  const y = matrixOf(context, step.output);
  builder.loop('rows', x.rows, context.tile, (r) => {
    const at = (c: Round) =>
      further(y.place, plus(times(r.at, y.stride), times(c.at, ELEMENT_BYTES)));
    formula({
      builder,
      context,
      step,
      r,
      width: x.cols,
      walk: new RowWalk(builder, context, x, r),
      store: (result, c) => builder.store(at(c), result, y.stride),
      stored: (c) => builder.load(at(c), r.size, c.size, y.stride),
    });
  });
  return builder.finish(step.node.part, title);
}

/** gain and bias of columns c as rows; what is absent is 1 and 0 and left out. */
function scaled(frame: RowFrame, x: TileValue, c: Round): TileValue {
  const { builder, context, step, r } = frame;
  const [, gain, bias] = step.node.inputs;
  const vector = (name: string) => loadAt(builder, context, name, r, c, 1, c.size);
  const y = gain ? builder.compute(mul, x.rows, x.cols, { ta: x, tb: vector(gain) }) : x;
  return bias ? builder.compute(add, x.rows, x.cols, { ta: y, tb: vector(bias) }) : y;
}

/** 1 / √(total/width + eps): rows × 1. */
function inverseRoot({ builder, step, walk, width }: RowFrame, total: TileValue): TileValue {
  const column = (definition: InstructionDefinition, ta: TileValue, tb: TileValue) =>
    builder.compute(definition, walk.rows, 1, { ta, tb });
  const mean = column(mul, total, builder.fill(1 / width, 1, 1));
  const safe = column(add, mean, builder.fill(step.node.attributes.eps as number, 1, 1, 'eps'));
  return builder.compute(rsqrt, walk.rows, 1, { ts: safe });
}

/** x / √(mean of x² + eps) · gain. */
export function lowerRmsNorm(step: Step, context: LowerContext): Kernel {
  const title = `${step.output} ← rms norm of ${step.node.inputs[0]}`;
  return lowerRows(step, context, title, (frame) => {
    const { builder, walk, width } = frame;
    if (width <= context.tile) {
      walk.visit('columns', (x, c) => normTile(frame, normRms, x, c));
      return;
    }
    const squares = walk.fold('squares', 0, add, rowSum, (x) => ({
      reduced: builder.compute(mul, x.rows, x.cols, { ta: x, tb: x }),
      kept: x,
    }));
    const factor = inverseRoot(frame, squares);
    walk.visit('scale', (x, c) => {
      const unit = builder.compute(mul, x.rows, x.cols, { ta: x, tb: factor });
      frame.store(scaled(frame, unit, c), c);
      return undefined;
    });
  });
}

/** (x − mean) / √(variance + eps) · gain + bias. */
export function lowerLayerNorm(step: Step, context: LowerContext): Kernel {
  const title = `${step.output} ← layer norm of ${step.node.inputs[0]}`;
  return lowerRows(step, context, title, (frame) => {
    const { builder, walk, width } = frame;
    if (width <= context.tile) {
      walk.visit('columns', (x, c) => normTile(frame, normLayer, x, c));
      return;
    }
    const total = walk.fold('mean', 0, add, rowSum, (x) => ({ reduced: x, kept: x }));
    const part = builder.fill(1 / width, 1, 1);
    const mean = builder.compute(mul, walk.rows, 1, { ta: total, tb: part }, 'mean');
    const centred = (x: TileValue) => builder.compute(sub, x.rows, x.cols, { ta: x, tb: mean });
    const squares = walk.fold('variance', 0, add, rowSum, (x) => {
      const d = centred(x);
      return { reduced: builder.compute(mul, d.rows, d.cols, { ta: d, tb: d }), kept: x };
    });
    const factor = inverseRoot(frame, squares);
    walk.visit('scale', (x, c) => {
      const unit = builder.compute(mul, x.rows, x.cols, { ta: centred(x), tb: factor });
      frame.store(scaled(frame, unit, c), c);
      return undefined;
    });
  });
}

/** A row that fits a tile is normalised by one instruction. */
function normTile(
  frame: RowFrame,
  definition: InstructionDefinition,
  ts: TileValue,
  c: Round,
): undefined {
  const { builder, context, step, r } = frame;
  const vector = (operand: number, absent: number) => {
    const name = step.node.inputs[operand];
    return name ? loadAt(builder, context, name, r, c, 1, c.size) : builder.fill(absent, 1, c.size);
  };
  const hasBias = definition.operands.some(({ name }) => name === 'tb');
  const operands = { ts, tg: vector(1, 1), ...(hasBias ? { tb: vector(2, 0) } : {}) };
  const eps = step.node.attributes.eps as number;
  frame.store(builder.compute(definition, ts.rows, ts.cols, { ...operands, eps }), c);
}

/** e^(x − max) / Σ along rows. */
export function lowerSoftmax(step: Step, context: LowerContext): Kernel {
  const title = `${step.output} ← softmax of ${step.node.inputs[0]}`;
  return lowerRows(step, context, title, (frame) => {
    const { builder, walk, width } = frame;
    if (width <= context.tile) {
      walk.visit('columns', (ts, c) => {
        frame.store(builder.compute(softmax, ts.rows, ts.cols, { ts }), c);
        return undefined;
      });
      return;
    }
    const { total } = exponentials(frame, (e, c) => frame.store(e, c));
    const safe = atLeastOne(builder, total);
    builder.pieces('divide', width, context.tile, (c) => {
      const e = frame.stored(c);
      frame.store(builder.compute(div, e.rows, e.cols, { ta: e, tb: safe }), c);
    });
  });
}

/** x − max − log Σ e^(x − max) along rows. */
export function lowerLogSoftmax(step: Step, context: LowerContext): Kernel {
  const title = `${step.output} ← log softmax of ${step.node.inputs[0]}`;
  return lowerRows(step, context, title, (frame) => {
    const { builder, walk } = frame;
    const { highest, total } = exponentials(frame, () => undefined);
    const logarithm = builder.compute(log, walk.rows, 1, { ts: atLeastOne(builder, total) });
    walk.visit('subtract', (x, c) => {
      const below = builder.compute(sub, x.rows, x.cols, { ta: x, tb: highest });
      frame.store(builder.compute(sub, x.rows, x.cols, { ta: below, tb: logarithm }), c);
      return undefined;
    });
  });
}

/** The maximum of each row and the sum of e^(x − max), each of which is handed to `use`. */
function exponentials({ builder, walk }: RowFrame, use: (e: TileValue, c: Round) => void) {
  const highest = walk.fold('highest', LOWEST, max, rowMax, (x) => ({ reduced: x, kept: x }));
  const total = walk.fold('total', 0, add, rowSum, (x, c) => {
    const below = builder.compute(sub, x.rows, x.cols, { ta: x, tb: highest });
    const e = builder.compute(exp, x.rows, x.cols, { ts: below });
    use(e, c);
    return { reduced: e, kept: x };
  });
  return { highest, total };
}

/** A sum of exponentials is 1 or more, except of a row that is all −∞. */
export function atLeastOne(builder: KernelBuilder, total: TileValue): TileValue {
  return builder.compute(max, total.rows, 1, { ta: total, tb: builder.fill(1, 1, 1) });
}
