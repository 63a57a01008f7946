/** What all tensor files share: their one error type, shapes, slices, and how elements are read. */

import type { HostTensor, Range } from '../tensor/host-tensor.ts';
import { elementCount } from '../tensor/host-tensor.ts';

/**
 * What is wrong with a file: it (or a tensor in it) is not there; its bytes break its format; the
 * request leaves the folder or the tensor; it is above a limit; it is valid but not read by us.
 */
export type FileErrorCode = 'missing' | 'malformed' | 'outside' | 'too-large' | 'unsupported';

/** Bad input from a file: `message` is one sentence, `hint` says what would work instead. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code: FileErrorCode;
  readonly hint: string | undefined;

  constructor(code: FileErrorCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** Part of a tensor: a range for each leading dimension; dimensions not named are kept whole. */
export type Slice = readonly Range[];

/** The element types that are read, each by the name the error messages use. */
export type ElementType = keyof typeof ELEMENTS;

interface Element {
  readonly bytes: number;
  readonly dtype: HostTensor['dtype'];
  /** The element at a byte offset, as the 32 bits of its float32 or int32. */
  readonly word: (view: DataView, at: number, little: boolean) => number;
}

const ELEMENTS = {
  f64: { bytes: 8, dtype: 'f32', word: (v, at, le) => bitsOfDouble(v.getFloat64(at, le)) },
  f32: { bytes: 4, dtype: 'f32', word: (v, at, le) => v.getUint32(at, le) },
  f16: { bytes: 2, dtype: 'f32', word: (v, at, le) => bitsOfHalf(v.getUint16(at, le)) },
  bf16: { bytes: 2, dtype: 'f32', word: (v, at, le) => v.getUint16(at, le) << 16 },
  i64: { bytes: 8, dtype: 'i32', word: (v, at, le) => int32(v.getBigInt64(at, le)) },
  u64: { bytes: 8, dtype: 'i32', word: (v, at, le) => int32(v.getBigUint64(at, le)) },
  i32: { bytes: 4, dtype: 'i32', word: (v, at, le) => v.getInt32(at, le) },
  u32: { bytes: 4, dtype: 'i32', word: (v, at, le) => int32(v.getUint32(at, le)) },
  i16: { bytes: 2, dtype: 'i32', word: (v, at, le) => v.getInt16(at, le) },
  u16: { bytes: 2, dtype: 'i32', word: (v, at, le) => v.getUint16(at, le) },
  i8: { bytes: 1, dtype: 'i32', word: (v, at) => v.getInt8(at) },
  u8: { bytes: 1, dtype: 'i32', word: (v, at) => v.getUint8(at) },
  bool: { bytes: 1, dtype: 'i32', word: (v, at) => bit(v.getUint8(at)) },
} satisfies Record<string, Element>;

/** The most dimensions a tensor may have (NumPy 2's NPY_MAXDIMS). */
const MAX_DIMENSIONS = 64;

/** The most elements read at once: 1 GiB of 32-bit words. Bigger tensors are read in slices. */
const MAX_ELEMENTS = 2 ** 28;

/** Every NaN that is made by conversion gets these bits, so that no host's choice shows. */
const CANONICAL_NAN = 0x7fc00000;

/** Hints list at most so many names, and look for the nearest among names up to this length. */
const MAX_NAMES = 8;
const MAX_HINT_LENGTH = 200;

const FLOAT = new Float32Array(1);
const FLOAT_BITS = new Uint32Array(FLOAT.buffer);

/** The float32 nearest to a double, ties to even (ECMA-262 Math.fround), as bits. */
function bitsOfDouble(value: number): number {
  if (Number.isNaN(value)) return CANONICAL_NAN;
  FLOAT[0] = value;
  if (Number.isFinite(value) && !Number.isFinite(FLOAT[0])) {
    throw new FileError('unsupported', `the value ${value} does not fit a float32`);
  }
  return FLOAT_BITS[0];
}

