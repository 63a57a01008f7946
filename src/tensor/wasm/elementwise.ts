/**
 * Elementwise operations in SIMD.
 *
 * The last vector of a row may reach beyond it. Rows are written in ascending order, so what it wrote there
 * is written again by the next row; behind the last row lies padding (`PADDING_BYTES` of the storage).
 */

import type { Declare, Local } from './assembler.ts';
import { advance, declareAll, defineFunction, get, integers, repeat, set } from './assembler.ts';
import { sequence } from './assembler.ts';
import type { Code, WasmFunction } from './encoder.ts';
import type { VectorFunction } from './exp.ts';
import { exponential } from './exp.ts';
import type { Constants } from './loops.ts';
import { VECTOR_BYTES, declareConstants, overBytes } from './loops.ts';
import { i32, int, v128 } from './operations.ts';

/** 1.0 where a comparison left ones. */
const truth = (mask: Code): Code => v128.fromInt(v128.shiftRightZeros(mask, int(31)));

type Operation = (constants: Constants, ...operands: Code[]) => Code;

const BINARY = {
  add: (_, x, y) => v128.add(x, y),
  sub: (_, x, y) => v128.sub(x, y),
  mul: (_, x, y) => v128.mul(x, y),
  div: (_, x, y) => v128.div(x, y),
  max: (_, x, y) => v128.max(x, y),
  min: (_, x, y) => v128.min(x, y),
  less: (_, x, y) => truth(v128.below(x, y)),
  equal: (_, x, y) => truth(v128.equal(x, y)),
} as const satisfies Record<string, Operation>;

export type BinaryName = keyof typeof BINARY;

const select: Operation = ({ float }, c, a, b) => v128.choose(a, b, v128.notEqual(c, float(0)));

/** f32(f32(f32(s) · scale of the row) · scale of the column). */
const dequant: Operation = (_, sums, perRow, perColumn) =>
  v128.mul(v128.mul(v128.fromInt(sums), perRow), perColumn);

/** The largest and smallest result of QUANT. */
const QUANT_LIMIT = 127;

/** Limited and rounded; NaN becomes 0, and so does −0. */
function quant(declare: Declare): Operation {
  const x = declare('v128');
  return ({ float }, s, perRow) => {
    const limited = v128.max(v128.min(get(x), float(QUANT_LIMIT)), float(-QUANT_LIMIT));
    const isNumber = v128.equal(get(x), get(x));
    return sequence(
      set(x, v128.mul(s, perRow)),
      v128.add(v128.and(v128.nearest(limited), isNumber), float(0)),
    );
  };
}

/** Names of the operands of a row-wise function, and of the bytes from row to row of each: 0 where one row is repeated. */
const OPERANDS = ['a', 'b', 'c'] as const;
const STEPS = ['aStep', 'bStep', 'cStep'] as const;

/**
 * `add0(out, a, b, rows, rowBytes, aStep, bStep)` and its kin: out[i, j] ← operation(a[i, j], b[i, j]). Of the
 * number in the name, bit n is set when the first element of each row of operand n is repeated.
 */
function rowwise(name: string, count: number, repeated: number, write: (d: Declare) => Operation) {
  const [names, steps] = [OPERANDS.slice(0, count), STEPS.slice(0, count)];
  const params = { ...integers('out', ...names, 'rows', 'rowBytes', ...steps) };
  return defineFunction(name + String(repeated), params, (locals, declare) => {
    const { out, rows, rowBytes } = locals;
    const at = declare('i32');
    const constants = declareConstants(declare);
    const splats = declareAll(declare, 'v128', count);
    const isRepeated = (i: number) => ((repeated >> i) & 1) === 1;
    const operands = names.map((operand, i) =>
      isRepeated(i) ? get(splats[i]) : v128.load(i32.add(get(locals[operand]), get(at))),
    );
    const value = write(declare)(constants, ...operands);
    const each = sequence(
      ...names.map((operand, i) =>
        isRepeated(i) ? set(splats[i], v128.loadSplat(get(locals[operand]))) : [],
      ),
      overBytes(at, rowBytes, VECTOR_BYTES, v128.store(i32.add(get(out), get(at)), value)),
      advance(out, get(rowBytes)),
      ...names.map((operand, i) => advance(locals[operand], get(locals[steps[i]]))),
    );
    return sequence(constants.prepare(), repeat(rows, each));
  });
}

/** Writes a function of vectors: what it needs is declared in the function around it. */
export type WriteFunction = (declare: Declare, constants: Constants) => VectorFunction;

/** `exp(out, source, bytes)` and its kin: out ← f(source), element by element. */
function unary(name: string, write: WriteFunction): WasmFunction {
  return defineFunction(
    name,
    integers('out', 'source', 'bytes'),
    ({ out, source, bytes }, declare) => {
      const at = declare('i32');
      const constants = declareConstants(declare);
      const beside = (base: Local) => i32.add(get(base), get(at));
      const value = write(declare, constants)(v128.load(beside(source)));
      const body = overBytes(at, bytes, VECTOR_BYTES, v128.store(beside(out), value));
      return sequence(constants.prepare(), body);
    },
  );
}

const UNARY = {
  exp: exponential,
  relu:
    (_, { float }) =>
    (x) =>
      v128.max(x, float(0)),
  sqrt: () => v128.sqrt,
  trunc: () => v128.trunc,
} as const satisfies Record<string, WriteFunction>;

export type UnaryName = keyof typeof UNARY;

/** Which operands may be repeated, as in the names; DEQUANT and QUANT always repeat the scale of a row. */
const EITHER_OR_NONE = [0, 1, 2] as const;
const ANY_OF_THREE = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const ROW_SCALE = 2;
const BOTH_SCALES = 6;

export type RowwiseName =
  | `${BinaryName}${(typeof EITHER_OR_NONE)[number]}`
  | `select${(typeof ANY_OF_THREE)[number]}`
  | 'quant2'
  | 'dequant2'
  | 'dequant6';

export const ELEMENTWISE_FUNCTIONS: readonly WasmFunction[] = [
  ...Object.entries<Operation>(BINARY).flatMap(([name, operation]) =>
    EITHER_OR_NONE.map((repeated) => rowwise(name, 2, repeated, () => operation)),
  ),
  ...ANY_OF_THREE.map((repeated) => rowwise('select', 3, repeated, () => select)),
  rowwise('quant', 2, ROW_SCALE, quant),
  ...[ROW_SCALE, BOTH_SCALES].map((repeated) => rowwise('dequant', 3, repeated, () => dequant)),
  ...Object.entries<WriteFunction>(UNARY).map(([name, write]) => unary(name, write)),
];
