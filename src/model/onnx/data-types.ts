/** The element types of ONNX: what each is in a graph, and how its values are read. Source: onnx.proto3, TensorProto.DataType. */
import type { ElementType } from '../graph.ts';
import type { ElementType as FileType } from '../tensor-file.ts';
import { decodeTensor, FileError } from '../tensor-file.ts';

/** Numbers of a tensor: float32 ones of float types, else exact integers within ±2^53. */
export type Values = Float32Array | Float64Array | Int32Array;

export interface DataType {
  readonly name: string;
  /** Its number in TensorProto.DataType. */
  readonly code: number;
  /** What it becomes: every float is float32, every integer int32. */
  readonly dtype: ElementType;
  /** Bytes of one element. */
  readonly bytes: number;
  /** The narrow integers, whose arithmetic wraps around: how many values there are, and the least. */
  readonly range: { readonly size: number; readonly least: number } | undefined;
  /** The field of TensorProto that holds its values when raw_data does not. */
  readonly field: 'float' | 'int32' | 'int64' | 'double' | 'uint64';
  readonly decode: (bytes: Uint8Array) => Values;
}

/** What tensor-file.ts decodes: the types of at most 32 bits that fit its float32 and int32. */
const shared = (type: FileType, bytes: number) => (raw: Uint8Array) =>
  decodeTensor(type, [raw.length / bytes], raw, true).data;

/** Types wider than what the machine has stay float64 until they are used. */
const wide = (bytes: number, read: (view: DataView, at: number) => number) => (raw: Uint8Array) => {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Float64Array.from({ length: raw.length / bytes }, (_, i) => read(view, i * bytes));
};

const narrow = (bits: number, least: number) => ({ size: 2 ** bits, least });

type Source = readonly [
  code: number,
  dtype: ElementType,
  bytes: number,
  field: DataType['field'],
  decode: (bytes: Uint8Array) => Values,
  range?: { readonly size: number; readonly least: number },
];

const TABLE = {
  float32: [1, 'f32', 4, 'float', shared('f32', 4)],
  uint8: [2, 'i32', 1, 'int32', shared('u8', 1), narrow(8, 0)],
  int8: [3, 'i32', 1, 'int32', shared('i8', 1), narrow(8, -(2 ** 7))],
  uint16: [4, 'i32', 2, 'int32', shared('u16', 2), narrow(16, 0)],
  int16: [5, 'i32', 2, 'int32', shared('i16', 2), narrow(16, -(2 ** 15))],
  int32: [6, 'i32', 4, 'int32', shared('i32', 4)],
  int64: [7, 'i32', 8, 'int64', wide(8, (v, at) => Number(v.getBigInt64(at, true)))],
  bool: [9, 'bool', 1, 'int32', shared('bool', 1)],
  float16: [10, 'f32', 2, 'int32', shared('f16', 2)],
  float64: [11, 'f32', 8, 'double', wide(8, (v, at) => v.getFloat64(at, true))],
  uint32: [12, 'i32', 4, 'uint64', wide(4, (v, at) => v.getUint32(at, true))],
  uint64: [13, 'i32', 8, 'uint64', wide(8, (v, at) => Number(v.getBigUint64(at, true)))],
  bfloat16: [16, 'f32', 2, 'int32', shared('bf16', 2)],
} satisfies Record<string, Source>;

export type TypeName = keyof typeof TABLE;

const TYPES = Object.fromEntries(
  Object.entries(TABLE).map(
    ([name, [code, dtype, bytes, field, decode, range]]: [string, Source]) => [
      name,
      { name, code, dtype, bytes, field, decode, range },
    ],
  ),
) as Record<TypeName, DataType>;

const BY_CODE = new Map(Object.values(TYPES).map((type) => [type.code, type]));

/** The type of this name. */
export function dataType(name: TypeName): DataType {
  return TYPES[name];
}

/** The type of this number; throws FileError 'unsupported' for strings, complex and packed small types. */
export function typeOfCode(code: number, what: string): DataType {
  const type = BY_CODE.get(code);
  if (type) return type;
  const message = `${what} has the element type ${code}, which is not read`;
  const known = [...BY_CODE.values()].map((each) => `${each.name} (${each.code})`).join(', ');
  throw new FileError('unsupported', message, `the types read are ${known}`);
}
