/** Builders of tensor files, good and bad, and what the tests of their readers assert with. */

import fc from 'fast-check';
import { expect, vi } from 'vitest';
import type { RandomAccess } from '../../src/model/safetensors.ts';
import type { FileErrorCode, Slice } from '../../src/model/tensor-file.ts';
import { FileError } from '../../src/model/tensor-file.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';

/** Runs of each property, and the seed that makes them the same runs every time. */
export const RUNS = { seed: 20240607, numRuns: 400 };

/** What a mistake in a file must be reported as. */
export interface Complaint {
  readonly code: FileErrorCode;
  readonly message: RegExp;
  readonly hint?: RegExp;
}

/** The FileError that `read` throws; anything else, or nothing, fails the test. */
export function fileErrorOf(read: () => unknown): FileError {
  try {
    read();
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

export function expectComplaint(read: () => unknown, { code, message, hint }: Complaint): void {
  const error = fileErrorOf(read);
  expect(error.message).toMatch(message);
  expect(error.message.length).toBeLessThan(250);
  expect(error.code).toBe(code);
  if (hint !== undefined) expect(error.hint).toMatch(hint);
}

/** One element type: its size, its name in each format, and how a value of it is written. */
export interface Encoding {
  readonly bytes: number;
  readonly npy: string;
  readonly safetensors: string;
  readonly dtype: HostTensor['dtype'];
  readonly values: fc.Arbitrary<number>;
  readonly write: (view: DataView, at: number, value: number, little: boolean) => void;
}

const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const float32 = fc.float({ noNaN: true });
const INT32_MAX = 2 ** 31 - 1;

/** Every element type that both formats have, with values that convert exactly. */
export const ENCODINGS: readonly Encoding[] = [
  // prettier-ignore
  { bytes: 8, npy: 'f8', safetensors: 'F64', dtype: 'f32', values: float32, write: (v, at, x, le) => { v.setFloat64(at, x, le); } },
  // prettier-ignore
  { bytes: 4, npy: 'f4', safetensors: 'F32', dtype: 'f32', values: float32, write: (v, at, x, le) => { v.setFloat32(at, x, le); } },
  // prettier-ignore
  { bytes: 8, npy: 'i8', safetensors: 'I64', dtype: 'i32', values: int(-INT32_MAX - 1, INT32_MAX), write: (v, at, x, le) => { v.setBigInt64(at, BigInt(x), le); } },
  // prettier-ignore
  { bytes: 8, npy: 'u8', safetensors: 'U64', dtype: 'i32', values: int(0, INT32_MAX), write: (v, at, x, le) => { v.setBigUint64(at, BigInt(x), le); } },
  // prettier-ignore
  { bytes: 4, npy: 'i4', safetensors: 'I32', dtype: 'i32', values: int(-INT32_MAX - 1, INT32_MAX), write: (v, at, x, le) => { v.setInt32(at, x, le); } },
  // prettier-ignore
  { bytes: 4, npy: 'u4', safetensors: 'U32', dtype: 'i32', values: int(0, INT32_MAX), write: (v, at, x, le) => { v.setUint32(at, x, le); } },
  // prettier-ignore
  { bytes: 2, npy: 'i2', safetensors: 'I16', dtype: 'i32', values: int(-32768, 32767), write: (v, at, x, le) => { v.setInt16(at, x, le); } },
  // prettier-ignore
  { bytes: 2, npy: 'u2', safetensors: 'U16', dtype: 'i32', values: int(0, 65535), write: (v, at, x, le) => { v.setUint16(at, x, le); } },
  { bytes: 1, npy: 'i1', safetensors: 'I8', dtype: 'i32', values: int(-128, 127), write: setByte },
  { bytes: 1, npy: 'u1', safetensors: 'U8', dtype: 'i32', values: int(0, 255), write: setByte },
  { bytes: 1, npy: 'b1', safetensors: 'BOOL', dtype: 'i32', values: int(0, 1), write: setByte },
];

function setByte(view: DataView, at: number, value: number): void {
  view.setInt8(at, value);
}

export function encode(encoding: Encoding, values: readonly number[], little = true): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * encoding.bytes));
  values.forEach((value, i) => {
    encoding.write(view, i * encoding.bytes, value, little);
  });
  return new Uint8Array(view.buffer);
}

