/** LOAD and STORE in SIMD: rows copied bit for bit between memory and a tile. */

import {
  advance,
  defineFunction,
  get,
  i32,
  int,
  sequence,
  set,
  v128,
  whileTrue,
} from './assembler.ts';

const FLOAT_BYTES = 4;
const VECTOR_BYTES = 16;

/** `copyRows(to, toStep, from, fromStep, rows, rowBytes)`: rows in ascending order, and nothing beyond them. */
export const copyRowsFunction = defineFunction(
  'copyRows',
  { to: 'i32', toStep: 'i32', from: 'i32', fromStep: 'i32', rows: 'i32', rowBytes: 'i32' },
  ({ to, toStep, from, fromStep, rows, rowBytes }, declare) => {
    const [at, vectorBytes] = [declare('i32'), declare('i32')];
    const [source, target] = [i32.add(get(from), get(at)), i32.add(get(to), get(at))];
    const vector = sequence(v128.store(target, v128.load(source)), advance(at, int(VECTOR_BYTES)));
    const single = sequence(i32.store(target, i32.load(source)), advance(at, int(FLOAT_BYTES)));
    return sequence(
      set(vectorBytes, i32.and(get(rowBytes), int(-VECTOR_BYTES))),
      whileTrue(
        get(rows),
        sequence(
          set(at, int(0)),
          whileTrue(i32.below(get(at), get(vectorBytes)), vector),
          whileTrue(i32.below(get(at), get(rowBytes)), single),
          advance(to, get(toStep)),
          advance(from, get(fromStep)),
          set(rows, i32.sub(get(rows), int(1))),
        ),
      ),
    );
  },
);
