/** Lowering of elementwise operators: operands of any rank broadcast, tile by tile. */
import type { InstructionDefinition } from '../../../isa/instruction.ts';
import { div } from '../../../isa/instructions/div.ts';
import { equal } from '../../../isa/instructions/equal.ts';
import { loadI32 } from '../../../isa/instructions/load-i32.ts';
import { load } from '../../../isa/instructions/load.ts';
import { mul } from '../../../isa/instructions/mul.ts';
import { select } from '../../../isa/instructions/select.ts';
import { storeI32 } from '../../../isa/instructions/store-i32.ts';
import { store } from '../../../isa/instructions/store.ts';
import type { ElementType, TensorType } from '../../model/graph.ts';
import { GraphError } from '../../model/graph.ts';
import type { Size } from '../kernel/affine.ts';
import { KernelBuilder } from '../kernel/builder.ts';
import type { Kernel, Place, TileValue } from '../kernel/kernel.ts';
import type { Step } from '../step.ts';
import type { LowerContext } from './context.ts';
import { ELEMENT_BYTES } from './context.ts';
import { BINARY, UNARY } from './elementwise-table.ts';
import type { Axis, Block } from './map-axes.ts';
import {
  atStart,
  axesOf,
  broadcastStrides,
  isEmpty,
  longest,
  mergeAxes,
  moveTo,
  still,
  walk,
  walkRun,
  walkTiles,
  without,
} from './map-axes.ts';
import { lowerMove } from './move.ts';

/** The result of a block from the tiles of the operands, which broadcast to its rows × cols. */
type Formula = (operands: readonly TileValue[], rows: Size, cols: Size) => TileValue;

/** Casts convert on the way into a tile or out of it; other operators here have no integers. */
const LOADS = { f32: load, bool: load, i32: loadI32 } as const;
const STORES = { f32: store, bool: store, i32: storeI32 } as const;

/** All elementwise operators on float32 and bool, and every cast. */
export function lowerMap(step: Step, context: LowerContext): Kernel {
  const { node, output } = step;
  const builder = new KernelBuilder(output);
  const to = context.typeOf(output);
  const types = node.inputs.map((name) => context.typeOf(name));
  const places = node.inputs.map((name) => context.placeOf(name));
  const result = context.placeOf(output);
  const axes = operandAxes([...types, to], to);
  const from = types[0]!.dtype;
  if (from === 'i32' && to.dtype === 'i32') return lowerMove(step, context);
  const formula = formulaOf(builder, step, from, to.dtype);
  walkBlocks(builder, context.tile, axes, types.length + 1, (block) => {
    const tiles = places.map((place, i) =>
      loadBlock(builder, LOADS[from], moveTo(place, block.offsets, i), block, i),
    );
    const ts = formula(tiles, block.rows, block.cols);
    const addr = moveTo(result, block.offsets, types.length);
    const stride = pitch(block, types.length);
    builder.push(STORES[to.dtype], { addr, ts, stride });
  });
  return builder.finish(node.part, `${output} ← ${node.op}(${node.inputs.join(', ')})`);
}

/** The axes of the result, as few as its operands allow. */
export function operandAxes(types: readonly TensorType[], { shape }: TensorType): readonly Axis[] {
  const strides = types.map((type) => broadcastStrides(type.shape, shape));
  return mergeAxes(axesOf(shape, strides));
}

/**
 * Every element of the axes once. The innermost axis, along which operands are contiguous or
 * repeated, is columns; the longest of the others is rows.
 */
function walkBlocks(
  builder: KernelBuilder,
  tile: number,
  axes: readonly Axis[],
  operands: number,
  body: (block: Block) => void,
): void {
  if (isEmpty(axes)) return;
  const inner = axes.at(-1) ?? still(operands);
  const { extent } = inner;
  const start = atStart(operands);
  if (axes.length <= 1 && typeof extent === 'number') {
    walkRun(builder, tile, { extent, strides: inner.strides }, start, body);
    return;
  }
  // A count of the run cannot be cut into whole tiles, so it stays rows.
  const cols = axes.length > 1 ? inner : still(operands);
  const rows = longest(without(axes, cols), operands);
  walk(builder, without(axes, rows, cols), start, (offsets) =>
    walkTiles(builder, tile, rows, cols, offsets, body),
  );
}

/** What an operand holds of a block: one row or one column where it repeats. */
function loadBlock(
  builder: KernelBuilder,
  definition: InstructionDefinition,
  addr: Place,
  block: Block,
  operand: number,
): TileValue {
  const { rows, cols, down, across } = block;
  const height = down[operand] === 0 ? 1 : rows;
  const width = across[operand] === 0 ? 1 : cols;
  const stride = pitch(block, operand);
  return builder.compute(definition, height, width, { addr, rows: height, cols: width, stride });
}

/** Bytes from row to row; of a single row any number will do. */
const pitch = ({ down }: Block, operand: number): number => (down[operand]! || 1) * ELEMENT_BYTES;

function formulaOf(
  builder: KernelBuilder,
  { node }: Step,
  from: ElementType,
  to: ElementType,
): Formula {
  const { op } = node;
  const binary = BINARY[op];
  if (binary) return ([ta, tb], rows, cols) => builder.compute(binary, rows, cols, { ta: ta!, tb: tb! }); // prettier-ignore
  const unary = UNARY[op];
  if (unary) return ([ts], rows, cols) => builder.compute(unary, rows, cols, { ts: ts! });
  switch (op) {
    case 'neg': {
      const minus = builder.fill(-1, 1, 1);
      return ([ta], rows, cols) => builder.compute(mul, rows, cols, { ta: ta!, tb: minus });
    }
    case 'reciprocal': {
      const one = builder.fill(1, 1, 1);
      return ([tb], rows, cols) => builder.compute(div, rows, cols, { ta: one, tb: tb! });
    }
    case 'where':
      return ([tc, ta, tb], rows, cols) =>
        builder.compute(select, rows, cols, { tc: tc!, ta: ta!, tb: tb! });
    case 'cast':
      return to === 'bool' && from !== 'bool' ? truthOf(builder) : ([x]) => x!;
  }
  throw new GraphError(`node ${node.name}: ${op} is not an elementwise operator`);
}

/** 1 where x is not 0, NaN included: whether it is 0, and whether that is 0. */
function truthOf(builder: KernelBuilder): Formula {
  const zero = builder.fill(0, 1, 1);
  return ([x], rows, cols) => {
    const isZero = builder.compute(equal, rows, cols, { ta: x!, tb: zero });
    return builder.compute(equal, rows, cols, { ta: isZero, tb: zero });
  };
}
