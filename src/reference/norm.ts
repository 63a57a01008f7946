/** Layer normalisation and root-mean-square normalisation, row by row. */
import type { Matrix } from './matrix.ts';
import { requireFit, zeros } from './matrix.ts';

/**
 * (x − mean) / √(variance + ε) · gain + bias along each row of x [m × n]; gain, bias [1 × n].
 * The variance divides by n. Source: Ba, Kiros & Hinton 2016, eq. 4.
 */
export function layerNorm(x: Matrix, gain: Matrix, bias: Matrix, epsilon: number): Matrix {
  requireFit(gain.rows === 1 && gain.cols === x.cols, 'layerNorm gain', x, gain);
  requireFit(bias.rows === 1 && bias.cols === x.cols, 'layerNorm bias', x, bias);
  return mapRows(x, (values) => {
    const average = mean(values);
    const variance = mean(values.map((value) => (value - average) ** 2));
    const scale = 1 / Math.sqrt(variance + epsilon);
    return values.map((value, j) => (value - average) * scale * gain.data[j] + bias.data[j]);
  });
}

/**
 * x / √(mean(x²) + ε) · gain along each row of x [m × n]; gain [1 × n].
 * Source: Zhang & Sennrich 2019, eq. 4.
 */
export function rmsNorm(x: Matrix, gain: Matrix, epsilon: number): Matrix {
  requireFit(gain.rows === 1 && gain.cols === x.cols, 'rmsNorm gain', x, gain);
  return mapRows(x, (values) => {
    const scale = 1 / Math.sqrt(mean(values.map((value) => value * value)) + epsilon);
    return values.map((value, j) => value * scale * gain.data[j]);
  });
}

function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function mapRows(x: Matrix, f: (values: Float64Array) => Float64Array): Matrix {
  const out = zeros(x.rows, x.cols);
  for (let start = 0; start < x.data.length; start += x.cols) {
    out.data.set(f(x.data.subarray(start, start + x.cols)), start);
  }
  return out;
}
