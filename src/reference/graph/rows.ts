/** Operators on rows, which are the last dimension, and reductions along any. */
import type { Operation, Operations } from './operation.ts';
import type { RefTensor } from './tensor.ts';
import { axisOf, places, stridesOf, tensor } from './tensor.ts';

type Row = Float64Array;

const sum = (row: Row): number => row.reduce((total, value) => total + value, 0);
const mean = (row: Row): number => sum(row) / row.length;
const largest = (row: Row): number => row.reduce((a, b) => Math.max(a, b), -Infinity);

/** Each row of x, one number being a row; rows without elements are left out. */
function* rowsOf(x: RefTensor): Generator<Row> {
  const width = x.shape.at(-1) ?? 1;
  for (let at = 0; at < x.data.length; at += width) yield x.data.subarray(at, at + width);
}

function mapRows(x: RefTensor, f: (row: Row) => Row): RefTensor[] {
  const y = tensor(x.shape);
  let filled = 0;
  for (const row of rowsOf(x)) {
    y.data.set(f(row), filled);
    filled += row.length;
  }
  return [y];
}

/**
 * e^(x − max) / Σ e^(x − max); zeros for a row of −∞, so that a row that sees nothing says nothing.
 * Source: Blanchard, Higham & Higham 2021, §1.
 */
export function softmaxRow(row: Row): Row {
  const max = largest(row);
  if (max === -Infinity) return new Float64Array(row.length);
  const exponentials = row.map((value) => Math.exp(value - max));
  const total = sum(exponentials);
  return exponentials.map((value) => value / total);
}

/** x − max − log Σ e^(x − max). Source: Blanchard, Higham & Higham 2021, §1. */
function logSoftmaxRow(row: Row): Row {
  const max = largest(row);
  const log = Math.log(sum(row.map((value) => Math.exp(value - max))));
  return row.map((value) => value - max - log);
}

/** row · factor · gain + bias, gain and bias where they are given. */
function scaled(row: Row, factor: number, gain?: RefTensor, bias?: RefTensor): Row {
  return row.map((v, j) => v * factor * (gain ? gain.data[j] : 1) + (bias ? bias.data[j] : 0));
}

/** f of the elements that differ in the reduced axes only; of integers, without its fraction. */
const reduction =
  (f: (elements: Row) => number): Operation =>
  ([x], { attributes, integers }) => {
    const { shape, data } = x!;
    const strides = stridesOf(shape);
    const axes = attributes.axes as readonly number[];
    const reduced = new Set(axes.map((axis) => axisOf(axis, shape.length)));
    const inner = shape.map((n, axis) => (reduced.has(axis) ? n : 1));
    const outer = shape.map((n, axis) => (reduced.has(axis) ? 1 : n));
    const y = Float64Array.from(places(outer, strides), (start) => {
      const value = f(Float64Array.from(places(inner, strides, start), (place) => data[place]));
      return integers ? Math.trunc(value) : value;
    });
    return [tensor(attributes.keep === true ? outer : shape.filter((_, i) => !reduced.has(i)), y)];
  };

export const ROWS: Operations = {
  softmax: ([x]) => mapRows(x!, softmaxRow),
  log_softmax: ([x]) => mapRows(x!, logSoftmaxRow),

  layer_norm([x, gain, bias], { attributes }) {
    return mapRows(x!, (row) => {
      const average = mean(row);
      const centred = row.map((value) => value - average);
      const variance = mean(centred.map((value) => value * value));
      return scaled(centred, 1 / Math.sqrt(variance + (attributes.eps as number)), gain, bias);
    });
  },

  rms_norm([x, gain], { attributes }) {
    return mapRows(x!, (row) => {
      const square = mean(row.map((value) => value * value));
      return scaled(row, 1 / Math.sqrt(square + (attributes.eps as number)), gain);
    });
  },

  reduce_sum: reduction(sum),
  reduce_mean: reduction(mean),
  reduce_max: reduction(largest),

  argmax([x]) {
    const columns = Float64Array.from(rowsOf(x!), (row) => row.indexOf(largest(row)));
    if (columns.includes(-1)) throw new RangeError('argmax of a row with NaN');
    return [tensor(x!.shape.slice(0, -1), columns)];
  },
};