/** Shapes of rank 0 to 4, some of them empty. */
export const shapes = fc.array(int(0, 5), { maxLength: 4 });

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, dim) => n * dim, 1);

/** An encoding, a shape and as many values as it holds. */
export const encoded = fc.constantFrom(...ENCODINGS).chain((encoding) =>
  shapes.chain((shape) =>
    fc.record({
      encoding: fc.constant(encoding),
      shape: fc.constant(shape),
      values: fc.array(encoding.values, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }),
    }),
  ),
);

/** A slice of a tensor of this shape, of its leading dimensions or of all. */
export const slicesOf = (shape: readonly number[]): fc.Arbitrary<Slice> =>
  fc
    .tuple(
      fc.nat(shape.length),
      ...shape.map((size) => fc.tuple(fc.nat(size), fc.nat(size)).map(ordered)),
    )
    .map(([rank, ...ranges]) => ranges.slice(0, rank));

const ordered = ([a, b]: [number, number]): [number, number] => [Math.min(a, b), Math.max(a, b)];

/** The slice taken one element at a time: the obvious definition. */
export function sliceByIndex(tensor: HostTensor, slice: Slice): number[] {
  const { shape, data } = tensor;
  return [...data].filter((_, at) => {
    let rest = at;
    return shape.every((_, axis) => {
      const stride = sizeOf(shape.slice(axis + 1));
      const index = Math.floor(rest / stride);
      rest %= stride;
      const [from, to] = slice[axis] ?? [0, shape[axis]];
      return from <= index && index < to;
    });
  });
}

export function concat(...parts: (readonly number[] | Uint8Array | string)[]): Uint8Array {
  const bytes = parts.flatMap((part) => [
    ...(typeof part === 'string' ? new TextEncoder().encode(part) : part),
  ]);
  return Uint8Array.from(bytes);
}

/** A `.npy` file with any header text, padded as little as the version demands: not at all. */
export function npyBytes(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new DataView(new ArrayBuffer(version === 1 ? 2 : 4));
  if (version === 1) length.setUint16(0, text.length, true);
  else length.setUint32(0, text.length, true);
  const lengthBytes = new Uint8Array(length.buffer);
  return concat([0x93], 'NUMPY', [version, 0], lengthBytes, text, data);
}

/** A `.safetensors` file with any header (an object, or text as it stands). */
export function safetensorsBytes(header: object | string, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length), true);
  return concat(new Uint8Array(length.buffer), text, data);
}

/** A file in memory that counts what is read of it, and reads nothing outside itself. */
export function memoryFile(bytes: Uint8Array): RandomAccess & { readonly readBytes: number } {
  let readBytes = 0;
  return {
    size: bytes.length,
    get readBytes() {
      return readBytes;
    },
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.length) {
        throw new Error(`read of ${length} bytes at ${offset} in ${bytes.length}`);
      }
      readBytes += length;
      return bytes.slice(offset, offset + length);
    },
  };
}

/** The bytes of typed arrays that `act` allocates, views of existing buffers not counted. */
export function allocatedBytes(act: () => void): number {
  let bytes = 0;
  const counting = <T extends object>(original: T): T =>
    new Proxy(original, {
      construct(target, args: unknown[], newTarget) {
        const made = Reflect.construct(target as never, args, newTarget) as Uint8Array;
        if (!(args[0] instanceof ArrayBuffer)) bytes += made.byteLength;
        return made;
      },
    });
  vi.stubGlobal('Uint8Array', counting(Uint8Array));
  vi.stubGlobal('Int32Array', counting(Int32Array));
  vi.stubGlobal('Float32Array', counting(Float32Array));
  try {
    act();
  } finally {
    vi.unstubAllGlobals();
  }
  return bytes;
}

/** Valid bytes with a few of them changed, and sometimes cut short or made longer. */
export const damaged = (valid: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      edits: fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }),
      length: fc.oneof(fc.constant(valid.length), fc.nat(valid.length + 8)),
    })
    .map(({ edits, length }) => {
      const bytes = new Uint8Array(length);
      bytes.set(valid.subarray(0, length));
      for (const [at, byte] of edits) if (at < length) bytes[at] = byte;
      return bytes;
    });

/** Runs `read`, and lets a FileError pass; any other error is the reader's bug. */
export function tolerateFileError(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
}
