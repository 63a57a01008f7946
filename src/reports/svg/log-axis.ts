/** Logarithmic axes: positions in octaves, ticks at powers of two. */
import { grouped } from '../format.ts';

/** Bits behind the point of a logarithm: finer than a picture can show. */
const LOG_BITS = 16;

/**
 * The binary logarithm of a positive number, truncated to 16 bits behind the point: squaring the
 * mantissa gives a bit at a time (Knuth, The Art of Computer Programming 1, section 1.2.2). Only
 * multiplications, so it is the same on every host, which Math.log2 need not be.
 */
export function log2(value: number): number {
  if (!(value > 0 && value < Infinity)) throw new Error(`invariant: no logarithm of ${value}`);
  let mantissa = value;
  let result = 0;
  for (; mantissa >= 2; mantissa /= 2) result++;
  for (; mantissa < 1; mantissa *= 2) result--;
  let bit = 1;
  for (let i = 0; i < LOG_BITS; i++) {
    bit /= 2;
    mantissa *= mantissa;
    if (mantissa < 2) continue;
    mantissa /= 2;
    result += bit;
  }
  return result;
}

/** The octaves `low` to `high` drawn from pixel `from` to pixel `to`. */
export interface LogAxis {
  readonly low: number;
  readonly high: number;
  readonly from: number;
  readonly to: number;
}

/** The pixel of a position in octaves. */
export function pixelOf({ low, high, from, to }: LogAxis, octaves: number): number {
  return from + ((octaves - low) / (high - low)) * (to - from);
}

const MOST_TICKS = 9;

/** Whole octaves for ticks, evenly spaced, at most nine. */
export function ticks({ low, high }: LogAxis): number[] {
  let step = 1;
  while ((high - low) / step >= MOST_TICKS) step *= 2;
  const first = Math.ceil(low / step) * step;
  const count = Math.floor((high - first) / step) + 1;
  return Array.from({ length: count }, (_, i) => first + i * step);
}

/** 2^octaves as a label: `4,096`, `1/8`. */
export function tickLabel(octaves: number): string {
  let power = 1;
  for (let i = 0; i < Math.abs(octaves); i++) power *= 2;
  return octaves < 0 ? `1/${grouped(power)}` : grouped(power);
}
