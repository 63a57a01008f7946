/** Compares what the machine has computed with what the reference says. */
import type { RefTensor } from '../reference/graph.ts';

/**
 * How far a float32 may be from the reference, in parts of the largest magnitude of its tensor. A sum of
 * n products has a rounding error of at most γₙ = n·u / (1 − n·u) of the sum of their magnitudes, with
 * u = 2⁻²⁴ (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1): 10⁻⁴ is the
 * bound for 1,700 roundings in a row that all go the same way. What is wrong is wrong by far more.
 */
export const DEFAULT_TOLERANCE = 1e-4;

/**
 * The least magnitude that differences are held against: where everything cancels, the reference has
 * 0 or its own rounding errors, and the machine what float32 left of numbers that were larger.
 */
const LEAST_SCALE = 1e-3;

/** Magnitudes from here on stand for −∞ in masks; they must not hide what stands beside them. */
const MASK = 1e30;

export interface Comparison {
  /** The largest difference in parts of what it is held against; Infinity where one is NaN or ∞. */
  readonly largest: number;
  /** The element that has it. */
  readonly index: number;
  /** Elements beyond the tolerance. */
  readonly beyond: number;
}

/**
 * Element by element. Float32 numbers may differ by `tolerance` of the largest magnitude of the
 * reference; with a tolerance of 0 (integers) they must be equal. NaN equals NaN.
 */
export function compareValues(
  found: Float32Array | Int32Array,
  wanted: RefTensor,
  tolerance: number,
): Comparison {
  const scale = scaleOf(wanted.data);
  let [largest, index, beyond] = [0, 0, 0];
  for (let i = 0; i < wanted.data.length; i++) {
    const relative = difference(found[i]!, wanted.data[i]!, scale);
    if (relative > tolerance) beyond++;
    if (relative > largest) [largest, index] = [relative, i];
  }
  return { largest, index, beyond };
}

function scaleOf(wanted: Float64Array): number {
  let scale = LEAST_SCALE;
  for (const value of wanted) {
    const magnitude = Math.abs(value);
    if (magnitude > scale && magnitude < MASK) scale = magnitude;
  }
  return scale;
}

function difference(found: number, wanted: number, scale: number): number {
  // Beyond the largest float32 there is only ∞.
  const inRange = Number.isFinite(Math.fround(wanted)) ? wanted : Math.fround(wanted);
  if (found === inRange || (Number.isNaN(found) && Number.isNaN(inRange))) return 0;
  const relative = Math.abs(found - inRange) / Math.max(scale, Math.abs(inRange));
  return Number.isNaN(relative) ? Infinity : relative;
}

/** Where the element stands in its tensor: `[3, 7]`. */
export function placeOf(index: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  let rest = index;
  for (const length of shape.toReversed()) {
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return place;
}
