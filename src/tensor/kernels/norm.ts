/** NORM.LAYER and NORM.RMS: each row brought to unit scale, then given a gain (and bias) per column. */

import { rsqrt32 } from '../functions.ts';
import type { Tile } from '../tile.ts';
import { laneSum, laneSumOfSquares } from './lanes.ts';
import { requireShape, shapeOut } from './out.ts';

/**
 * out (rows×cols) ← (s − mean) / √(variance + eps) · gain + bias in each row; gain and bias are 1×cols.
 *
 * Two passes, every step rounded to float32, sums in lane order: mean = Σx / cols; d = x − mean;
 * variance = Σd² / cols (the biased one); inv = rsqrt32(variance + eps); out = (d · inv) · gain + bias.
 * Source: Ba, Kiros & Hinton, "Layer Normalization" (2016).
 */
export function normLayer(out: Tile, s: Tile, gain: Tile, bias: Tile, eps: number): void {
  requireShape(gain, 1, s.cols, 'the gain');
  requireShape(bias, 1, s.cols, 'the bias');
  shapeOut(out, s.rows, s.cols, s, gain, bias);
  for (let i = 0; i < s.rows; i++) {
    const start = i * s.cols;
    const mean = Math.fround(laneSum(s.data, start, s.cols) / s.cols);
    const inverse = inverseDeviation(s, start, mean, eps);
    for (let j = 0; j < s.cols; j++) {
      const unit = Math.fround(Math.fround(s.data[start + j] - mean) * inverse);
      out.data[start + j] = Math.fround(unit * gain.data[j]) + bias.data[j];
    }
  }
}

/**
 * out (rows×cols) ← s / √(mean of s² + eps) · gain in each row; gain is 1×cols.
 *
 * Every step rounded to float32, sum in lane order: inv = rsqrt32(Σx² / cols + eps); out = (x · inv) · gain.
 * Source: Zhang & Sennrich, "Root Mean Square Layer Normalization" (2019).
 */
export function normRms(out: Tile, s: Tile, gain: Tile, eps: number): void {
  requireShape(gain, 1, s.cols, 'the gain');
  shapeOut(out, s.rows, s.cols, s, gain);
  for (let i = 0; i < s.rows; i++) {
    const start = i * s.cols;
    const inverse = inverseDeviation(s, start, 0, eps);
    for (let j = 0; j < s.cols; j++) {
      out.data[start + j] = Math.fround(s.data[start + j] * inverse) * gain.data[j];
    }
  }
}

/** 1 / √(Σ (x − centre)² / cols + eps) of the row at `start`. */
function inverseDeviation(s: Tile, start: number, centre: number, eps: number): number {
  const variance = Math.fround(laneSumOfSquares(s.data, start, s.cols, centre) / s.cols);
  return rsqrt32(Math.fround(variance + Math.fround(eps)));
}
