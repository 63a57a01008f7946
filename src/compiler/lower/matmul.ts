/** Lowering of `matmul`: products of the last two dimensions, for each index of those before them. */
import type { Dim } from '../../model/graph.ts';
import { KernelBuilder } from '../kernel/builder.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { sizeOf } from '../registers.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES } from './context.ts';
import { applyEpilogue } from './epilogue.ts';
import type { Axis } from './map-axes.ts';
import {
  atStart,
  axesOf,
  broadcastStrides,
  isEmpty,
  mergeAxes,
  moveTo,
  still,
  walk,
} from './map-axes.ts';
import { multiplyByTiles, placeAt } from './matmul-product.ts';

interface Shape {
  /** Dimensions before the last two, all of which a, b and y walk along. */
  readonly batch: readonly Axis[];
  /** Rows of a and y. */
  readonly rows: Axis;
  readonly inner: number;
  readonly cols: number;
}

/** The epilogue of a step is applied where the result is a matrix; there is none elsewhere. */
export function lowerMatmul(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  const builder = new KernelBuilder(output);
  const [nameA, nameB] = node.inputs;
  const transposed = node.attributes.transposed === true;
  const { batch, rows, inner, cols } = shapeOf(step, context);
  const [a, b, y] = [nameA!, nameB!, output].map((name) => context.placeOf(name));
  const bytes = (columns: number) => columns * ELEMENT_BYTES;
  if (!isEmpty([...batch, rows])) {
    walk(builder, batch, atStart(3), (offsets) => {
      const left = { place: moveTo(a!, offsets, 0), stride: bytes(inner) };
      const right = { place: moveTo(b!, offsets, 1), stride: bytes(transposed ? inner : cols) };
      const result = { place: moveTo(y!, offsets, 2), stride: bytes(cols) };
      const product = { a: left, b: right, rows: rows.extent, inner, cols, transposed };
      multiplyByTiles(builder, context, product, (sum, r, c) => {
        const finished = applyEpilogue(builder, context, step, sum, r, c);
        builder.store(placeAt(result, r.at, c.at), finished, result.stride);
      });
    });
  }
  const title = `${output} ← ${nameA} · ${nameB}${transposed ? 'ᵀ' : ''}`;
  return builder.finish(node.part, title);
}

/** Batches that share one b are more rows of a: they merge with the rows. */
function shapeOf({ node, output }: Step, { typeOf }: LowerContext): Shape {
  const [a, b] = node.inputs.map((name) => typeOf(name).shape);
  const { shape } = typeOf(output);
  const [m, n] = shape.slice(-2) as [Dim, number];
  const inner = a!.at(-1) as number;
  const leading = shape.slice(0, -2);
  const along = (operand: readonly Dim[], matrix: number) =>
    broadcastStrides(operand.slice(0, -2), leading).map((stride) => stride * matrix);
  const matrices = [along(a!, size(m) * inner), along(b!, inner * n), along(shape, size(m) * n)];
  const down: Axis = { extent: sizeOf(m), strides: [inner, 0, n] };
  const axes = mergeAxes([...axesOf(leading, matrices), down]);
  const last = axes.at(-1);
  const isShared = last !== undefined && last.strides[1] === 0 && last.strides[0] === inner;
  const rows = isShared ? last : still(3);
  return { batch: isShared ? axes.slice(0, -1) : axes, rows, inner, cols: n };
}

/** A count of the run stands in front of two dimensions only: there are no strides beyond it. */
const size = (dim: Dim): number => (typeof dim === 'number' ? dim : 0);
