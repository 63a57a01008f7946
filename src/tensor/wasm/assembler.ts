/** A small assembler: WebAssembly instructions as functions from the code of their operands to code. */

import type { Code, ValueType, WasmFunction } from './encoder.ts';
import { signed, unsigned } from './encoder.ts';

/** A parameter or a local variable. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** Reads a local. */
export const get = ({ index }: Local): Code => [0x20, ...unsigned(index)];

/** Writes a local. */
export const set = ({ index }: Local, value: Code): Code => [...value, 0x21, ...unsigned(index)];

/** Statements, one behind the other. */
export const sequence = (...statements: readonly Code[]): Code => statements.flat();

/** Runs `body` when the int32 `condition` is not 0. */
export const when = (condition: Code, body: Code, otherwise?: Code): Code => [
  ...condition,
  ...[0x04, 0x40],
  ...body,
  ...(otherwise ? [0x05, ...otherwise] : []),
  0x0b,
];

/** Runs `body`, and again as long as `condition` holds behind it. */
export const doWhile = (body: Code, condition: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...condition,
  ...[0x0d, 0],
  0x0b,
];

/** Runs `body` as long as `condition` holds before it. */
export const whileTrue = (condition: Code, body: Code): Code =>
  when(condition, doWhile(body, condition));

const operation =
  (...opcode: readonly number[]) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), ...opcode];

/** Instructions behind the prefix of SIMD. */
const simd = (opcode: number, ...immediates: readonly number[]) =>
  operation(0xfd, ...unsigned(opcode), ...immediates);

/** A load: a constant offset is added to the address; alignment is only a hint, and none is given. */
const load =
  (...opcode: readonly number[]) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, 0, ...unsigned(offset)];

const store =
  (...opcode: readonly number[]) =>
  (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...opcode,
    0,
    ...unsigned(offset),
  ];

/** Stores the lowest lane or lanes of a vector. */
const storeLane =
  (opcode: number) =>
  (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...[0xfd, opcode, 0],
    ...[...unsigned(offset), 0],
  ];

/** The int32 constant. */
export const int = (value: number): Code => [0x41, ...signed(value)];

/** The float32 constant. */
export const float = (value: number): Code => [
  0x43,
  ...new Uint8Array(Float32Array.of(value).buffer),
];

/** The float64 constant. */
export const double = (value: number): Code => [
  0x44,
  ...new Uint8Array(Float64Array.of(value).buffer),
];

export const i32 = {
  load: load(0x28),
  store: store(0x36),
  isZero: operation(0x45),
  equal: operation(0x46),
  below: operation(0x49),
  lessSigned: operation(0x48),
  atLeast: operation(0x4f),
  add: operation(0x6a),
  sub: operation(0x6b),
  mul: operation(0x6c),
  and: operation(0x71),
};

export const f32 = {
  load: load(0x2a),
  store: store(0x38),
  equal: operation(0x5b),
  add: operation(0x92),
  sub: operation(0x93),
  mul: operation(0x94),
  div: operation(0x95),
  max: operation(0x97),
  fromInt: operation(0xb3),
  fromDouble: operation(0xb6),
};

export const f64 = {
  sqrt: operation(0x9f),
  div: operation(0xa3),
  fromFloat: operation(0xbb),
};

/** The int32 constants of four lanes. */
export const intLanes = (lanes: readonly number[]): Code => [
  ...[0xfd, 12],
  ...new Uint8Array(Int32Array.from(lanes).buffer),
];

/** Four float32 lanes; int32 lanes where the name says so. */
export const v128 = {
  load: load(0xfd, 0),
  loadSplat: load(0xfd, 9),
  loadOne: load(0xfd, 0x5c),
  loadTwo: load(0xfd, 0x5d),
  store: store(0xfd, 11),
  storeOne: storeLane(0x5a),
  storeTwo: storeLane(0x5b),
  splat: simd(19),
  splatInt: simd(17),
  lane0: simd(31, 0),
  belowInt: simd(0x39),
  above: simd(0x44),
  below: simd(0x43),
  /** Bits of the first operand where the third has ones, of the second elsewhere. */
  choose: simd(0x52),
  floor: simd(0x68),
  sqrt: simd(0xe3),
  add: simd(0xe4),
  sub: simd(0xe5),
  mul: simd(0xe6),
  div: simd(0xe7),
  min: simd(0xe8),
  max: simd(0xe9),
  toInt: simd(0xf8),
  shiftLeftInt: simd(0xab),
  shiftRightInt: simd(0xac),
  addInt: simd(0xae),
  subInt: simd(0xb1),
};

/** Lanes picked from two vectors: 0 to 3 from the first, 4 to 7 from the second. */
export const shuffle = (lanes: readonly number[], a: Code, b: Code): Code => [
  ...a,
  ...b,
  ...[0xfd, 13],
  ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
];

/** `local ← local + amount`. */
export const advance = (local: Local, amount: Code): Code =>
  set(local, i32.add(get(local), amount));

type LocalsOf<P> = { readonly [K in keyof P]: Local };

/** Declares the locals of a function that is being written. */
export type Declare = (type: ValueType) => Local;

/** A function; `write` gets its parameters by name, and declares locals as it needs them. It is written when asked for. */
export function defineFunction<const P extends Readonly<Record<string, ValueType>>>(
  name: string,
  params: P,
  write: (params: LocalsOf<P>, declare: Declare) => Code,
  result?: ValueType,
): WasmFunction {
  const types = Object.values(params);
  let written: Pick<WasmFunction, 'locals' | 'body'> | undefined;
  const code = () => (written ??= writeFunction(params, write));
  return {
    name,
    params: types,
    result,
    get locals() {
      return code().locals;
    },
    get body() {
      return code().body;
    },
  };
}

function writeFunction<P extends Readonly<Record<string, ValueType>>>(
  params: P,
  write: (params: LocalsOf<P>, declare: Declare) => Code,
): Pick<WasmFunction, 'locals' | 'body'> {
  const named = Object.entries(params).map(([key, type], index) => [key, { index, type }]);
  const locals: ValueType[] = [];
  const declare = (type: ValueType): Local => {
    locals.push(type);
    return { index: named.length + locals.length - 1, type };
  };
  const body = write(Object.fromEntries(named) as LocalsOf<P>, declare);
  return { locals, body };
}
