/** The operations of WebAssembly that the kernels use: functions from the code of their operands to code. */

import type { Code } from './encoder.ts';
import { signed, unsigned } from './encoder.ts';

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
  shiftLeft: operation(0x74),
  shiftRight: operation(0x76),
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
  /** Four lanes from as many unsigned or signed numbers of 16 bits. */
  loadHalves: load(0xfd, 4),
  loadSplat: load(0xfd, 9),
  loadOne: load(0xfd, 0x5c),
  loadTwo: load(0xfd, 0x5d),
  store: store(0xfd, 11),
  storeByte: storeLane(0x58),
  storeHalf: storeLane(0x59),
  storeOne: storeLane(0x5a),
  storeTwo: storeLane(0x5b),
  splat: simd(19),
  splatInt: simd(17),
  lane0: simd(31, 0),
  belowInt: simd(0x39),
  aboveInt: simd(0x3b),
  equal: simd(0x41),
  notEqual: simd(0x42),
  below: simd(0x43),
  above: simd(0x44),
  atMost: simd(0x45),
  atLeast: simd(0x46),
  and: simd(0x4e),
  or: simd(0x50),
  xor: simd(0x51),
  /** Bits of the first operand where the third has ones, of the second elsewhere. */
  choose: simd(0x52),
  /** 1 when any bit is. */
  isAny: simd(0x53),
  floor: simd(0x68),
  trunc: simd(0x69),
  /** To the nearest integer, ties to even. */
  nearest: simd(0x6a),
  abs: simd(0xe0),
  sqrt: simd(0xe3),
  add: simd(0xe4),
  sub: simd(0xe5),
  mul: simd(0xe6),
  div: simd(0xe7),
  min: simd(0xe8),
  max: simd(0xe9),
  /** Towards zero, saturated; NaN becomes 0. */
  toInt: simd(0xf8),
  fromInt: simd(0xfa),
  shiftLeftInt: simd(0xab),
  shiftRightInt: simd(0xac),
  shiftRightZeros: simd(0xad),
  addInt: simd(0xae),
  subInt: simd(0xb1),
  minUnsigned: simd(0xb7),
  /** The sign of each lane, lane i in bit i. */
  signs: simd(0xa4),
  /** The lowest four of eight or sixteen integers, widened. */
  widenBytes: simd(0x87),
  widenHalves: simd(0xa7),
  /** The lanes of two vectors in half the bits, saturated. */
  narrowBytes: simd(0x65),
  narrowHalves: simd(0x85),
  narrowUnsigned: simd(0x86),
};

/** Two float64 lanes; int64 lanes where the name says so. */
export const f64x2 = {
  splat: simd(20),
  below: simd(0x49),
  above: simd(0x4a),
  atMost: simd(0x4b),
  atLeast: simd(0x4c),
  equal: simd(0x47),
  floor: simd(0x75),
  abs: simd(0xec),
  sqrt: simd(0xef),
  add: simd(0xf0),
  sub: simd(0xf1),
  mul: simd(0xf2),
  div: simd(0xf3),
  shiftLeftInt: simd(0xcb),
  shiftRightZeros: simd(0xcd),
  /** From the two lowest float32 lanes, and back. */
  fromFloats: simd(0x5f),
  toFloats: simd(0x5e),
};

/** Lanes picked from two vectors: 0 to 3 from the first, 4 to 7 from the second. */
export const shuffle = (lanes: readonly number[], a: Code, b: Code): Code => [
  ...a,
  ...b,
  ...[0xfd, 13],
  ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
];
