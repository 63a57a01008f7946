/** LOAD and STORE of the formats that are not float32: rows of memory to rows of a tile and back, bits as `formats.ts` says. */

import type { ElementFormat } from '../formats.ts';
import type { Declare } from './assembler.ts';
import { advance, declareAll, defineFunction, get, integers, repeat, set } from './assembler.ts';
import { sequence, whileTrue } from './assembler.ts';
import type { Code, WasmFunction } from './encoder.ts';
import type { VectorFunction } from './exp.ts';
import type { Constants } from './loops.ts';
import { FLOAT_BYTES, LANES, VECTOR_BYTES, declareConstants, overBytes } from './loops.ts';
import { i32, int, v128 } from './operations.ts';

const WITHOUT_SIGN = 0x7fffffff;
const FLOAT32_INFINITY = 0x7f800000;

/** binary16: the mantissa is 13 bits shorter, the bias of the exponent 112 less. */
const HALF_SHIFT = 13;
const HALF_SIZE = 0x7fff;
const HALF_INFINITY = 0x7c00;
const HALF_NAN = 0x7e00;
const HALF_REBIAS = 112 << 10;
const HALF_SCALE = 2 ** 112;
/** Float32 bits of 2⁻¹⁴, the smallest normal binary16. */
const HALF_NORMAL = 0x38800000;
/** In the float32 numbers from here the last bit is worth 2⁻²⁴, as in a subnormal binary16. */
const HALF_BASE = 0.5;
const HALF_BASE_BITS = 0x3f000000;

const BFLOAT_SHIFT = 16;
const BFLOAT_NAN = 0x7fc0;

type Write = (declare: Declare, constants: Constants) => VectorFunction;

interface Conversion {
  /** Bytes of an element in memory. */
  readonly bytes: number;
  /** Four int32 lanes from four elements in memory; signed, but for 16 bits. */
  readonly read: (address: Code) => Code;
  /** Those lanes as float32, and back: back to int32 lanes that fit an element. */
  readonly decode: Write;
  readonly encode: Write;
  /** Four lanes to memory, and the lowest alone. */
  readonly writeFour: (address: Code, lanes: Code) => Code;
  readonly writeOne: (address: Code, lanes: Code) => Code;
}

const fromHalf: Write = (declare, constants) => {
  const [half, size] = declareAll(declare, 'v128', 2);
  const sign = v128.shiftLeftInt(v128.and(get(half), constants.int(0x8000)), int(16));
  // As a float32 the bits are the number times 2^-112, whether it is normal or subnormal.
  const value = v128.mul(
    v128.shiftLeftInt(get(size), int(HALF_SHIFT)),
    constants.float(HALF_SCALE),
  );
  const isFinite = v128.belowInt(get(size), constants.int(HALF_INFINITY));
  const special = v128.or(
    v128.shiftLeftInt(get(size), int(HALF_SHIFT)),
    constants.int(FLOAT32_INFINITY),
  );
  return (lanes) =>
    sequence(
      set(half, lanes),
      set(size, v128.and(get(half), constants.int(HALF_SIZE))),
      v128.or(v128.choose(value, special, isFinite), sign),
    );
};

/** Adds what carries into the bits that stay when the lowest `lost` are cut off: nearest, ties to even. */
function rounded(bits: Code, lost: number, { int: constant }: Constants): Code {
  const isOdd = v128.and(v128.shiftRightZeros(bits, int(lost)), constant(1));
  return v128.addInt(v128.addInt(bits, constant((1 << (lost - 1)) - 1)), isOdd);
}

const toHalf: Write = (declare, constants) => {
  const [x, size, half] = declareAll(declare, 'v128', 3);
  const { int: constant, float } = constants;
  const normal = v128.subInt(
    v128.shiftRightZeros(rounded(get(size), HALF_SHIFT, constants), int(HALF_SHIFT)),
    constant(HALF_REBIAS),
  );
  const subnormal = v128.subInt(v128.add(get(size), float(HALF_BASE)), constant(HALF_BASE_BITS));
  const isSubnormal = v128.belowInt(get(size), constant(HALF_NORMAL));
  const sign = v128.and(v128.shiftRightZeros(get(x), int(16)), constant(0x8000));
  const isNan = v128.aboveInt(get(size), constant(FLOAT32_INFINITY));
  return (value) =>
    sequence(
      set(x, value),
      set(size, v128.and(get(x), constant(WITHOUT_SIGN))),
      set(half, v128.minUnsigned(normal, constant(HALF_INFINITY))),
      set(half, v128.or(v128.choose(subnormal, get(half), isSubnormal), sign)),
      v128.choose(constant(HALF_NAN), get(half), isNan),
    );
};

