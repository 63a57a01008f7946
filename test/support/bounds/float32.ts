/** The machine's arithmetic in miniature, to try the bounds on: one Math.fround per operation. */

const f = Math.fround;

/** A tile of float32 numbers. */
export interface Tile {
  readonly rows: number;
  readonly cols: number;
  readonly data: readonly number[];
}

/** How a function errs: a factor (1 ± u) chosen by the operand, on top of its own rounding. */
export const noisy =
  (exact: (x: number) => number) =>
  (x: number): number => {
    const sign = f(x * 1e4) % 2 >= 1 ? 1 : -1;
    return f(exact(x) * (1 + sign * 2 ** -24));
  };

const exp = noisy(Math.exp);
const rsqrt = noisy((x) => 1 / Math.sqrt(x));

export function map(a: Tile, g: (x: number) => number): Tile {
  return { ...a, data: a.data.map((x) => f(g(x))) };
}

/** g of two tiles with NumPy's broadcast. */
export function zip(a: Tile, b: Tile, g: (x: number, y: number) => number): Tile {
  const [rows, cols] = [Math.max(a.rows, b.rows), Math.max(a.cols, b.cols)];
  const at = (t: Tile, i: number, j: number) => t.data[(i % t.rows) * t.cols + (j % t.cols)];
  const data = Array.from({ length: rows * cols }, (_, p) => {
    const [i, j] = [Math.floor(p / cols), p % cols];
    return f(g(at(a, i, j), at(b, i, j)));
  });
  return { rows, cols, data };
}

export function transpose(a: Tile): Tile {
  const data = a.data.map((_, p) => a.data[(p % a.rows) * a.cols + Math.floor(p / a.rows)]);
  return { rows: a.cols, cols: a.rows, data };
}

export function matmul(a: Tile, b: Tile, c?: Tile): Tile {
  const data = Array.from({ length: a.rows * b.cols }, (_, p) => {
    const [i, j] = [Math.floor(p / b.cols), p % b.cols];
    let sum = c ? c.data[p] : 0;
    for (let k = 0; k < a.cols; k++) {
      sum = f(sum + f(a.data[i * a.cols + k] * b.data[k * b.cols + j]));
    }
    return sum;
  });
  return { rows: a.rows, cols: b.cols, data };
}

/** Element i goes to lane i mod 16; then the lanes are added in pairs, four times. */
export function laneSum(values: readonly number[]): number {
  let lanes = new Array<number>(16).fill(0);
  values.forEach((x, i) => (lanes[i % 16] = f(lanes[i % 16] + x)));
  while (lanes.length > 1) {
    const half = lanes.length / 2;
    lanes = lanes.slice(0, half).map((x, i) => f(x + lanes[i + half]));
  }
  return lanes[0];
}

export function perRow(a: Tile, g: (row: readonly number[], i: number) => number[]): Tile {
  const rows = Array.from({ length: a.rows }, (_, i) =>
    g(a.data.slice(i * a.cols, (i + 1) * a.cols), i),
  );
  return { rows: a.rows, cols: rows[0].length, data: rows.flat() };
}

/** With `reciprocal`, e·fl(1/S) in place of e/S. */
export function softmax(a: Tile, scale: number, causal: number, reciprocal: boolean): Tile {
  return perRow(a, (row, i) => {
    const x = row.slice(0, Math.max(0, i + causal + 1)).map((s) => f(scale * s));
    const max = Math.max(...x);
    const e = x.map((value) => exp(f(value - max)));
    const sum = laneSum(e);
    const p = e.map((value) => (reciprocal ? f(value * f(1 / sum)) : f(value / sum)));
    return [...p, ...new Array<number>(row.length - p.length).fill(0)];
  });
}

export function layerNorm(a: Tile, gain: Tile, bias: Tile, epsilon: number): Tile {
  return perRow(a, (row) => {
    const mean = f(laneSum(row) / row.length);
    const centred = row.map((x) => f(x - mean));
    const root = inverseRoot(centred, epsilon);
    return centred.map((d, j) => f(f(f(d * root) * gain.data[j]) + bias.data[j]));
  });
}

export function rmsNorm(a: Tile, gain: Tile, epsilon: number): Tile {
  return perRow(a, (row) => {
    const root = inverseRoot(row, epsilon);
    return row.map((x, j) => f(f(x * root) * gain.data[j]));
  });
}

function inverseRoot(row: readonly number[], epsilon: number): number {
  const meanSquare = f(laneSum(row.map((d) => f(d * d))) * f(1 / row.length));
  return rsqrt(f(meanSquare + f(epsilon)));
}
