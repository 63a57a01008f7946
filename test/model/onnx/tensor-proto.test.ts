/** TensorProto: every element type, in raw and in typed fields, inside the file and beside it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TypeName } from '../../../src/model/onnx/data-types.ts';
import { dataType } from '../../../src/model/onnx/data-types.ts';
import { readTensorProto } from '../../../src/model/onnx/tensor-proto.ts';
import { openFolder } from '../../../src/model/sandbox.ts';
import { FileError } from '../../../src/model/tensor-file.ts';
import {
  bytesField,
  integerField,
  onnxTensor,
  rawBytes,
  varint,
} from '../../support/onnx-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'lasm-onnx-'));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (bytes: readonly number[], inside?: string) =>
  readTensorProto(Uint8Array.from(bytes), inside === undefined ? undefined : openFolder(inside));

/** Values as they are written (16-bit floats by their bits) and as they are read. */
const TYPES: readonly (readonly [TypeName, readonly number[], readonly number[]])[] = [
  ['float32', [0.5, -Infinity], [0.5, -Infinity]],
  ['float64', [0.25, 1e-50], [0.25, 0]],
  ['float16', [0x3c00, 0xc000], [1, -2]],
  ['bfloat16', [0x3f80, 0xc000], [1, -2]],
  ['int8', [-128, 127], [-128, 127]],
  ['uint8', [0, 255], [0, 255]],
  ['int16', [-32768, 1], [-32768, 1]],
  ['uint16', [65535, 1], [65535, 1]],
  ['int32', [-(2 ** 31), 7], [-(2 ** 31), 7]],
  ['uint32', [2 ** 31 - 1, 7], [2 ** 31 - 1, 7]],
  ['int64', [-(2 ** 31), 7], [-(2 ** 31), 7]],
  ['uint64', [7, 8], [7, 8]],
  ['bool', [0, 1], [0, 1]],
];

/** The numbers of the fields that hold values one by one. */
const FIELDS = { float: 4, int32: 5, int64: 7, double: 10, uint64: 11 } as const;

function typed(type: TypeName, values: readonly number[]): number[] {
  const { field, code } = dataType(type);
  const isFloat = field === 'float' || field === 'double';
  const bytes = isFloat ? rawBytes(type, values) : values.flatMap(varint);
  return [...integerField(1, 2), ...integerField(2, code), ...bytesField(FIELDS[field], bytes)];
}

describe('TensorProto', () => {
  it.each(TYPES)('%s', (type, written, wanted) => {
    const dtype = dataType(type).dtype === 'i32' ? 'i32' : 'f32';
    for (const bytes of [onnxTensor({ type, shape: [2], values: written }), typed(type, written)]) {
      const tensor = read(bytes);
      expect([tensor.dtype, tensor.shape, [...tensor.data]]).toEqual([dtype, [2], wanted]);
    }
  });

  it.each([
    ['text', [...integerField(1, 0), ...integerField(2, 8)]],
    ['no type', integerField(1, 0)],
    ['a negative dimension', [...integerField(1, -1), ...integerField(2, 1)]],
    ['more elements than memory', [...integerField(1, 2 ** 40), ...integerField(2, 1)]],
    ['bytes that are missing', onnxTensor({ type: 'float32', shape: [3], values: [1, 2] })],
    ['values that are missing', [...integerField(1, 3), ...integerField(2, 1)]],
    ['integers beyond 32 bits', onnxTensor({ type: 'int64', shape: [1], values: [2 ** 31] })],
    ['segments', [...bytesField(3, []), ...integerField(2, 1)]],
  ])('refuses %s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(FileError);
  });
});

describe('external data', () => {
  writeFileSync(join(folder, 'weights.bin'), rawBytes('float32', [0, 1, 2, 3]));
  const beside = (external: Readonly<Record<string, string>>) =>
    onnxTensor({ type: 'float32', shape: [2], values: [], external });

  it('are read from their offset on', () => {
    const place = { location: 'weights.bin', offset: '4', length: '8' };
    expect([...read(beside(place), folder).data]).toEqual([1, 2]);
    expect([...read(beside({ location: 'weights.bin', offset: '8' }), folder).data]).toEqual([
      2, 3,
    ]);
  });

  it.each([
    ['leave the file', { location: 'weights.bin', offset: '12', length: '8' }, 'outside'],
    ['leave the folder', { location: '../weights.bin' }, 'outside'],
    ['are missing', { location: 'other.bin' }, 'missing'],
    ['are too many', { location: 'weights.bin' }, 'malformed'],
    ['have no number as their offset', { location: 'weights.bin', offset: '-4' }, 'malformed'],
  ])('that %s are refused', (_, place, code) => {
    expect(() => read(beside(place), folder)).toThrow(expect.objectContaining({ code }));
  });

  it('need a folder', () => {
    expect(() => read(beside({ location: 'weights.bin' }))).toThrow(/beside the model/);
  });
});
