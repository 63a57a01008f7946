/** Tensors of the graph evaluator, and the one walk through their elements that operators share. */

/**
 * Row-major, any rank; `[]` is one number. Integers and truth values (1, 0) are kept as float64 too.
 */
export interface RefTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** The number of elements of a shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * A tensor of this shape; zeros unless its elements are given.
 * @throws RangeError when there are more or fewer elements than the shape has.
 */
export function tensor(
  shape: readonly number[],
  data: Float64Array = new Float64Array(elementsOf(shape)),
): RefTensor {
  if (data.length === elementsOf(shape)) return { shape, data };
  throw new RangeError(`${data.length} elements for the shape [${shape.join(', ')}]`);
}

/** The distance in `data` between neighbours along each axis. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => elementsOf(shape.slice(axis + 1)));
}

/** Where Σ index·stride + start lies for every index of a shape, in row-major order. */
export function places(
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): Int32Array {
  let found = Int32Array.of(start);
  shape.forEach((length, axis) => {
    const longer = new Int32Array(found.length * length);
    for (let i = 0; i < longer.length; i++) {
      longer[i] = found[Math.floor(i / length)] + (i % length) * strides[axis];
    }
    found = longer;
  });
  return found;
}

/** The tensor of this shape whose elements stand at these places of x. */
export function pick(x: RefTensor, shape: readonly number[], from: Int32Array): RefTensor {
  return tensor(
    shape,
    Float64Array.from(from, (place) => x.data[place]),
  );
}

/** An axis counted from 0; −1 is the last. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/**
 * The shape that all of these broadcast to: aligned at the right, lengths are equal or 1.
 * Source: NumPy, "Broadcasting".
 * @throws RangeError when they do not.
 */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const others = new Set(lengths.filter((length) => length !== 1));
    if (others.size <= 1) return [...others][0] ?? 1;
    throw new RangeError(`[${shapes.map((shape) => shape.join(', ')).join('] and [')}] broadcast`);
  });
}

/** Strides through a tensor as if it had the larger shape: 0 along axes that it repeats. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(from);
  return to.map((_, axis) => {
    const own = axis - to.length + from.length;
    return own < 0 || from[own] === 1 ? 0 : strides[own];
  });
}

/** x repeated until it has this shape, to which it broadcasts. */
export function broadcastTo(x: RefTensor, shape: readonly number[]): RefTensor {
  const same = x.shape.length === shape.length && x.shape.every((n, axis) => n === shape[axis]);
  return same ? x : pick(x, shape, places(shape, broadcastStrides(x.shape, shape)));
}
