/** The fastest plain TypeScript product that has the same bits: blocks of 4×2, each element one sum in ascending k. */
import type { Tile } from '../../src/tensor/tile.ts';

const f = Math.fround;

/** The columns of b (k×n), one behind the other: what `blockedMatmul` wants of it. */
export function columnsOf({ rows: k, cols: n, data }: Tile): Float32Array {
  return Float32Array.from({ length: k * n }, (_, at) => data[(at % k) * n + Math.floor(at / k)]!);
}

/** out (m×n) ← a (m×k) · b (k×n), given the columns of b; m a multiple of 4, or 1, and n of 2. */
export function blockedMatmul(out: Tile, a: Tile, n: number, columns: Float32Array): void {
  const { rows: m, cols: k } = a;
  const step = m % 4 === 0 ? 4 : 1;
  for (let i = 0; i < m; i += step) {
    for (let j = 0; j < n; j += 2) {
      if (step === 4) block(out.data, a.data, columns, i, j, k, n);
      else row(out.data, a.data, columns, i, j, k, n);
    }
  }
  out.rows = m;
  out.cols = n;
}

function block(
  out: Float32Array,
  a: Float32Array,
  columns: Float32Array,
  i: number,
  j: number,
  k: number,
  n: number,
): void {
  const [a0, a1, a2, a3] = [i * k, (i + 1) * k, (i + 2) * k, (i + 3) * k];
  const [b0, b1] = [j * k, (j + 1) * k];
  let [s00, s01, s10, s11, s20, s21, s30, s31] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let p = 0; p < k; p++) {
    const x = columns[b0 + p]!;
    const y = columns[b1 + p]!;
    s00 = f(s00 + f(a[a0 + p]! * x));
    s01 = f(s01 + f(a[a0 + p]! * y));
    s10 = f(s10 + f(a[a1 + p]! * x));
    s11 = f(s11 + f(a[a1 + p]! * y));
    s20 = f(s20 + f(a[a2 + p]! * x));
    s21 = f(s21 + f(a[a2 + p]! * y));
    s30 = f(s30 + f(a[a3 + p]! * x));
    s31 = f(s31 + f(a[a3 + p]! * y));
  }
  out[i * n + j] = s00;
  out[i * n + j + 1] = s01;
  out[(i + 1) * n + j] = s10;
  out[(i + 1) * n + j + 1] = s11;
  out[(i + 2) * n + j] = s20;
  out[(i + 2) * n + j + 1] = s21;
  out[(i + 3) * n + j] = s30;
  out[(i + 3) * n + j + 1] = s31;
}

function row(
  out: Float32Array,
  a: Float32Array,
  columns: Float32Array,
  i: number,
  j: number,
  k: number,
  n: number,
): void {
  let [s0, s1] = [0, 0];
  for (let p = 0; p < k; p++) {
    s0 = f(s0 + f(a[i * k + p]! * columns[j * k + p]!));
    s1 = f(s1 + f(a[i * k + p]! * columns[(j + 1) * k + p]!));
  }
  out[i * n + j] = s0;
  out[i * n + j + 1] = s1;
}
