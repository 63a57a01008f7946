/** Hugging Face `.safetensors` files, read by name. Source: huggingface.co/docs/safetensors. */

import type { HostTensor } from '../tensor/host-tensor.ts';
import { elementCount, rangesShape, selectedRuns } from '../tensor/host-tensor.ts';
import { parseStrictJson } from './strict-json.ts';
import type { ElementType, Slice } from './tensor-file.ts';
import {
  checkReadable,
  checkShape,
  decodeTensor,
  describe,
  elementBytes,
  FileError,
  nameHint,
  resolveSlice,
} from './tensor-file.ts';

/** A file of `size` bytes; `read` gives exactly `length` bytes from `offset`, or throws. */
export interface RandomAccess {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

/** What the header says of a tensor: the file's own type name, and its length in bytes. */
export interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** An open file: names in the order of the header, and reads of no more bytes than are needed. */
export interface SafetensorsFile {
  readonly names: readonly string[];
  /** @throws FileError 'missing', with the nearest name as its hint. */
  info(name: string): TensorInfo;
  /** The tensor or a slice of it; also throws 'outside' when the slice leaves the tensor. */
  read(name: string, slice?: Slice): HostTensor;
}

interface Entry extends TensorInfo {
  readonly type: ElementType;
  /** Byte offset of the first element in the file. */
  readonly start: number;
}

const LENGTH_BYTES = 8;

/** The format's own limit: the reference implementation refuses longer headers. */
const MAX_HEADER_BYTES = 100_000_000;

/** Lists in entries in the header: nothing is nested more deeply. */
const HEADER_DEPTH = 3;

const TYPES: Readonly<Record<string, ElementType>> = {
  F64: 'f64',
  F32: 'f32',
  F16: 'f16',
  BF16: 'bf16',
  I64: 'i64',
  U64: 'u64',
  I32: 'i32',
  U32: 'u32',
  I16: 'i16',
  U16: 'u16',
  I8: 'i8',
  U8: 'u8',
  BOOL: 'bool',
};

/**
 * Reads and checks the header; tensors are read later, on demand.
 *
 * @throws FileError for a header that breaks the format: duplicate names, bytes that do not match
 * shapes, tensors that overlap, leave holes or leave the file, and types that are not read.
 */
export function openSafetensors(file: RandomAccess): SafetensorsFile {
  const entries = parseHeader(file);
  const names = [...entries.keys()];
  const entry = (name: string): Entry => {
    const found = entries.get(name);
    if (found !== undefined) return found;
    throw new FileError('missing', `there is no tensor ${describe(name)}`, nameHint(name, names));
  };
  return {
    names,
    info: (name) => {
      const { dtype, shape, bytes } = entry(name);
      return { dtype, shape, bytes };
    },
    read: (name, slice) => readEntry(file, entry(name), slice),
  };
}

function readEntry(file: RandomAccess, entry: Entry, slice: Slice | undefined): HostTensor {
  const ranges = resolveSlice(entry.shape, slice);
  const shape = rangesShape(ranges);
  checkReadable(shape);
  const step = elementBytes(entry.type);
  const bytes = new Uint8Array(elementCount(shape) * step);
  let filled = 0;
  for (const { start, count } of selectedRuns(entry.shape, ranges)) {
    bytes.set(file.read(entry.start + start * step, count * step), filled);
    filled += count * step;
  }
  return decodeTensor(entry.type, shape, bytes, true);
}

/** Eight bytes of length, a JSON object of entries, then nothing but the tensors' bytes. */
function parseHeader(file: RandomAccess): Map<string, Entry> {
  const dataStart = LENGTH_BYTES + headerLength(file);
  const text = decodeUtf8(file.read(LENGTH_BYTES, dataStart - LENGTH_BYTES));
  if (!text.startsWith('{')) malformed('the header does not start with {');
  const header = parseStrictJson(text, HEADER_DEPTH) as object;
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') entries.set(name, parseEntry(name, value, dataStart));
    else if (!isStringMap(value)) malformed('__metadata__ must hold strings only');
  }
  checkCoverage(entries, dataStart, file.size);
  return entries;
}

function headerLength(file: RandomAccess): number {
  if (file.size < LENGTH_BYTES) malformed(`a file of ${file.size} bytes has no header`);
  const bytes = file.read(0, LENGTH_BYTES);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const left = file.size - LENGTH_BYTES;
  if (length > left) malformed(`the header claims ${length} bytes, but only ${left} follow`);
  if (length <= MAX_HEADER_BYTES) return Number(length);
  const message = `a header of ${length} bytes is above the format's ${MAX_HEADER_BYTES}`;
  throw new FileError('too-large', message);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return malformed('the header is not UTF-8');
  }
}

/** One entry: `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`. */
function parseEntry(name: string, value: unknown, dataStart: number): Entry {
  const who = `tensor ${describe(name)}`;
  if (!isObject(value)) return malformed(`${who} is not described by an object`);
  const { dtype, shape: dims, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') return malformed(`${who} has no dtype`);
  if (!Array.isArray(dims)) return malformed(`${who} has no shape`);
  if (!isOffsetPair(offsets)) return malformed(`${who} has no valid data_offsets`);
  const type = Object.hasOwn(TYPES, dtype) ? TYPES[dtype] : undefined;
  if (type === undefined) {
    const known = Object.keys(TYPES).join(', ');
    const message = `${who} has the type ${describe(dtype)}, which is not read`;
    throw new FileError('unsupported', message, `the types read are ${known}`);
  }
  const shape = checkShape(dims);
  const bytes = elementCount(shape) * elementBytes(type);
  const [begin, end] = offsets;
  if (end - begin !== bytes) {
    malformed(`${who} has ${end - begin} bytes, but its shape and type need ${bytes}`);
  }
  return { dtype, type, shape, bytes, start: dataStart + begin };
}

/** Put in order, each tensor begins where the one before it ends, and the last ends the file. */
function checkCoverage(entries: Map<string, Entry>, dataStart: number, size: number): void {
  let end = dataStart;
  const inOrder = [...entries].sort(([, a], [, b]) => a.start - b.start || a.bytes - b.bytes);
  for (const [name, { start, bytes }] of inOrder) {
    const who = `tensor ${describe(name)}`;
    if (start + bytes > size) malformed(`${who} ends after the file`);
    if (start < end) malformed(`${who} overlaps the tensor before it`);
    if (start > end) malformed(`there is a hole of ${start - end} bytes before ${who}`);
    end = start + bytes;
  }
  if (end < size) malformed(`${size - end} bytes at the end belong to no tensor`);
}

function isOffsetPair(value: unknown): value is [number, number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [begin, end] = value as unknown[];
  return isOffset(begin) && isOffset(end) && begin <= end;
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isStringMap(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((item) => typeof item === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(message: string): never {
  throw new FileError('malformed', message);
}
