/** Rules of types that several operators share. */
import type { Dim, TensorType } from '../graph.ts';
import { GraphError, showType } from '../graph.ts';

export type Operands = readonly (TensorType | undefined)[];

/** Float32 of this shape. */
export const f32 = (shape: readonly Dim[]): TensorType => ({ dtype: 'f32', shape });

/** Throws unless the condition holds. */
export function need(condition: boolean, message: string, hint?: string): asserts condition {
  if (!condition) throw new GraphError(message, hint);
}

/** The product of dimensions that are numbers. */
export function product(shape: readonly Dim[]): number {
  return shape.reduce<number>((total, dim) => {
    need(typeof dim === 'number', `${dim} is known only when running`);
    return total * dim;
  }, 1);
}

/** Broadcast as NumPy does: aligned at the right, each dimension equal or 1. */
export function broadcast(types: readonly TensorType[]): readonly Dim[] {
  const rank = Math.max(...types.map(({ shape }) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let found: Dim = 1;
    for (const { shape } of types) {
      const dim = shape[axis - rank + shape.length] ?? 1;
      if (dim === 1 || dim === found) continue;
      need(
        found === 1,
        `${types.map(showType).join(' and ')} do not broadcast`,
        'aligned at the right, dimensions must be equal or 1',
      );
      found = dim;
    }
    return found;
  });
}

/** An axis counted from 0; −1 is the last. */
export function axisOf(axis: number, rank: number): number {
  const from = axis < 0 ? axis + rank : axis;
  need(
    Number.isInteger(from) && from >= 0 && from < Math.max(rank, 1),
    `axis ${axis} of a tensor with ${rank} dimensions`,
  );
  return from;
}

/** The operand as [rows, width], or an error that names it. */
export function asMatrix(type: TensorType | undefined, what: string): readonly [Dim, number] {
  need(type !== undefined, `${what} is missing`);
  const [rows, width] = type.shape;
  need(
    type.shape.length === 2 && typeof width === 'number',
    `${what} is ${showType(type)}, but must be rows × width`,
  );
  return [rows!, width];
}

/** Throws unless an operand, where present, has exactly this shape. */
export function needShape(type: TensorType | undefined, shape: readonly Dim[], what: string): void {
  if (!type) return;
  const same = type.shape.length === shape.length && type.shape.every((dim, i) => dim === shape[i]);
  need(same, `${what} is ${showType(type)}, but must be ${shape.join('×') || 'one number'}`);
}
