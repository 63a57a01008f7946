/** What most kernels are built of: constants in front of a loop, and loops over the bytes of a row. */

import type { Declare, Local } from './assembler.ts';
import { advance, get, sequence, set, whileTrue } from './assembler.ts';
import type { Code } from './encoder.ts';
import { double, f64x2, float, i32, int, v128 } from './operations.ts';

export const FLOAT_BYTES = 4;
export const VECTOR_BYTES = 16;
export const LANES = 4;

/** How a vector is read and written of which only some lanes count. */
export interface Access {
  readonly load: (address: Code, offset?: number) => Code;
  readonly store: (address: Code, value: Code, offset?: number) => Code;
}

export const WHOLE: Access = { load: v128.load, store: v128.store };
export const PAIR: Access = { load: v128.loadTwo, store: v128.storeTwo };
export const SINGLE: Access = { load: v128.loadOne, store: v128.storeOne };

/** Vectors that a function splats once, before its loop: the compiler would build each anew for every vector. */
export interface Constants {
  /** Four lanes of a float32. */
  readonly float: (value: number) => Code;
  /** Four lanes of an int32. */
  readonly int: (value: number) => Code;
  /** Two lanes of a float64. */
  readonly double: (value: number) => Code;
  /** Gives them their values; complete when the code that uses them has been written. */
  readonly prepare: () => Code;
}

/** No constants yet; the same one asked for twice is one local. */
export function declareConstants(declare: Declare): Constants {
  const known = new Map<string, Local>();
  const statements: Code[] = [];
  const constant = (kind: string, value: number, splatted: Code): Code => {
    const key = `${kind} ${Object.is(value, -0) ? '-0' : value}`;
    let local = known.get(key);
    if (!local) {
      local = declare('v128');
      known.set(key, local);
      statements.push(set(local, splatted));
    }
    return get(local);
  };
  return {
    float: (value) => constant('float', value, v128.splat(float(value))),
    int: (value) => constant('int', value, v128.splatInt(int(value))),
    double: (value) => constant('double', value, f64x2.splat(double(value))),
    prepare: () => statements.flat(),
  };
}

/** Runs `body` with `at` = 0, `step`, 2 · `step` … below `bytes`: the last may reach beyond. */
export function overBytes(at: Local, bytes: Local, step: number, body: Code): Code {
  const each = sequence(body, advance(at, int(step)));
  return sequence(set(at, int(0)), whileTrue(i32.below(get(at), get(bytes)), each));
}

/** The same with whole vectors as long as there are any, then lane by lane: nothing reaches beyond. */
export function overExactBytes(
  at: Local,
  bytes: Local,
  declare: Declare,
  body: (access: Access) => Code,
): Code {
  const vectors = declare('i32');
  const single = sequence(body(SINGLE), advance(at, int(FLOAT_BYTES)));
  return sequence(
    set(vectors, i32.and(get(bytes), int(-VECTOR_BYTES))),
    overBytes(at, vectors, VECTOR_BYTES, body(WHOLE)),
    whileTrue(i32.below(get(at), get(bytes)), single),
  );
}
