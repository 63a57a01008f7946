/** Reads the float32 initializers of a trusted ONNX file into reference matrices. */
import { readFileSync } from 'node:fs';
import type { Matrix } from '../../src/reference/matrix.ts';
import { float32Matrix } from './safetensors.ts';

/** Field numbers of onnx.proto3. */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR = { dims: 1, name: 8, rawData: 9 } as const;

type Field = readonly [number: number, value: number | Buffer];

/** The initializers by name, in file order; leading dimensions are folded into the rows. */
export function readInitializers(path: string): ReadonlyMap<string, Matrix> {
  const graph = bytesOf(fieldsOf(readFileSync(path)), MODEL_GRAPH)[0];
  const tensors = bytesOf(fieldsOf(graph), GRAPH_INITIALIZER).map((bytes) => {
    const fields = fieldsOf(bytes);
    const dims = fields.filter(([number]) => number === TENSOR.dims).map(([, dim]) => Number(dim));
    const name = bytesOf(fields, TENSOR.name)[0].toString();
    return [name, float32Matrix(bytesOf(fields, TENSOR.rawData)[0], dims)] as const;
  });
  return new Map(tensors);
}

function bytesOf(fields: readonly Field[], wanted: number): Buffer[] {
  return fields
    .filter(([number]) => number === wanted)
    .map(([, value]) => value)
    .filter((value) => typeof value !== 'number');
}

/** The fields of one protobuf message: varints (wire type 0) and byte strings (wire type 2). */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++];
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType !== 0 && wireType !== 2) throw new Error(`wire type ${wireType} at ${at}`);
    const length = varint();
    const value = wireType === 0 ? length : message.subarray(at, (at += length));
    fields.push([Math.floor(tag / 8), value]);
  }
  return fields;
}
