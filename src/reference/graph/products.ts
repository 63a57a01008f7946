/** Matrix products: plain loops, row by row of the left factor. */
import type { Operations } from './operation.ts';
import type { RefTensor } from './tensor.ts';
import { broadcastShape, broadcastStrides, broadcastTo, places, tensor } from './tensor.ts';

/** The sides of a product [m × k] · [k × n]; `transposed` when the right factor lies as [n × k]. */
interface Sides {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposed: boolean;
}

/** Adds a · b to `out` [m × n]; each array begins with the matrix that is meant. */
function multiply(a: Float64Array, b: Float64Array, out: Float64Array, sides: Sides): void {
  const { m, k, n, transposed } = sides;
  const add = transposed ? addRowByRows : addRowByColumns;
  for (let i = 0; i < m; i++) {
    add(a.subarray(i * k, (i + 1) * k), b, out.subarray(i * n, (i + 1) * n));
  }
}

/** out [n] += a [k] · b [k × n], row of b by row: the innermost loop walks along memory. */
function addRowByColumns(a: Float64Array, b: Float64Array, out: Float64Array): void {
  const n = out.length;
  for (let l = 0; l < a.length; l++) {
    const factor = a[l];
    const row = l * n;
    for (let j = 0; j < n; j++) out[j] += factor * b[row + j];
  }
}

/** out [n] += a [k] · bᵀ, b [n × k]. */
function addRowByRows(a: Float64Array, b: Float64Array, out: Float64Array): void {
  const k = a.length;
  for (let j = 0; j < out.length; j++) {
    const row = j * k;
    let sum = 0;
    for (let l = 0; l < k; l++) sum += a[l] * b[row + l];
    out[j] += sum;
  }
}

function sidesOf(a: RefTensor, b: RefTensor, transposed: boolean): Sides {
  const [m, k] = a.shape.slice(-2);
  const [first, second] = b.shape.slice(-2);
  const [depth, n] = transposed ? [second, first] : [first, second];
  if (depth === k) return { m, k, n, transposed };
  throw new RangeError(`a product over ${k} and ${depth} elements`);
}

export const PRODUCTS: Operations = {
  linear([x, w, bias], { attributes }) {
    const sides = sidesOf(x!, w!, attributes.transposed as boolean);
    const shape = [sides.m, sides.n];
    // A copy of the bias, which has one axis less, for each row.
    const y = bias ? broadcastTo(bias, shape) : tensor(shape);
    multiply(x!.data, w!.data, y.data, sides);
    return [y];
  },

  matmul([a, b], { attributes }) {
    const sides = sidesOf(a!, b!, attributes.transposed as boolean);
    const [before, after] = [a!.shape.slice(0, -2), b!.shape.slice(0, -2)];
    const batch = broadcastShape([before, after]);
    const left = places(batch, broadcastStrides(before, batch)); // which matrix, not which element
    const right = places(batch, broadcastStrides(after, batch));
    const { m, k, n } = sides;
    const y = tensor([...batch, m, n]);
    left.forEach((matrix, i) => {
      const [from, by] = [a!.data.subarray(matrix * m * k), b!.data.subarray(right[i] * k * n)];
      multiply(from, by, y.data.subarray(i * m * n), sides);
    });
    return [y];
  },
};
