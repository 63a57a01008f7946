/** The transpose of a tile in SIMD, for TRANSPOSE and MATMUL.T. */

import type { Local } from './assembler.ts';
import { advance, declareAll, defineFunction, get, integers, set } from './assembler.ts';
import { sequence, whileTrue } from './assembler.ts';
import type { Code } from './encoder.ts';
import { FLOAT_BYTES, LANES } from './loops.ts';
import { i32, int, shuffle, v128 } from './operations.ts';

/**
 * `transpose(out, source, rows, cols)`: out (cols×rows) ← sourceᵀ, both dense; four by four where four are left,
 * then one by one.
 */
export const transposeFunction = defineFunction(
  'transpose',
  integers('out', 'source', 'rows', 'cols'),
  ({ out, source, rows, cols }, declare) => {
    const [i, j, from, to, fromStride, toStride] = declareAll(declare, 'i32', 6);
    const vectors = declareAll(declare, 'v128', 8);
    const at = (base: Local, stride: Local, row: Local, column: Local) =>
      i32.add(
        get(base),
        i32.add(i32.mul(get(row), get(stride)), i32.mul(get(column), int(FLOAT_BYTES))),
      );
    const isFour = i32.equal(i32.add(fourLeft(rows, i), fourLeft(cols, j)), int(2));
    const single = sequence(
      i32.store(at(out, toStride, j, i), i32.load(at(source, fromStride, i, j))),
      advance(j, int(1)),
    );
    const four = sequence(
      set(from, at(source, fromStride, i, j)),
      set(to, at(out, toStride, j, i)),
      transposeFour(vectors, from, fromStride, to, toStride),
      advance(j, int(LANES)),
    );
    const rowOfSingles = sequence(
      set(j, int(0)),
      whileTrue(i32.below(get(j), get(cols)), single),
      advance(i, int(1)),
    );
    const rowOfFours = sequence(
      set(j, int(0)),
      whileTrue(isFour, four),
      whileTrue(i32.below(get(j), get(cols)), edge(i, j, single)),
      advance(i, int(LANES)),
    );
    return sequence(
      set(fromStride, i32.mul(get(cols), int(FLOAT_BYTES))),
      set(toStride, i32.mul(get(rows), int(FLOAT_BYTES))),
      whileTrue(fourLeft(rows, i), rowOfFours),
      whileTrue(i32.below(get(i), get(rows)), rowOfSingles),
    );
  },
);

/** 1 when at least four are left behind `done`. */
function fourLeft(all: Local, done: Local): Code {
  return i32.atLeast(get(all), i32.add(get(done), int(LANES)));
}

/** Column j of four rows from i on, element by element. */
function edge(i: Local, j: Local, single: Code): Code {
  const back = set(j, i32.sub(get(j), int(1)));
  const cell = sequence(single, back, advance(i, int(1)));
  return sequence(
    ...Array.from({ length: LANES }, () => cell),
    set(i, i32.sub(get(i), int(LANES))),
    advance(j, int(1)),
  );
}

/** A 4×4 block: pairs of rows are interleaved, then pairs of pairs. */
function transposeFour(
  v: readonly Local[],
  from: Local,
  fromStride: Local,
  to: Local,
  toStride: Local,
): Code {
  const [a, b, c, d, ab, cd, ab2, cd2] = v;
  const read = (row: Local) =>
    sequence(set(row, v128.load(get(from))), advance(from, get(fromStride)));
  const write = (row: Code) => sequence(v128.store(get(to), row), advance(to, get(toStride)));
  const [low, high] = [
    [0, 4, 1, 5],
    [2, 6, 3, 7],
  ];
  return sequence(
    ...[a, b, c, d].map(read),
    set(ab, shuffle(low, get(a), get(b))),
    set(cd, shuffle(low, get(c), get(d))),
    set(ab2, shuffle(high, get(a), get(b))),
    set(cd2, shuffle(high, get(c), get(d))),
    write(shuffle([0, 1, 4, 5], get(ab), get(cd))),
    write(shuffle([2, 3, 6, 7], get(ab), get(cd))),
    write(shuffle([0, 1, 4, 5], get(ab2), get(cd2))),
    write(shuffle([2, 3, 6, 7], get(ab2), get(cd2))),
  );
}
