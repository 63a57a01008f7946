/** Bounds of row maxima, row sums and SOFTMAX. */
import type { Matrix } from '../../../src/reference/matrix.ts';
import { zeros } from '../../../src/reference/matrix.ts';
import { softmax as exactSoftmax, visibleCols } from '../../../src/reference/softmax.ts';
import type { Mask } from '../../../src/reference/softmax.ts';
import type { Bounded } from './bounded.ts';
import { mapBounded } from './bounded.ts';
import type { FunctionErrors } from './functions.ts';
import {
  afterRelative,
  afterRoundings,
  gamma,
  relativeOfUlps,
  SMALLEST_NORMAL,
  UNIT_ROUNDOFF,
} from './rounding.ts';

const LANES = 16;
const TREE_LEVELS = 4;

/** Logarithmic errors beyond this say nothing: the weights may then be anything in [0, 1]. */
const HOPELESS = 300;

/** The most roundings that any of n summands passes: its lane's additions, then the tree's. */
export function sumRoundings(n: number): number {
  return Math.ceil(n / LANES) + TREE_LEVELS;
}

/** Bound of a sum of `values` in 16 lanes and a tree: γ·Σ(|x| + dx) + Σdx. Source: Higham, §4.2. */
export function sumBound(values: Float64Array, errors: Float64Array): number {
  const moved = total(errors);
  const magnitude = values.reduce((sum, x) => sum + Math.abs(x), moved);
  return afterRelative(magnitude, moved, gamma(sumRoundings(values.length)));
}

/** The sum of each row [m × 1]. */
export function rowSum(a: Bounded): Bounded {
  return perRow(a, (values, errors) => [total(values), sumBound(values, errors)]);
}

/** The maximum of each row [m × 1]. It rounds nothing. */
export function rowMax(a: Bounded): Bounded {
  return perRow(a, (values, errors) => {
    const value = maximum(values);
    const highest = maximum(values.map((x, j) => x + errors[j]));
    const lowest = maximum(values.map((x, j) => x - errors[j]));
    return [value, value === -Infinity ? 0 : Math.max(highest - value, value - lowest)];
  });
}

/**
 * softmax(scale·s) along each row, columns beyond `mask` being exactly 0. The machine computes
 * x = fl(scale·s), e = exp(fl(x − max x)), S = Σe in 16 lanes, and e/S or e·fl(1/S).
 *
 * Softmax does not change when a row is shifted, so the error of the maximum cancels: what is left
 * of element j is a factor e^θⱼ with |θⱼ| ≤ rⱼ = dxⱼ + u·|xⱼ − max| + ln(1 + error of exp).
 * pⱼ·e^θⱼ / Σ pₖ·e^θₖ grows with θⱼ and falls with the other θₖ, which gives both ends of the
 * interval; the sum's and the quotient's roundings widen it. Compare Blanchard, Higham & Higham
 * 2021, §4. A scale that is no float32 is rounded once before use.
 */
export function softmax(s: Bounded, ulps: FunctionErrors, scale = 1, mask: Mask = {}): Bounded {
  const scaled = scale === 1 ? s : scaleBy(s, scale);
  const value = exactSoftmax(scaled.value, mask);
  const error = zeros(value.rows, value.cols);
  for (let i = 0; i < value.rows; i++) {
    const start = i * value.cols;
    const end = start + visibleCols(i, value.cols, mask);
    const scores = scaled.value.data.subarray(start, end);
    const logErrors = scoreErrors(scores, scaled.error.data.subarray(start, end), ulps);
    error.data.set(weightErrors(value.data.subarray(start, end), logErrors), start);
  }
  return { value, error };
}

/** rⱼ of each score of a row: how far its exponential may be off, as a logarithm. */
function scoreErrors(x: Float64Array, dx: Float64Array, ulps: FunctionErrors): Float64Array {
  const max = maximum(x);
  const maxError = maximum(dx);
  return x.map((score, j) => {
    if (score === -Infinity) return 0; // its exponential is exactly 0
    const distance = max - score + dx[j] + maxError;
    return dx[j] + UNIT_ROUNDOFF * distance - Math.log1p(-relativeOfUlps(ulps.exp));
  });
}

/** Bound on each weight of a row from the logarithmic errors of its exponentials. */
function weightErrors(p: Float64Array, r: Float64Array): Float64Array {
  // The sum's roundings, then two for the reciprocal and the product (one for a quotient).
  const relative = gamma(sumRoundings(p.length) + 2);
  // An exponential below the smallest normal may be 0: itself, and the n of a sum S ≥ 1/2.
  const flushed = 2 * SMALLEST_NORMAL * (1 + p.length);
  if (maximum(r) > HOPELESS) return p.map(() => 1 + relative);
  const grown = p.map((weight, j) => weight * Math.exp(r[j]));
  const shrunk = p.map((weight, j) => weight * Math.exp(-r[j]));
  const [allGrown, allShrunk] = [total(grown), total(shrunk)];
  return p.map((weight, j) => {
    const highest = grown[j] / (grown[j] + (allShrunk - shrunk[j]));
    const lowest = shrunk[j] / (shrunk[j] + (allGrown - grown[j]));
    const moved = weight === 0 ? 0 : Math.max(highest - weight, weight - lowest);
    return afterRelative(weight, moved, relative) + flushed;
  });
}

function scaleBy(s: Bounded, scale: number): Bounded {
  const roundings = Math.fround(scale) === scale ? 1 : 2;
  return mapBounded(
    s,
    (x) => x * scale,
    (x, dx) => afterRoundings(x * scale, dx * Math.abs(scale), roundings),
  );
}

function total(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x, 0);
}

function maximum(values: Float64Array): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}

function perRow(
  a: Bounded,
  f: (values: Float64Array, errors: Float64Array) => readonly [value: number, error: number],
): Bounded {
  const { rows, cols } = a.value;
  const value = zeros(rows, 1);
  const error = zeros(rows, 1);
  const rowOf = (m: Matrix, i: number) => m.data.subarray(i * cols, (i + 1) * cols);
  for (let i = 0; i < rows; i++) {
    [value.data[i], error.data[i]] = f(rowOf(a.value, i), rowOf(a.error, i));
  }
  return { value, error };
}
