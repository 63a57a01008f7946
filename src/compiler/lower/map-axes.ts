/** Walks over tensors of any rank: axes merged where memory allows, the rest cut into tiles and loops. */
import type { Dim } from '../../model/graph.ts';
import type { Affine, Size } from '../kernel/affine.ts';
import { affine, plus, times } from '../kernel/affine.ts';
import type { KernelBuilder, Round } from '../kernel/builder.ts';
import { further } from '../kernel/builder.ts';
import type { Place } from '../kernel/kernel.ts';
import { sizeOf } from '../registers.ts';
import { ELEMENT_BYTES, elements } from './context.ts';

/** An axis that several operands share. */
export interface Axis {
  readonly extent: Size;
  /** Of each operand, the elements from one index to the next; 0 where it is repeated. */
  readonly strides: readonly number[];
}

/** Bytes that each operand has moved by. */
export type Offsets = readonly Affine[];

/** What a tile covers: a piece of one axis down and of one across. */
export interface Block {
  readonly offsets: Offsets;
  readonly rows: Size;
  readonly cols: Size;
  /** Of each operand, the elements from row to row and from column to column. */
  readonly down: readonly number[];
  readonly across: readonly number[];
}

/** No operand moves, for there is nothing to move along. */
export const still = (operands: number): Axis => ({
  extent: 1,
  strides: Array.from({ length: operands }, () => 0),
});

/** Row-major: the elements from one index of each dimension to the next. */
export function stridesOf(shape: readonly Dim[]): readonly number[] {
  return shape.map((_, axis) => elements(shape.slice(axis + 1)));
}

/** Strides through a tensor as if it had the larger shape, as NumPy broadcasts: 0 where it repeats. */
export function broadcastStrides(from: readonly Dim[], to: readonly Dim[]): readonly number[] {
  const own = stridesOf(from);
  return to.map((_, axis) => {
    const at = axis - to.length + from.length;
    return at < 0 || from[at] === 1 ? 0 : own[at]!;
  });
}

/** The axes of a shape, with the strides of each operand. */
export function axesOf(
  shape: readonly Dim[],
  operands: readonly (readonly number[])[],
): readonly Axis[] {
  return shape.map((dim, axis) => ({
    extent: sizeOf(dim),
    strides: operands.map((strides) => strides[axis]!),
  }));
}

/** The same walk with as few axes as possible: those of length 1 go, neighbours that run on merge. */
export function mergeAxes(axes: readonly Axis[]): readonly Axis[] {
  const merged: Axis[] = [];
  for (const axis of axes) {
    if (axis.extent === 1) continue;
    const last = merged.at(-1);
    const together = last && runOn(last, axis);
    if (together) merged[merged.length - 1] = together;
    else merged.push(axis);
  }
  return merged;
}

/** Both axes as one, where every operand's next outer index lies behind its last inner one. */
function runOn(outer: Axis, inner: Axis): Axis | undefined {
  const { extent } = inner;
  if (typeof outer.extent !== 'number' || typeof extent !== 'number') return undefined;
  const fits = outer.strides.every((stride, i) => stride === inner.strides[i]! * extent);
  return fits ? { extent: outer.extent * extent, strides: inner.strides } : undefined;
}

/** The axes but those at hand as tiles. */
export const without = (axes: readonly Axis[], ...tiled: readonly Axis[]): readonly Axis[] =>
  axes.filter((axis) => !tiled.includes(axis));

/** The longest of some axes, the innermost of equal ones; a count of the run is longer than all. */
export function longest(axes: readonly Axis[], operands: number): Axis {
  const length = ({ extent }: Axis) => (typeof extent === 'number' ? extent : Infinity);
  return axes.reduce((a, b) => (length(b) >= length(a) ? b : a), still(operands));
}

export const isEmpty = (axes: readonly Axis[]): boolean => axes.some(({ extent }) => extent === 0);

export const atStart = (operands: number): Offsets =>
  Array.from({ length: operands }, () => affine(0));

/** The offsets at an index of an axis. */
export function moved(offsets: Offsets, { strides }: Axis, at: Round['at']): Offsets {
  return offsets.map((offset, i) => plus(offset, times(at, strides[i]! * ELEMENT_BYTES)));
}

/** A place moved by the offset of one operand. */
export const moveTo = (place: Place, offsets: Offsets, operand: number): Place =>
  further(place, offsets[operand]!);

/** Scalar registers that the loops of a walk may take; the rest is for tiles and integers inside. */
const WALK_REGISTERS = 12;

/**
 * A loop for each axis, the first outermost; of walks that would need too many registers, the
 * outermost axes are written out index by index.
 */
export function walk(
  builder: KernelBuilder,
  axes: readonly Axis[],
  start: Offsets,
  body: (offsets: Offsets) => void,
): void {
  const [axis, ...inner] = axes;
  if (!axis) return body(start);
  const { extent } = axis;
  const visit = (at: Round['at']) => walk(builder, inner, moved(start, axis, at), body);
  if (typeof extent === 'number' && registersOf(axes) > WALK_REGISTERS) {
    for (let at = 0; at < extent; at++) visit(at);
  } else {
    builder.loop('outer', extent, 1, ({ at }) => visit(at));
  }
}

/** Each multiple of an index that addresses use takes a register, and so do the sums of outer ones. */
function registersOf(axes: readonly Axis[]): number {
  const keys = new Set<string>();
  axes[0]!.strides.forEach((_, operand) => {
    let sum = '';
    axes.forEach(({ strides }, i) => {
      if (strides[operand] === 0) return;
      const term = ` ${i}·${strides[operand]}`;
      sum += term;
      keys.add(term).add(sum);
    });
  });
  return keys.size;
}

/** Pieces of an axis: known sizes where its length is known. */
export function cut(
  builder: KernelBuilder,
  name: string,
  { extent }: Axis,
  tile: number,
  body: (round: Round) => void,
): void {
  if (typeof extent === 'number') builder.pieces(name, extent, tile, body);
  else builder.loop(name, extent, tile, body);
}

/** Visits two axes tile by tile, row by row of tiles. */
export function walkTiles(
  builder: KernelBuilder,
  tile: number,
  rows: Axis,
  cols: Axis,
  start: Offsets,
  body: (block: Block) => void,
): void {
  builder.loop('rows', rows.extent, tile, (r) => {
    cut(builder, 'columns', cols, tile, (c) => {
      const offsets = moved(moved(start, rows, r.at), cols, c.at);
      body({ offsets, rows: r.size, cols: c.size, down: rows.strides, across: cols.strides });
    });
  });
}

/** One axis as tiles that are filled row by row, and a last row that is shorter. */
export function walkRun(
  builder: KernelBuilder,
  tile: number,
  { extent, strides }: { readonly extent: number; readonly strides: readonly number[] },
  start: Offsets,
  body: (block: Block) => void,
): void {
  const whole = Math.floor(extent / tile);
  const down = { extent: whole, strides: strides.map((stride) => stride * tile) };
  if (whole > 0) walkTiles(builder, tile, down, { extent: tile, strides }, start, body);
  const rest = { extent: extent - whole * tile, strides };
  if (rest.extent === 0) return;
  walkTiles(builder, tile, still(strides.length), rest, moved(start, down, whole), body);
}
