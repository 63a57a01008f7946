/**
 * Elementwise operations in SIMD.
 *
 * The last vector of a row may reach beyond it. Rows are written in ascending order, so what it wrote there
 * is written again by the next row; behind the last row lies padding (`PADDING_BYTES` of the storage).
 */

import type { Declare, Local } from './assembler.ts';
import {
  advance,
  defineFunction,
  float,
  get,
  i32,
  int,
  sequence,
  set,
  v128,
  whileTrue,
} from './assembler.ts';
import type { Code, WasmFunction } from './encoder.ts';
import { exponential } from './exp.ts';

const VECTOR_BYTES = 16;

/** How an operand of a row is read: element by element, or its first element for all. */
type Access = 'each' | 'one';

const ACCESSES = {
  '': ['each', 'each'],
  RepeatA: ['one', 'each'],
  RepeatB: ['each', 'one'],
} as const satisfies Record<string, readonly [Access, Access]>;

const BINARY = {
  add: v128.add,
  sub: v128.sub,
  mul: v128.mul,
  div: v128.div,
  max: v128.max,
  min: v128.min,
};

export type BinaryName = keyof typeof BINARY;

/** Which operand has one column that is repeated. */
export type Repeated = keyof typeof ACCESSES;

/**
 * `add(out, a, b, rows, rowBytes, aStep, bStep)` and its kin: out[i, j] ← a[i, j] + b[i, j]. Steps are the bytes
 * from row to row, 0 where one row is repeated; `addRepeatA` repeats the first element of each row of a.
 */
function binary(name: string, operation: (x: Code, y: Code) => Code, accesses: readonly Access[]) {
  return defineFunction(
    name,
    { out: 'i32', a: 'i32', b: 'i32', rows: 'i32', rowBytes: 'i32', aStep: 'i32', bStep: 'i32' },
    ({ out, a, b, rows, rowBytes, aStep, bStep }, declare) => {
      const at = declare('i32');
      const [x, y] = [a, b].map((base, i) => operand(base, accesses[i], at, declare));
      return whileTrue(
        get(rows),
        sequence(
          x.prepare,
          y.prepare,
          overRow(
            at,
            rowBytes,
            v128.store(i32.add(get(out), get(at)), operation(x.value, y.value)),
          ),
          advance(out, get(rowBytes)),
          advance(a, get(aStep)),
          advance(b, get(bStep)),
          set(rows, i32.sub(get(rows), int(1))),
        ),
      );
    },
  );
}

function operand(base: Local, access: Access, at: Local, declare: Declare) {
  if (access === 'each') return { prepare: [], value: v128.load(i32.add(get(base), get(at))) };
  const repeated = declare('v128');
  return { prepare: set(repeated, v128.loadSplat(get(base))), value: get(repeated) };
}

/** Runs `body` for each vector of a row; `at` is its byte offset. */
function overRow(at: Local, rowBytes: Local, body: Code): Code {
  const step = sequence(body, advance(at, int(VECTOR_BYTES)));
  return sequence(set(at, int(0)), whileTrue(i32.below(get(at), get(rowBytes)), step));
}

interface Unary {
  readonly prepare: Code;
  readonly of: (x: Code) => Code;
}

/** `exp(out, source, bytes)` and its kin: out ← f(source), element by element. */
function unary(name: string, write: (declare: Declare) => Unary): WasmFunction {
  return defineFunction(
    name,
    { out: 'i32', source: 'i32', bytes: 'i32' },
    ({ out, source, bytes }, declare) => {
      const at = declare('i32');
      const { prepare, of } = write(declare);
      const value = of(v128.load(i32.add(get(source), get(at))));
      const body = v128.store(i32.add(get(out), get(at)), value);
      return sequence(prepare, overRow(at, bytes, body));
    },
  );
}

const simple = (of: Unary['of']) => (): Unary => ({ prepare: [], of });

export const ELEMENTWISE_FUNCTIONS: readonly WasmFunction[] = [
  ...Object.entries(BINARY).flatMap(([name, operation]) =>
    Object.entries(ACCESSES).map(([suffix, accesses]) =>
      binary(name + suffix, operation, accesses),
    ),
  ),
  unary('exp', exponential),
  unary(
    'relu',
    simple((x) => v128.max(x, v128.splat(float(0)))),
  ),
  unary('sqrt', simple(v128.sqrt)),
];