const toBfloat: Write = (declare, constants) => {
  const x = declare('v128');
  const isNan = v128.notEqual(get(x), get(x));
  const bfloat = v128.shiftRightZeros(rounded(get(x), BFLOAT_SHIFT, constants), int(BFLOAT_SHIFT));
  return (value) => sequence(set(x, value), v128.choose(constants.int(BFLOAT_NAN), bfloat, isNan));
};

/** What leaves int8 is saturated when it is written; NaN becomes 0 on the way to int32. */
const toInt8: Write = () => (x) => v128.toInt(v128.nearest(x));

const narrowedUnsigned = (lanes: Code) => v128.narrowUnsigned(lanes, lanes);
const narrowedBytes = (lanes: Code) => {
  const halves = v128.narrowHalves(lanes, lanes);
  return v128.narrowBytes(halves, halves);
};

const HALVES = {
  bytes: 2,
  read: v128.loadHalves,
  writeFour: (address, lanes) => v128.storeTwo(address, narrowedUnsigned(lanes)),
  writeOne: v128.storeHalf,
} as const satisfies Partial<Conversion>;

const fromInt: Write = () => v128.fromInt;

const CONVERSIONS = {
  i32: {
    bytes: 4,
    read: v128.load,
    decode: fromInt,
    encode: () => v128.toInt,
    writeFour: v128.store,
    writeOne: v128.storeOne,
  },
  f16: { ...HALVES, decode: fromHalf, encode: toHalf },
  bf16: {
    ...HALVES,
    decode: () => (lanes) => v128.shiftLeftInt(lanes, int(BFLOAT_SHIFT)),
    encode: toBfloat,
  },
  i8: {
    bytes: 1,
    read: (address) => v128.widenHalves(v128.widenBytes(v128.loadOne(address))),
    decode: fromInt,
    encode: toInt8,
    writeFour: (address, lanes) => v128.storeOne(address, narrowedBytes(lanes)),
    writeOne: (address, lanes) => v128.storeByte(address, narrowedBytes(lanes)),
  },
} as const satisfies Record<Exclude<ElementFormat, 'f32'>, Conversion>;

export type ConversionName = `${'load' | 'store'}_${keyof typeof CONVERSIONS}`;

/** `load_f16(to, from, fromStep, rows, rowBytes)` and its kin; `rowBytes` of the tile, whose rows are dense and padded. */
function loading(name: string, { bytes, read, decode }: Conversion): WasmFunction {
  return defineFunction(
    `load_${name}`,
    integers('to', 'from', 'fromStep', 'rows', 'rowBytes'),
    ({ to, from, fromStep, rows, rowBytes }, declare) => {
      const [at, source] = declareAll(declare, 'i32', 2);
      const constants = declareConstants(declare);
      const value = decode(declare, constants)(read(get(source)));
      const row = sequence(
        set(source, get(from)),
        overBytes(
          at,
          rowBytes,
          VECTOR_BYTES,
          sequence(
            v128.store(i32.add(get(to), get(at)), value),
            advance(source, int(LANES * bytes)),
          ),
        ),
        advance(to, get(rowBytes)),
        advance(from, get(fromStep)),
      );
      return sequence(constants.prepare(), repeat(rows, row));
    },
  );
}

/** `store_f16(to, toStep, from, rows, rowBytes)` and its kin; nothing but the elements is written. */
function storing(name: string, { bytes, encode, writeFour, writeOne }: Conversion): WasmFunction {
  return defineFunction(
    `store_${name}`,
    integers('to', 'toStep', 'from', 'rows', 'rowBytes'),
    ({ to, toStep, from, rows, rowBytes }, declare) => {
      const [at, target, vectorBytes] = declareAll(declare, 'i32', 3);
      const constants = declareConstants(declare);
      const source = i32.add(get(from), get(at));
      const value = encode(declare, constants)(v128.load(source));
      const four = sequence(writeFour(get(target), value), advance(target, int(LANES * bytes)));
      const one = sequence(
        writeOne(get(target), value),
        advance(target, int(bytes)),
        advance(at, int(FLOAT_BYTES)),
      );
      const row = sequence(
        set(target, get(to)),
        overBytes(at, vectorBytes, VECTOR_BYTES, four),
        whileTrue(i32.below(get(at), get(rowBytes)), one),
        advance(to, get(toStep)),
        advance(from, get(rowBytes)),
      );
      return sequence(
        constants.prepare(),
        set(vectorBytes, i32.and(get(rowBytes), int(-VECTOR_BYTES))),
        repeat(rows, row),
      );
    },
  );
}

export const CONVERSION_FUNCTIONS: readonly WasmFunction[] = Object.entries<Conversion>(
  CONVERSIONS,
).flatMap(([name, conversion]) => [loading(name, conversion), storing(name, conversion)]);
