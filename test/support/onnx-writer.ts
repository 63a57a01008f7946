/** Writes ONNX files: just enough protobuf for models in tests. Source: onnx.proto3. */
import type { TypeName } from '../../src/model/onnx/data-types.ts';
import { dataType } from '../../src/model/onnx/data-types.ts';

export type AttributeSource =
  | { readonly float: number }
  | { readonly integer: number }
  | { readonly text: string }
  | { readonly tensor: TensorSource }
  | { readonly floats: readonly number[] }
  | { readonly integers: readonly number[] }
  | { readonly texts: readonly string[] };

export interface TensorSource {
  readonly name?: string;
  readonly type: TypeName;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** Instead of values: the entries of external_data. */
  readonly external?: Readonly<Record<string, string>>;
}

export interface NodeSource {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeSource>>;
  readonly name?: string;
  readonly domain?: string;
  /** Whether attributes leave out their type, as files of early versions do. */
  readonly untyped?: boolean;
}

export interface ValueSource {
  readonly name: string;
  readonly type: TypeName;
  /** Numbers, names of parameters, or undefined where nothing is known. */
  readonly shape: readonly (number | string | undefined)[];
}

export interface ModelSource {
  readonly nodes: readonly NodeSource[];
  readonly inputs?: readonly ValueSource[];
  readonly outputs: readonly string[];
  readonly initializers?: readonly TensorSource[];
  readonly opset?: number;
  /** Functions that the model defines, in the domain `local`. */
  readonly functions?: readonly string[];
}

const NEWEST_OPSET = 24;
const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** Bytes of any integer of 64 bits, seven bits at a time. */
export function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

const tag = (field: number, wire: number): number[] => varint(field * 8 + wire);

export const integerField = (field: number, value: number): number[] => [
  ...tag(field, VARINT),
  ...varint(value),
];

export const bytesField = (field: number, bytes: ArrayLike<number>): number[] => [
  ...tag(field, BYTES),
  ...varint(bytes.length),
  ...Array.from(bytes),
];

export const textField = (field: number, text: string): number[] =>
  bytesField(field, new TextEncoder().encode(text));

const floatBytes = (values: readonly number[]): Uint8Array =>
  new Uint8Array(Float32Array.from(values).buffer);

export function onnxTensor({ name, type, shape, values, external }: TensorSource): number[] {
  const head = [
    ...shape.flatMap((dim) => integerField(1, dim)),
    ...integerField(2, dataType(type).code),
    ...(name === undefined ? [] : textField(8, name)),
  ];
  if (!external) return [...head, ...bytesField(9, rawBytes(type, values))];
  const entries = Object.entries(external).flatMap(([key, value]) =>
    bytesField(13, [...textField(1, key), ...textField(2, value)]),
  );
  return [...head, ...entries, ...integerField(14, 1)];
}

/** Little-endian elements; of 16-bit floats the values are their bits. */
export function rawBytes(type: TypeName, values: readonly number[]): Uint8Array {
  const { bytes, dtype } = dataType(type);
  const view = new DataView(new ArrayBuffer(bytes * values.length));
  values.forEach((value, i) => {
    const at = i * bytes;
    if (dtype === 'f32' && bytes === 4) view.setFloat32(at, value, true);
    else if (dtype === 'f32' && bytes === 8) view.setFloat64(at, value, true);
    else if (bytes === 8) view.setBigInt64(at, BigInt(value), true);
    else if (bytes === 4) view.setInt32(at, value, true);
    else if (bytes === 2) view.setInt16(at, value, true);
    else view.setInt8(at, value);
  });
  return new Uint8Array(view.buffer);
}

function onnxAttribute(name: string, source: AttributeSource, untyped: boolean): number[] {
  const head = textField(1, name);
  const typed = (type: number, bytes: readonly number[]) => [
    ...head,
    ...bytes,
    ...(untyped ? [] : integerField(20, type)),
  ];
  if ('float' in source) return typed(1, [...tag(2, FIXED32), ...floatBytes([source.float])]);
  if ('integer' in source) return typed(2, integerField(3, source.integer));
  if ('text' in source) return typed(3, textField(4, source.text));
  if ('tensor' in source) return typed(4, bytesField(5, onnxTensor(source.tensor)));
  if ('floats' in source) return typed(6, bytesField(7, floatBytes(source.floats)));
  if ('integers' in source)
    return typed(
      7,
      source.integers.flatMap((i) => integerField(8, i)),
    );
  return typed(
    8,
    source.texts.flatMap((text) => textField(9, text)),
  );
}

function onnxNode(source: NodeSource): number[] {
  const { op, inputs, outputs, attributes = {}, name, domain, untyped = false } = source;
  return [
    ...inputs.flatMap((input) => textField(1, input)),
    ...outputs.flatMap((output) => textField(2, output)),
    ...(name === undefined ? [] : textField(3, name)),
    ...textField(4, op),
    ...Object.entries(attributes).flatMap(([key, value]) =>
      bytesField(5, onnxAttribute(key, value, untyped)),
    ),
    ...(domain === undefined ? [] : textField(7, domain)),
  ];
}

function onnxValue({ name, type, shape }: ValueSource): number[] {
  const dims = shape.flatMap((dim) => {
    if (dim === undefined) return bytesField(1, []);
    return bytesField(1, typeof dim === 'number' ? integerField(1, dim) : textField(2, dim));
  });
  const tensor = [...integerField(1, dataType(type).code), ...bytesField(2, dims)];
  return [...textField(1, name), ...bytesField(2, bytesField(1, tensor))];
}

/** The bytes of a model; outputs are declared by name alone. */
export function onnxModel(source: ModelSource): Uint8Array {
  const { nodes, inputs = [], outputs, initializers = [], functions = [] } = source;
  const graph = [
    ...nodes.flatMap((node) => bytesField(1, onnxNode(node))),
    ...textField(2, 'test'),
    ...initializers.flatMap((tensor) => bytesField(5, onnxTensor(tensor))),
    ...inputs.flatMap((input) => bytesField(11, onnxValue(input))),
    ...outputs.flatMap((name) => bytesField(12, textField(1, name))),
  ];
  return Uint8Array.from([
    ...integerField(1, 8),
    ...bytesField(7, graph),
    ...bytesField(8, integerField(2, source.opset ?? NEWEST_OPSET)),
    ...functions.flatMap((name) =>
      bytesField(25, [...textField(1, name), ...textField(10, 'local')]),
    ),
  ]);
}
