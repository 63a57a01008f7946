/** What is written as safetensors is what our reader finds in it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorToWrite } from '../../src/model/safetensors-write.ts';
import { safetensorsChunks } from '../../src/model/safetensors-write.ts';
import { openSafetensors } from '../../src/model/safetensors.ts';
import { FORMATS, isIntegerFormat } from '../../src/tensor/formats.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';
import { elementCount } from '../../src/tensor/host-tensor.ts';

function written(tensors: readonly TensorToWrite[], metadata?: Record<string, string>): Uint8Array {
  return Uint8Array.from([...safetensorsChunks(tensors, metadata)].flatMap((chunk) => [...chunk]));
}

function open(bytes: Uint8Array) {
  const read = (offset: number, length: number) => bytes.slice(offset, offset + length);
  return openSafetensors({ size: bytes.length, read });
}

const VALUES = {
  f32: fc.float({ noNaN: true }),
  i32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  f16: fc.nat(0xffff).map(FORMATS.f16.decode),
  bf16: fc.nat(0xffff).map(FORMATS.bf16.decode),
  i8: fc.integer({ min: -128, max: 127 }),
} as const;

const anyTensor = fc
  .record({
    name: fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__metadata__'),
    format: fc.constantFrom('f32', 'i32', 'f16', 'bf16', 'i8'),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
  })
  .chain(({ name, format, shape }) => {
    const length = elementCount(shape);
    const values = fc.array(VALUES[format], { minLength: length, maxLength: length });
    return values.map((list) => ({ name, format, shape, tensor: tensorOf(format, shape, list) }));
  });

function tensorOf(format: TensorToWrite['format'], shape: number[], values: number[]): HostTensor {
  return isIntegerFormat(format)
    ? { dtype: 'i32', shape, data: Int32Array.from(values) }
    : { dtype: 'f32', shape, data: Float32Array.from(values) };
}

describe('safetensorsChunks', () => {
  it('is read back, whatever the tensors are', () => {
    const lists = fc.uniqueArray(anyTensor, { selector: ({ name }) => name, maxLength: 5 });
    fc.assert(
      fc.property(lists, (list) => {
        const file = open(written(list.map((one) => ({ ...one, read: () => one.tensor }))));
        expect(new Set(file.names)).toEqual(new Set(list.map(({ name }) => name)));
        for (const { name, tensor } of list) expect(file.read(name)).toEqual(tensor);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('has its metadata first, and data behind a multiple of eight bytes', () => {
    const read = (): HostTensor => ({ dtype: 'f32', shape: [1], data: Float32Array.of(1) });
    const bytes = written([{ name: 'a', format: 'f32', shape: [1], read }], { who: 'me' });
    const text = new TextDecoder().decode(bytes.subarray(8));
    expect(text.startsWith('{"__metadata__":{"who":"me"},"a":{')).toBe(true);
    expect(bytes.length % 8).toBe(4);
  });

  it('asks for the values of one tensor at a time', () => {
    const asked: string[] = [];
    const tensor = (name: string): TensorToWrite => ({
      name,
      format: 'i8',
      shape: [1],
      read: () => {
        asked.push(name);
        return { dtype: 'i32', shape: [1], data: Int32Array.of(1) };
      },
    });
    const chunks = safetensorsChunks([tensor('a'), tensor('b')]);
    chunks.next();
    expect(asked).toEqual([]);
    chunks.next();
    expect(asked).toEqual(['a']);
  });

  it('refuses a value that the format does not hold', () => {
    const read = (): HostTensor => ({ dtype: 'i32', shape: [1], data: Int32Array.of(128) });
    expect(() => written([{ name: 'w', format: 'i8', shape: [1], read }])).toThrow('w is no i8');
    const third = (): HostTensor => ({ dtype: 'f32', shape: [1], data: Float32Array.of(1 / 3) });
    const half: TensorToWrite = { name: 'w', format: 'f16', shape: [1], read: third };
    expect(() => written([half])).toThrow('w is no f16');
  });
});
