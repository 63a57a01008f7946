/** Row reductions in SIMD: sixteen lanes are four vectors, so a sum keeps the order of `laneSum`. */

import { LANES } from '../kernels/lanes.ts';
import type { Declare, Local } from './assembler.ts';
import { advance, declareAll, defineFunction, get, integers, repeat, set } from './assembler.ts';
import { sequence, when, whileTrue } from './assembler.ts';
import type { Code, WasmFunction } from './encoder.ts';
import { FLOAT_BYTES, VECTOR_BYTES } from './loops.ts';
import { f32, float, i32, int, intLanes, shuffle, v128 } from './operations.ts';

const GROUP_BYTES = LANES * FLOAT_BYTES;
const GROUP = LANES / 4;

/** Where the lanes of a vector begin. */
const LANE_BYTES = [0, 4, 8, 12];

/** A row in the scratch space: from `start`, padded to whole groups of sixteen, up to `end`. */
export interface ScratchRow {
  readonly start: Local;
  readonly end: Local;
  /** Behind the last element that counts. */
  readonly filled: Local;
  /** Working variables. */
  readonly at: Local;
  readonly vectors: readonly Local[];
}

/** A row in scratch space that begins at `start`. */
export function declareRow(start: Local, declare: Declare): ScratchRow {
  const vectors = declareAll(declare, 'v128', GROUP);
  return { start, end: declare('i32'), filled: declare('i32'), at: declare('i32'), vectors };
}

/** Sets the ends of a row of `bytes`. */
export function measureRow({ start, end, filled }: ScratchRow, bytes: Code): Code {
  return sequence(
    set(filled, i32.add(get(start), bytes)),
    set(
      end,
      i32.add(
        get(start),
        i32.and(i32.add(i32.sub(get(filled), get(start)), int(GROUP_BYTES - 1)), int(-GROUP_BYTES)),
      ),
    ),
  );
}

/** Runs `body` for each vector of the row's elements; `row.at` is its address, the last may be part padding. */
export function overVectors({ start, filled, at }: ScratchRow, body: Code): Code {
  const step = sequence(body, advance(at, int(VECTOR_BYTES)));
  return sequence(set(at, get(start)), whileTrue(i32.below(get(at), get(filled)), step));
}

/**
 * Writes `value` behind the elements, up to the end of the last group. Whole vectors only: four small stores
 * would hold up the load of a vector behind them.
 */
export function padRow({ start, filled, end, at }: ScratchRow, value: number): Code {
  const padding = v128.splat(float(value));
  const left = i32.sub(get(filled), get(at));
  const isElement = v128.belowInt(intLanes(LANE_BYTES), v128.splatInt(left));
  const whole = i32.and(i32.sub(get(filled), get(start)), int(-VECTOR_BYTES));
  const step = sequence(v128.store(get(at), padding), advance(at, int(VECTOR_BYTES)));
  return sequence(
    set(at, i32.add(get(start), whole)),
    when(
      i32.below(get(at), get(filled)),
      sequence(
        v128.store(get(at), v128.choose(v128.load(get(at)), padding, isElement)),
        advance(at, int(VECTOR_BYTES)),
      ),
    ),
    whileTrue(i32.below(get(at), get(end)), step),
  );
}

/** Runs over groups of sixteen, `combine` joining each of its vectors to one of four, then joins those as a tree. */
function reduce(row: ScratchRow, start: number, combine: Combine, term: (x: Code) => Code): Code {
  const { at, end, vectors } = row;
  const [a, b, c, d] = vectors;
  const join = (into: Local, other: Code) => set(into, combine(get(into), other));
  const step = sequence(
    ...vectors.map((v, i) => join(v, term(v128.load(get(at), i * VECTOR_BYTES)))),
    advance(at, int(GROUP_BYTES)),
  );
  return sequence(
    ...vectors.map((v) => set(v, v128.splat(float(start)))),
    set(at, get(row.start)),
    whileTrue(i32.below(get(at), get(end)), step),
    join(a, get(c)),
    join(b, get(d)),
    join(a, get(b)),
    join(a, shuffle([2, 3, 2, 3], get(a), get(a))),
    join(a, shuffle([1, 1, 1, 1], get(a), get(a))),
    v128.lane0(get(a)),
  );
}

type Combine = (x: Code, y: Code) => Code;

/** The sum of a row padded with +0, in the order of `laneSum`. */
export const laneSum = (row: ScratchRow): Code => reduce(row, 0, v128.add, (x) => x);

/** The sum of the squares of a row padded with 0, in the same order. */
export function laneSumOfSquares(row: ScratchRow, term: Local): Code {
  return reduce(row, 0, v128.add, (x) => sequence(set(term, x), v128.mul(get(term), get(term))));
}

/** The largest element of a row padded with −∞; NaN when one is NaN. */
export const largest = (row: ScratchRow): Code => reduce(row, -Infinity, v128.max, (x) => x);

/** Copies `source` into the row, and pads it. */
export function fillRow(row: ScratchRow, source: Local, padding: number): Code {
  const from = i32.add(get(source), i32.sub(get(row.at), get(row.start)));
  return sequence(overVectors(row, v128.store(get(row.at), v128.load(from))), padRow(row, padding));
}

/** `rowSum(out, source, rows, rowBytes, scratch)` and its kin: one number of each row. */
function reduction(name: string, padding: number, value: (row: ScratchRow) => Code): WasmFunction {
  return defineFunction(
    name,
    integers('out', 'source', 'rows', 'rowBytes', 'scratch'),
    ({ out, source, rows, rowBytes, scratch }, declare) => {
      const row = declareRow(scratch, declare);
      const result = declare('f32');
      const each = sequence(
        fillRow(row, source, padding),
        set(result, value(row)),
        f32.store(get(out), get(result)),
        advance(source, get(rowBytes)),
        advance(out, int(FLOAT_BYTES)),
      );
      return sequence(measureRow(row, get(rowBytes)), repeat(rows, each));
    },
  );
}

export const ROW_FUNCTIONS = [
  reduction('rowSum', 0, laneSum),
  reduction('rowMax', -Infinity, largest),
];
