/** EXP, LOG, ERF, SQRT, TRUNC, RELU, SIGMOID, TANH, RSQRT, SILU and GELU: one scalar function applied to every element. */

import {
  erf32,
  exp32,
  geluErf32,
  geluTanh32,
  log32,
  rsqrt32,
  sigmoid32,
  silu32,
  sqrt32,
  tanh32,
} from '../functions.ts';
import type { Tile } from '../tile.ts';
import { shapeOut } from './out.ts';

/** out ← e^s, in float32 steps (`exp32`). */
export function exp(out: Tile, s: Tile): void {
  apply(out, s, exp32);
}

/** out ← max(s, +0), exact; −0 becomes +0 and NaN stays NaN. */
export function relu(out: Tile, s: Tile): void {
  apply(out, s, rectify);
}

/** out ← 1 / (1 + e^−s), rounded once. */
export function sigmoid(out: Tile, s: Tile): void {
  apply(out, s, sigmoid32);
}

/** out ← tanh s, rounded once. */
export function tanh(out: Tile, s: Tile): void {
  apply(out, s, tanh32);
}

/** out ← 1 / √s, rounded once. */
export function rsqrt(out: Tile, s: Tile): void {
  apply(out, s, rsqrt32);
}

/** out ← √s, correctly rounded; NaN below 0. */
export function sqrt(out: Tile, s: Tile): void {
  apply(out, s, sqrt32);
}

/** out ← ln s, rounded once; −∞ at ±0, NaN below. */
export function log(out: Tile, s: Tile): void {
  apply(out, s, log32);
}

/** out ← erf s, rounded once. */
export function erf(out: Tile, s: Tile): void {
  apply(out, s, erf32);
}

/** out ← s without its fraction, exact; −0.5 becomes −0. */
export function trunc(out: Tile, s: Tile): void {
  apply(out, s, Math.trunc);
}

/** out ← s · sigmoid(s), rounded once (not the product of two rounded numbers). */
export function silu(out: Tile, s: Tile): void {
  apply(out, s, silu32);
}

/** out ← s · Φ(s), Φ the normal distribution function, rounded once. */
export function geluErf(out: Tile, s: Tile): void {
  apply(out, s, geluErf32);
}

/** out ← s/2 · (1 + tanh(√(2/π) (s + 0.044715 s³))), rounded once. */
export function geluTanh(out: Tile, s: Tile): void {
  apply(out, s, geluTanh32);
}

function rectify(x: number): number {
  return Math.max(x, 0);
}

function apply(out: Tile, s: Tile, scalar: (x: number) => number): void {
  shapeOut(out, s.rows, s.cols, s);
  const count = s.rows * s.cols;
  for (let i = 0; i < count; i++) out.data[i] = scalar(s.data[i]);
}
