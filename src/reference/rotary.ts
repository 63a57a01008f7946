/** Rotary position embedding in the half-split layout of Llama and GPT-NeoX. */
import type { Matrix } from './matrix.ts';
import { zeros } from './matrix.ts';

/** Where rows stand and how fast each pair of columns turns. */
export interface Rotary {
  /** The position of each row. */
  readonly positions: readonly number[];
  /** Radians per position of each pair: headSize / 2 of them. */
  readonly frequencies: readonly number[];
}

/**
 * base^(−2i/headSize) for pair i, `headSize / 2` of them.
 * Source: Su et al. 2021, §3.2.2; base 10000 there.
 */
export function rotaryFrequencies(headSize: number, base = 10000): number[] {
  return Array.from({ length: headSize / 2 }, (_, i) => base ** ((-2 * i) / headSize));
}

/**
 * Turns the pair (x[i], x[i + headSize/2]) of every head by position · frequency i.
 * x is [positions × heads·headSize], headSize = 2 · frequencies.length.
 * Source: Su et al. 2021, eq. 15; half-split pairing: Black et al. 2022 (GPT-NeoX), §2.
 * @throws RangeError when x does not divide into heads or rows and positions differ in number.
 */
export function rotate(x: Matrix, { positions, frequencies }: Rotary): Matrix {
  const half = frequencies.length;
  if (x.rows !== positions.length || x.cols % (2 * half) !== 0) {
    throw new RangeError(
      `rotate: ${x.rows}×${x.cols} with ${positions.length} positions, head size ${2 * half}`,
    );
  }
  const out = zeros(x.rows, x.cols);
  for (let first = 0; first < x.data.length; first += 2 * half) {
    const position = positions[Math.floor(first / x.cols)];
    for (let i = first; i < first + half; i++) {
      const angle = position * frequencies[i - first];
      const [a, b] = [x.data[i], x.data[i + half]];
      out.data[i] = a * Math.cos(angle) - b * Math.sin(angle);
      out.data[i + half] = b * Math.cos(angle) + a * Math.sin(angle);
    }
  }
  return out;
}
