/** ROPE in SIMD: four pairs at a time where their numbers lie apart, two where they lie side by side. */

import type { Local } from './assembler.ts';
import { advance, declareAll, defineFunction, get, integers, repeat, set } from './assembler.ts';
import { sequence } from './assembler.ts';
import type { Code } from './encoder.ts';
import { VECTOR_BYTES, declareConstants, overBytes, overExactBytes } from './loops.ts';
import { i32, int, shuffle, v128 } from './operations.ts';

const PARAMS = integers('out', 'source', 'cos', 'sin', 'rows', 'halfBytes', 'angleStep');

type Row = Readonly<Record<keyof typeof PARAMS, Local>>;

/** Runs `body` for each row; angles are `angleStep` bytes apart, 0 where all rows share them. */
function overRows({ out, source, cos, sin, rows, halfBytes, angleStep }: Row, body: Code): Code {
  const rowBytes = i32.shiftLeft(get(halfBytes), int(1));
  return repeat(
    rows,
    body,
    advance(out, rowBytes),
    advance(source, rowBytes),
    advance(cos, get(angleStep)),
    advance(sin, get(angleStep)),
  );
}

/** `rope(out, source, cos, sin, rows, halfBytes, angleStep)`: pairs are the columns (p, p + half). */
export const ropeFunction = defineFunction('rope', PARAMS, (row, declare) => {
  const { out, source, cos, sin, halfBytes } = row;
  const [at, outSecond, sourceSecond] = declareAll(declare, 'i32', 3);
  const [a, b, c, n] = declareAll(declare, 'v128', 4);
  const place = (base: Local) => i32.add(get(base), get(at));
  const product = (x: Local, y: Local) => v128.mul(get(x), get(y));
  const pairs = overExactBytes(at, halfBytes, declare, ({ load, store }) =>
    sequence(
      set(a, load(place(source))),
      set(b, load(place(sourceSecond))),
      set(c, load(place(cos))),
      set(n, load(place(sin))),
      store(place(out), v128.sub(product(a, c), product(b, n))),
      store(place(outSecond), v128.add(product(b, c), product(a, n))),
    ),
  );
  const body = sequence(
    set(outSecond, i32.add(get(out), get(halfBytes))),
    set(sourceSecond, i32.add(get(source), get(halfBytes))),
    pairs,
  );
  return overRows(row, body);
});

/** `ropePairs(…)`: pairs are the columns (2p, 2p + 1); the last vector of a row may reach beyond it. */
export const ropePairsFunction = defineFunction('ropePairs', PARAMS, (row, declare) => {
  const { out, source, cos, sin, halfBytes } = row;
  const [at, angle, rowBytes] = declareAll(declare, 'i32', 3);
  const x = declare('v128');
  const constants = declareConstants(declare);
  /** The angles of two pairs, each twice. */
  const twice = (base: Local) => {
    const two = v128.loadTwo(i32.add(get(base), get(angle)));
    return shuffle([0, 0, 1, 1], two, two);
  };
  const swapped = shuffle([1, 0, 3, 2], get(x), get(x));
  // a·c − b·s is a·c + −(b·s), exactly.
  const signs = shuffle([0, 4, 1, 5], constants.float(-0), constants.float(0));
  const crossed = v128.xor(v128.mul(swapped, twice(sin)), signs);
  const body = sequence(
    set(angle, i32.shiftRight(get(at), int(1))),
    set(x, v128.load(i32.add(get(source), get(at)))),
    v128.store(i32.add(get(out), get(at)), v128.add(v128.mul(get(x), twice(cos)), crossed)),
  );
  const each = overRows(row, overBytes(at, rowBytes, VECTOR_BYTES, body));
  const measured = set(rowBytes, i32.shiftLeft(get(halfBytes), int(1)));
  return sequence(constants.prepare(), measured, each);
});
