/** Lowering of `linear`: y ← x · w + bias, of w in float32, in a 16-bit format or int8, or of the tiles that pruning left. */
import { add } from '../../../isa/instructions/add.ts';
import type { HalfFormat } from '../../model/graph.ts';
import { plus, times } from '../kernel/affine.ts';
import type { Round } from '../kernel/builder.ts';
import { KernelBuilder, further } from '../kernel/builder.ts';
import type { Kernel, TileValue } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES, matrixOf } from './context.ts';
import { applyEpilogue, loadAt } from './epilogue.ts';
import { int8Arithmetic } from './linear-int8.ts';
import { multiplyPruned } from './linear-pruned.ts';
import { multiplyByTiles } from './matmul-product.ts';

/** Sums go on in registers until bias and epilogue have been applied; only then they are stored. */
export function lowerLinear(step: Step, context: LowerContext): Kernel {
  const { inputs, attributes, part } = step.node;
  const builder = new KernelBuilder(step.output);
  const x = matrixOf(context, inputs[0]!);
  const y = matrixOf(context, step.output);
  const finish = (sum: TileValue, r: Round, c: Round) => {
    const biased = withBias(builder, context, inputs[2] ?? '', sum, r, c);
    const result = applyEpilogue(builder, context, step, biased, r, c);
    const offset = plus(times(r.at, y.stride), times(c.at, ELEMENT_BYTES));
    builder.store(further(y.place, offset), result, y.stride);
  };
  if (attributes.weights === 'pruned') {
    multiplyPruned(builder, context, step, x, y, finish);
    return builder.finish(part, titleOf(step));
  }
  const w = matrixOf(context, inputs[1]!);
  const product = { a: x, rows: y.rows, inner: x.cols, cols: y.cols };
  const transposed = attributes.transposed === true;
  if (attributes.weights === 'int8') {
    const { arithmetic, toFloat } = int8Arithmetic(builder, context, x, inputs[3]!);
    const { tile } = context;
    const depth = Math.ceil(x.cols / tile) * tile;
    const b = { place: w.place, stride: tile, inner: tile, out: depth, format: 'i8' as const };
    const packed = { ...product, b, transposed: false, arithmetic };
    multiplyByTiles(builder, context, packed, (sum, r, c) => finish(toFloat(sum, c), r, c));
  } else if (attributes.weights !== undefined) {
    const b = { place: w.place, format: attributes.weights as HalfFormat, depth: x.cols };
    multiplyByTiles(builder, context, { ...product, b, transposed: false }, finish);
  } else {
    multiplyByTiles(builder, context, { ...product, b: w, transposed }, finish);
  }
  return builder.finish(part, titleOf(step));
}

function titleOf({ node, epilogue, output }: Step): string {
  const [x, w, bias] = node.inputs;
  const product = `${x} · ${w}${node.attributes.transposed === true ? 'ᵀ' : ''}`;
  const sum = bias ? `${product} + ${bias}` : product;
  const then = epilogue.map(({ op, other }) => `, then ${op}${other ? ` ${other}` : ''}`);
  return `${output} ← ${sum}${then.join('')}`;
}

function withBias(
  builder: KernelBuilder,
  context: LowerContext,
  bias: string,
  sum: TileValue,
  r: Round,
  c: Round,
): TileValue {
  if (bias === '') return sum;
  const tb = loadAt(builder, context, bias, r, c, sum.rows, sum.cols);
  return builder.compute(add, sum.rows, sum.cols, { ta: sum, tb }, 'bias');
}