/** An IEEE 754 binary16 as a float32, exactly: ±significand · 2^(max(exponent, 1) − 25). */
function bitsOfHalf(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const sign = (half & 0x8000) << 16;
  if (exponent === 31) return fraction === 0 ? sign | 0x7f800000 : CANONICAL_NAN;
  const significand = exponent === 0 ? fraction : 1024 + fraction;
  return sign | bitsOfDouble((significand * (1 << Math.max(exponent, 1))) / (1 << 25));
}

function int32(value: number | bigint): number {
  const number = Number(value);
  if ((number | 0) === number) return number;
  throw new FileError('unsupported', `the value ${value} does not fit a 32-bit integer`);
}

function bit(value: number): number {
  if (value <= 1) return value;
  throw new FileError('malformed', `a bool must be 0 or 1, found ${value}`);
}

/** The size of one element, in bytes. */
export function elementBytes(type: ElementType): number {
  return ELEMENTS[type].bytes;
}

/** Refuses, before anything is allocated, a tensor with too many elements to read at once. */
export function checkReadable(shape: readonly number[]): void {
  const count = elementCount(shape);
  if (count <= MAX_ELEMENTS) return;
  const message = `a tensor of ${count} elements is too large to read at once`;
  throw new FileError('too-large', message, `read a slice of at most ${MAX_ELEMENTS} elements`);
}

/** Elements of `type` in `bytes` (exactly as many as `shape` has), rounded to float32 or int32. */
export function decodeTensor(
  type: ElementType,
  shape: readonly number[],
  bytes: Uint8Array,
  littleEndian: boolean,
): HostTensor {
  const { bytes: step, dtype, word }: Element = ELEMENTS[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = new Int32Array(bytes.byteLength / step);
  for (let i = 0; i < words.length; i++) words[i] = word(view, i * step, littleEndian);
  return { dtype, shape, data: dtype === 'f32' ? new Float32Array(words.buffer) : words };
}

/** `dims` as a shape: non-negative integers, at most 64, whose non-zero product is below 2^53. */
export function checkShape(dims: readonly unknown[]): number[] {
  if (dims.length > MAX_DIMENSIONS) {
    const message = `a tensor of ${dims.length} dimensions has more than ${MAX_DIMENSIONS}`;
    throw new FileError('unsupported', message);
  }
  const shape = dims.map((dim) => {
    if (typeof dim === 'number' && Number.isInteger(dim) && dim >= 0) return dim;
    const found = describe(dim);
    throw new FileError('malformed', `a dimension must be a non-negative integer, found ${found}`);
  });
  // Empty dimensions are left out of the product, so that no stride of any shape is inexact.
  if (elementCount(shape.filter((dim) => dim > 0)) <= Number.MAX_SAFE_INTEGER) return shape;
  throw new FileError('too-large', `the shape (${shape.join(', ')}) has 2^53 elements or more`);
}

/** One range per dimension of `shape`; a slice that leaves the tensor is refused as 'outside'. */
export function resolveSlice(shape: readonly number[], slice: Slice = []): Range[] {
  if (slice.length > shape.length) {
    const message = `a slice of ${slice.length} dimensions does not fit a tensor of ${shape.length}`;
    throw new FileError('outside', message);
  }
  return shape.map((size, axis) => {
    const [from, to] = slice[axis] ?? [0, size];
    if (Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= size) {
      return [from, to];
    }
    const message = `the slice [${from}, ${to}) leaves dimension ${axis}, which has ${size}`;
    throw new FileError('outside', message);
  });
}

/** A value out of a file as messages show it: short, quoted and on one line. */
export function describe(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length <= 60 ? value : `${value.slice(0, 60)}…`);
}

/** What to write instead of an unknown name: the nearest one, or the first few there are. */
export function nameHint(wanted: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.min(wanted.length, MAX_HINT_LENGTH) / 3;
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) > fewest || name.length > MAX_HINT_LENGTH) continue;
    const edits = editDistance(name, wanted);
    if (edits > fewest || (edits === fewest && nearest !== undefined)) continue;
    nearest = name;
    fewest = edits;
  }
  if (nearest !== undefined) return `did you mean ${describe(nearest)}?`;
  if (names.length === 0) return undefined;
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `there are ${names.slice(0, MAX_NAMES).map(describe).join(', ')}${more}`;
}

/** The Levenshtein distance, by the Wagner–Fischer recurrence, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
