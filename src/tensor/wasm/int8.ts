/** The integers of MATMUL.I8: what goes in is checked, what comes out is made int32. The product itself is that of float32. */

import { declareAll, defineFunction, get, integers, sequence, set } from './assembler.ts';
import type { Code } from './encoder.ts';
import { VECTOR_BYTES, declareConstants, overBytes, overExactBytes } from './loops.ts';
import { i32, int, v128 } from './operations.ts';

const INT8_LOW = -128;
const INT8_HIGH = 127;

/** `hasNotInt8(source, bytes)`: not 0 when an element is no integer in [−128, 127]. */
export const hasNotInt8Function = defineFunction(
  'hasNotInt8',
  integers('source', 'bytes'),
  ({ source, bytes }, declare) => {
    const at = declare('i32');
    const [x, fit] = declareAll(declare, 'v128', 2);
    const { float, prepare } = declareConstants(declare);
    const isInside = v128.and(
      v128.atLeast(get(x), float(INT8_LOW)),
      v128.atMost(get(x), float(INT8_HIGH)),
    );
    const isInteger = v128.equal(v128.trunc(get(x)), get(x));
    const body = overExactBytes(at, bytes, declare, ({ load }) =>
      sequence(
        set(x, load(i32.add(get(source), get(at)))),
        set(fit, v128.and(get(fit), v128.and(isInside, isInteger))),
      ),
    );
    const allOnes = v128.splatInt(int(-1));
    return sequence(prepare(), set(fit, allOnes), body, v128.isAny(v128.xor(get(fit), allOnes)));
  },
  'i32',
);

/** `toInt32(out, bytes)`: float32 integers become int32 in their place. */
export const toInt32Function = defineFunction(
  'toInt32',
  integers('out', 'bytes'),
  ({ out, bytes }, declare) => {
    const at = declare('i32');
    const place = i32.add(get(out), get(at));
    return overBytes(at, bytes, VECTOR_BYTES, v128.store(place, v128.toInt(v128.load(place))));
  },
);

/**
 * `addInt32(out, before, bytes)`: the same, and int32 `before` added. Not 0 when a sum left int32, or what lies
 * behind the last element did.
 */
export const addInt32Function = defineFunction(
  'addInt32',
  integers('out', 'before', 'bytes'),
  ({ out, before, bytes }, declare) => {
    const at = declare('i32');
    const [x, y, sum, overflow] = declareAll(declare, 'v128', 4);
    const place = i32.add(get(out), get(at));
    // A sum overflows when its sign is that of neither operand.
    const signs: Code = v128.and(v128.xor(get(sum), get(x)), v128.xor(get(sum), get(y)));
    const body = sequence(
      set(x, v128.toInt(v128.load(place))),
      set(y, v128.load(i32.add(get(before), get(at)))),
      set(sum, v128.addInt(get(x), get(y))),
      set(overflow, v128.or(get(overflow), signs)),
      v128.store(place, get(sum)),
    );
    return sequence(overBytes(at, bytes, VECTOR_BYTES, body), v128.signs(get(overflow)));
  },
  'i32',
);
