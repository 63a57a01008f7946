/** TensorProto: the constants of ONNX models, and the `.pb` files of its test data. Source: onnx.proto3. */
import type { HostTensor } from '../../tensor/host-tensor.ts';
import { elementCount } from '../../tensor/host-tensor.ts';
import type { Folder } from '../sandbox.ts';
import { checkReadable, checkShape, describe, FileError } from '../tensor-file.ts';
import type { DataType, Values } from './data-types.ts';
import { typeOfCode } from './data-types.ts';
import { Message } from './wire.ts';

/** Field numbers of TensorProto. */
const DIMS = 1;
const DATA_TYPE = 2;
const SEGMENT = 3;
const FLOAT_DATA = 4;
const INT32_DATA = 5;
const INT64_DATA = 7;
const NAME = 8;
const RAW_DATA = 9;
const DOUBLE_DATA = 10;
const UINT64_DATA = 11;
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;

/** TensorProto.DataLocation.EXTERNAL. */
const EXTERNAL = 1;

/** As much as one protobuf file may have. */
const MAX_EXTERNAL_BYTES = 2 ** 31;

/** A constant: its size is checked, its values are decoded when they are needed. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly read: () => Values;
}

/** Where external data may be: files inside one folder, each read once. */
export class ExternalData {
  private readonly folder: Folder | undefined;
  private readonly files = new Map<string, Uint8Array>();

  constructor(folder: Folder | undefined) {
    this.folder = folder;
  }

  /** The bytes that a tensor's external_data names: location, offset and length. */
  bytes(tensor: Message): Uint8Array {
    const entries = new Map(
      tensor.messages(EXTERNAL_DATA, tensor.what).map((entry) => [entry.text(1), entry.text(2)]),
    );
    const location = entries.get('location') ?? '';
    const file = this.file(location, tensor.what);
    const offset = wholeNumber(entries.get('offset') ?? '0', tensor.what);
    const length = wholeNumber(entries.get('length') ?? String(file.length - offset), tensor.what);
    if (offset + length <= file.length) return file.subarray(offset, offset + length);
    const message = `${tensor.what} is bytes ${offset} to ${offset + length} of ${describe(location)}`;
    throw new FileError('outside', `${message}, which has ${file.length}`);
  }

  private file(location: string, what: string): Uint8Array {
    const known = this.files.get(location);
    if (known) return known;
    if (!this.folder) {
      const message = `${what} is in the file ${describe(location)}, beside the model`;
      throw new FileError('missing', message, 'the folder of the model must be given');
    }
    const bytes = this.folder.readBytes(location, MAX_EXTERNAL_BYTES);
    this.files.set(location, bytes);
    return bytes;
  }
}

/** The tensor that a message describes; throws FileError where its data do not fit its shape. */
export function parseTensor(message: Message, external: ExternalData): OnnxTensor {
  const name = message.text(NAME);
  const what = name === '' ? message.what : `tensor ${describe(name)}`;
  if (message.has(SEGMENT)) throw new FileError('unsupported', `${what} is in segments`);
  const type = typeOfCode(message.integer(DATA_TYPE) ?? 0, what);
  const shape = checkShape(message.integers(DIMS));
  checkReadable(shape);
  const count = elementCount(shape);
  const isExternal = message.integer(DATA_LOCATION) === EXTERNAL;
  const raw = isExternal ? external.bytes(message) : message.bytes(RAW_DATA);
  if (raw) {
    needCount(raw.length, count * type.bytes, 'bytes', what);
    return { name, type, shape, read: once(() => type.decode(raw)) };
  }
  const values = typedValues(message, type);
  needCount(values.length, count, 'values', what);
  return { name, type, shape, read: () => values };
}

/**
 * The tensor of a `.pb` file as a host tensor: floats and bools as float32, integers as int32.
 *
 * @throws FileError 'malformed' for what is no TensorProto, 'unsupported' for types that are not read
 * and integers that do not fit 32 bits.
 */
export function readTensorProto(bytes: Uint8Array, folder?: Folder): HostTensor {
  const tensor = parseTensor(new Message(bytes, 'the tensor'), new ExternalData(folder));
  return hostTensor(tensor.type, tensor.shape, tensor.read(), 'the tensor');
}

/** Values as the machine keeps them; throws FileError when an integer does not fit 32 bits. */
export function hostTensor(
  type: DataType,
  shape: readonly number[],
  values: Values,
  what: string,
): HostTensor {
  if (type.dtype !== 'i32') {
    return {
      dtype: 'f32',
      shape,
      data: values instanceof Float32Array ? values : Float32Array.from(values),
    };
  }
  const data = Int32Array.from(values);
  const lost = data.findIndex((value, i) => value !== values[i]);
  if (lost < 0) return { dtype: 'i32', shape, data };
  const message = `${what} has the value ${values[lost]}, which does not fit a 32-bit integer`;
  throw new FileError('unsupported', message);
}

/** The values of the field that the type uses; 16-bit floats are bits in int32_data. */
function typedValues(message: Message, type: DataType): Values {
  switch (type.field) {
    case 'float':
      return message.floats(FLOAT_DATA);
    case 'double':
      return message.doubles(DOUBLE_DATA);
    case 'int64':
      return Float64Array.from(message.integers(INT64_DATA));
    case 'uint64':
      return Float64Array.from(message.integers(UINT64_DATA), (v) => (v < 0 ? v + 2 ** 64 : v));
    case 'int32':
      return type.decode(narrowBytes(message.integers(INT32_DATA), type.bytes));
  }
  return type.field satisfies never;
}

/** The low bytes of each integer, little-endian: what raw_data would hold. */
function narrowBytes(integers: readonly number[], width: number): Uint8Array {
  const bytes = new Uint8Array(integers.length * width);
  const view = new DataView(bytes.buffer);
  integers.forEach((value, i) => {
    if (width === 4) view.setInt32(4 * i, value, true);
    else if (width === 2) view.setInt16(2 * i, value, true);
    else view.setInt8(i, value);
  });
  return bytes;
}

function needCount(found: number, wanted: number, unit: string, what: string): void {
  if (found === wanted) return;
  throw new FileError('malformed', `${what} has ${found} ${unit}, but its shape needs ${wanted}`);
}

function wholeNumber(text: string, what: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new FileError('malformed', `${what}: ${describe(text)} is no offset or length of a file`);
}

/** The action, done when it is first asked for and then remembered. */
export function once<T>(action: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: action() }).value;
}
