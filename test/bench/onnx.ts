/** The smallest ONNX file of a product with a constant right factor, for runtimes to be compared with. */
import type { Tile } from '../../src/tensor/tile.ts';

type Bytes = Uint8Array;

const FLOAT = 1;
const IR_VERSION = 8;
const OPERATOR_SET = 17;

/** Protocol buffers: a field of an integer, and of bytes. Source: protobuf.dev, "Encoding". */
function varint(value: number): Bytes {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

const integer = (field: number, value: number): Bytes => Buffer.concat([varint(field * 8), varint(value)]); // prettier-ignore

const message = (field: number, ...parts: readonly Bytes[]): Bytes => {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
};

const text = (field: number, value: string): Bytes => message(field, Buffer.from(value));

/** A ValueInfoProto: name, and the type of a float tensor with its dimensions. */
function value(field: number, name: string, dims: readonly number[]): Bytes {
  const shape = message(2, ...dims.map((size) => message(1, integer(1, size))));
  return message(field, text(1, name), message(2, message(1, integer(1, FLOAT), shape)));
}

/** y (m×n) ← a (m×k) · b (k×n), b being part of the file. Field numbers: onnx.proto3. */
export function productModel(m: number, b: Tile): Bytes {
  const { rows: k, cols: n, data } = b;
  const raw = new Uint8Array(data.buffer, data.byteOffset, k * n * 4);
  const node = message(1, text(1, 'a'), text(1, 'b'), text(2, 'y'), text(4, 'MatMul'));
  const factor = message(5, integer(1, k), integer(1, n), integer(2, FLOAT), text(8, 'b'), message(9, raw)); // prettier-ignore
  const graph = [node, text(2, 'product'), factor, value(11, 'a', [m, k]), value(12, 'y', [m, n])];
  return Buffer.concat([
    integer(1, IR_VERSION),
    message(8, integer(2, OPERATOR_SET)),
    message(7, ...graph),
  ]);
}
