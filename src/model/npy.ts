/** NumPy's `.npy` files, read and written. Source: NEP 1 and numpy/lib/format.py. */

import type { HostTensor } from '../tensor/host-tensor.ts';
import { elementCount } from '../tensor/host-tensor.ts';
import { parsePythonDict } from './python-dict.ts';
import type { ElementType } from './tensor-file.ts';
import {
  checkReadable,
  checkShape,
  decodeTensor,
  describe,
  elementBytes,
  FileError,
} from './tensor-file.ts';

interface Header {
  readonly type: ElementType;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** A header is a line of text; NumPy itself stops at 10,000 bytes. */
const MAX_HEADER_BYTES = 65536;

const HEADER_ALIGNMENT = 64;

/** Type codes without their byte order, as numpy.dtype.str writes them. */
const TYPE_CODES: Readonly<Record<string, ElementType>> = {
  f8: 'f64',
  f4: 'f32',
  f2: 'f16',
  i8: 'i64',
  u8: 'u64',
  i4: 'i32',
  u4: 'u32',
  i2: 'i16',
  u2: 'u16',
  i1: 'i8',
  u1: 'u8',
  b1: 'bool',
};

/**
 * The tensor in the bytes of a `.npy` file of version 1, 2 or 3, in row-major order whatever the
 * file's order, floats rounded to float32 and integers checked to fit int32.
 *
 * @throws FileError for everything else: other element types, a header that is not the one dict,
 * data shorter or longer than the shape says.
 */
export function parseNpy(bytes: Uint8Array): HostTensor {
  const { header, dataStart } = splitHeader(bytes);
  const { type, littleEndian, fortranOrder, shape } = parseHeader(header);
  const data = bytes.subarray(dataStart);
  const needed = elementCount(shape) * elementBytes(type);
  if (data.length !== needed) {
    const said = `the shape (${shape.join(', ')}) of ${type} needs ${needed} bytes of data`;
    throw new FileError('malformed', `${said}, found ${data.length}`);
  }
  checkReadable(shape);
  const tensor = decodeTensor(type, shape, data, littleEndian);
  return fortranOrder ? fromFortranOrder(tensor) : tensor;
}

/** Magic, two version bytes, the header's length (16 bits in version 1, then 32), the header. */
function splitHeader(bytes: Uint8Array): { header: string; dataStart: number } {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) {
    throw new FileError('malformed', 'the file does not start as a .npy file does');
  }
  const major = bytes[6];
  if (bytes.length < 12) throw new FileError('malformed', 'the file ends inside its header');
  if (major < 1 || major > 3 || bytes[7] !== 0) {
    const found = `${major}.${bytes[7]}`;
    throw new FileError('unsupported', `.npy version ${found} is not one of 1.0, 2.0 and 3.0`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = major === 1 ? 10 : 12;
  if (start + length > bytes.length) {
    const said = `the header claims ${length} bytes`;
    throw new FileError('malformed', `${said}, but only ${bytes.length - start} follow`);
  }
  if (length > MAX_HEADER_BYTES) {
    throw new FileError('too-large', `a header of ${length} bytes is above ${MAX_HEADER_BYTES}`);
  }
  // Latin-1 in versions 1 and 2, UTF-8 in 3; the keys and types that we accept are ASCII in both.
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  return { header, dataStart: start + length };
}

function parseHeader(text: string): Header {
  const dict = parsePythonDict(text);
  const [descr, fortranOrder, shape] = ['descr', 'fortran_order', 'shape'].map((key) => {
    const value = dict.get(key);
    if (value !== undefined) return value;
    throw new FileError('malformed', `the header lacks the key ${describe(key)}`);
  });
  if (dict.size > 3) throw new FileError('malformed', 'the header has more than its three keys');
  if (typeof descr !== 'string') throw new FileError('malformed', `'descr' must be a string`);
  if (typeof fortranOrder !== 'boolean') {
    throw new FileError('malformed', `'fortran_order' must be True or False`);
  }
  if (!Array.isArray(shape)) throw new FileError('malformed', `'shape' must be a tuple`);
  return { ...parseType(descr), fortranOrder, shape: checkShape(shape as unknown[]) };
}

/** `<f4`, `>i8`, `|b1`: the byte order, then the type; `|` only where one byte has no order. */
function parseType(descr: string): Pick<Header, 'type' | 'littleEndian'> {
  if (descr.includes('O')) {
    throw new FileError('unsupported', 'the array holds Python objects, which are never loaded');
  }
  const code = descr.slice(1);
  const type = Object.hasOwn(TYPE_CODES, code) ? TYPE_CODES[code] : undefined;
  const order = descr[0];
  if (type !== undefined && ('<>'.includes(order) || (order === '|' && code.endsWith('1')))) {
    return { type, littleEndian: order !== '>' };
  }
  const known = Object.keys(TYPE_CODES).join(', ');
  const message = `the element type ${describe(descr)} is not read`;
  throw new FileError('unsupported', message, `the types read are ${known}, with < or > before`);
}

/** The same tensor with its data, in which the first index ran fastest, put in row-major order. */
function fromFortranOrder(tensor: HostTensor): HostTensor {
  const { dtype, shape, data: source } = tensor;
  const data = source.slice();
  const index = shape.map(() => 0);
  for (let at = 0; at < source.length; at++) {
    data[rowMajorOffset(index, shape)] = source[at];
    for (let axis = 0; axis < shape.length && ++index[axis] === shape[axis]; axis++)
      index[axis] = 0;
  }
  return { dtype, shape, data };
}

function rowMajorOffset(index: readonly number[], shape: readonly number[]): number {
  return index.reduce((offset, i, axis) => offset * shape[axis] + i, 0);
}

/** The tensor as a version 1.0 `.npy` file: little-endian, row-major, data aligned to 64 bytes. */
export function formatNpy(tensor: HostTensor): Uint8Array {
  const { dtype, shape, data } = tensor;
  if (elementCount(shape) !== data.length) {
    throw new Error(`invariant: shape (${shape.join(', ')}) with ${data.length} elements`);
  }
  const descr = dtype === 'f32' ? '<f4' : '<i4';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const unpadded = MAGIC.length + 4 + dict.length + 1;
  const dataStart = Math.ceil(unpadded / HEADER_ALIGNMENT) * HEADER_ALIGNMENT;
  const header = `${dict}${' '.repeat(dataStart - unpadded)}\n`;

  const bytes = new Uint8Array(dataStart + 4 * data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([...MAGIC, 1, 0]);
  view.setUint16(8, header.length, true);
  for (let i = 0; i < header.length; i++) bytes[10 + i] = header.charCodeAt(i);
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < words.length; i++) view.setUint32(dataStart + 4 * i, words[i], true);
  return bytes;
}
