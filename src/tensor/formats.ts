/** How one number is kept in memory: element formats, and their conversion to and from what a tile holds. */
import { powersOfTwo } from './double.ts';

/** The formats of elements in memory, in the order of their numbers in the binary form; a tile holds float32 whatever it was loaded from. */
export const ELEMENT_FORMATS = ['f32', 'i32', 'f16', 'bf16', 'i8'] as const;
export type ElementFormat = (typeof ELEMENT_FORMATS)[number];

/** Elements as memory keeps them: the 16-bit floats as their bit patterns. */
export type StoredArray = Float32Array | Int32Array | Uint16Array | Int8Array;

export interface Format {
  /** Bytes of one element; addresses and strides are multiples of it. */
  readonly bytes: number;
  /** Room for `count` elements, all 0. */
  readonly allocate: (count: number) => StoredArray;
  /** The elements in a buffer, from the byte `from`, as a view. */
  readonly view: (buffer: ArrayBufferLike, from: number, count: number) => StoredArray;
  /** The float32 that a stored element means; exact but for int32 above 2^24, which is rounded. */
  readonly decode: (stored: number) => number;
  /** A float32 as it is stored. */
  readonly encode: (value: number) => number;
  /** What memory that was never written holds: NaN where there is one, so that it shows. */
  readonly unwritten: number;
}

const FLOAT = new Float32Array(1);
const BITS = new Int32Array(FLOAT.buffer);
const WITHOUT_SIGN = 0x7fffffff;
const FLOAT32_INFINITY = 0x7f800000;

const INT32_LOW = -(2 ** 31);
const INT32_HIGH = 2 ** 31 - 1;
const INT8_LOW = -128;
const INT8_HIGH = 127;

/** IEEE 754 binary16: 1 sign bit, 5 of exponent (bias 15), 10 of mantissa. */
const HALF_INFINITY = 0x7c00;
const HALF_NAN = 0x7e00;
const HALF_SIGN = 0x8000;
const MANTISSA_BITS_LOST = 13;
/** The difference of the biases of float32 and binary16, 127 − 15, in binary16's exponent. */
const HALF_REBIAS = 112 << 10;
/** Float32 bits of 65520, half way from the largest binary16 to 2^16: from here on the result is ∞. */
const HALF_OVERFLOW = 0x477ff000;
/** Float32 bits of 2⁻¹⁴, the smallest normal binary16. */
const HALF_NORMAL = 0x38800000;
const HALF_STEP_POWER = 24;
/** 2⁻²⁴ is the distance of subnormal binary16 numbers. */
const HALF_STEP = powersOfTwo(HALF_STEP_POWER)[0];

/** bfloat16 is the upper half of a float32. */
const BFLOAT_NAN = 0x7fc0;

/** The integer nearest to x, ties to the even one; exact for every float32, NaN and ∞ unchanged. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const part = x - below;
  if (part === 0.5) return below % 2 === 0 ? below : below + 1;
  return part > 0.5 ? below + 1 : below;
}

/** The value of a binary16, exact. */
function decodeHalf(half: number): number {
  const size = half & (HALF_SIGN - 1);
  if (size < 1 << 10) return half & HALF_SIGN ? -size * HALF_STEP : size * HALF_STEP;
  const bits = size >= HALF_INFINITY ? size + HALF_REBIAS : size;
  BITS[0] = ((half & HALF_SIGN) << 16) | ((bits + HALF_REBIAS) << MANTISSA_BITS_LOST);
  return FLOAT[0];
}

/** A float32 as the nearest binary16, ties to even; ∞ from 65520 on, subnormals kept, one NaN. */
function encodeHalf(value: number): number {
  FLOAT[0] = value;
  const sign = (BITS[0] >>> 16) & HALF_SIGN;
  const size = BITS[0] & WITHOUT_SIGN;
  if (size > FLOAT32_INFINITY) return HALF_NAN;
  if (size >= HALF_OVERFLOW) return sign | HALF_INFINITY;
  if (size < HALF_NORMAL) return sign | roundHalfEven(Math.abs(FLOAT[0]) / HALF_STEP);
  return sign | ((roundedBits(size, MANTISSA_BITS_LOST) >>> MANTISSA_BITS_LOST) - HALF_REBIAS);
}

/** The value of a bfloat16, exact. */
function decodeBfloat(bfloat: number): number {
  BITS[0] = bfloat << 16;
  return FLOAT[0];
}

/** A float32 as the nearest bfloat16, ties to even; ∞ when it is beyond the largest, one NaN. */
function encodeBfloat(value: number): number {
  FLOAT[0] = value;
  if (Number.isNaN(value)) return BFLOAT_NAN;
  const rounded = roundedBits(BITS[0] & WITHOUT_SIGN, 16) >>> 16;
  return ((BITS[0] >>> 16) & HALF_SIGN) | rounded;
}

/** Adds what carries into the bits that stay when the lowest `lost` are cut off: nearest, ties to even. */
function roundedBits(bits: number, lost: number): number {
  const isOdd = (bits >>> lost) & 1;
  return bits + (1 << (lost - 1)) - 1 + isOdd;
}

/** Towards zero, saturated; NaN becomes 0. */
function encodeInt32(value: number): number {
  return Number.isNaN(value) ? 0 : Math.trunc(Math.min(Math.max(value, INT32_LOW), INT32_HIGH));
}

/** To nearest, ties to even, saturated; NaN becomes 0. */
function encodeInt8(value: number): number {
  if (Number.isNaN(value)) return 0;
  return roundHalfEven(Math.min(Math.max(value, INT8_LOW), INT8_HIGH));
}

const same = (value: number): number => value;

/** All that is known of each format. */
export const FORMATS: Readonly<Record<ElementFormat, Format>> = {
  f32: {
    bytes: 4,
    allocate: (count) => new Float32Array(count),
    view: (buffer, from, count) => new Float32Array(buffer, from, count),
    decode: same,
    encode: Math.fround,
    unwritten: NaN,
  },
  i32: {
    bytes: 4,
    allocate: (count) => new Int32Array(count),
    view: (buffer, from, count) => new Int32Array(buffer, from, count),
    decode: Math.fround,
    encode: encodeInt32,
    unwritten: 0,
  },
  f16: {
    bytes: 2,
    allocate: (count) => new Uint16Array(count),
    view: (buffer, from, count) => new Uint16Array(buffer, from, count),
    decode: decodeHalf,
    encode: encodeHalf,
    unwritten: HALF_NAN,
  },
  bf16: {
    bytes: 2,
    allocate: (count) => new Uint16Array(count),
    view: (buffer, from, count) => new Uint16Array(buffer, from, count),
    decode: decodeBfloat,
    encode: encodeBfloat,
    unwritten: BFLOAT_NAN,
  },
  i8: {
    bytes: 1,
    allocate: (count) => new Int8Array(count),
    view: (buffer, from, count) => new Int8Array(buffer, from, count),
    decode: same,
    encode: encodeInt8,
    unwritten: 0,
  },
};

/** Stored elements as numbers: float32 for the float formats, int32 for the integer ones, all exact. */
export function widened(format: ElementFormat, stored: StoredArray): Float32Array | Int32Array {
  if (stored instanceof Float32Array || stored instanceof Int32Array) return stored;
  if (stored instanceof Int8Array) return Int32Array.from(stored);
  return Float32Array.from(stored, FORMATS[format].decode);
}

/** Whether elements of a format are integers. */
export function isIntegerFormat(format: ElementFormat): boolean {
  return format === 'i32' || format === 'i8';
}
