/** `.safetensors` files: every type, slices, the models of this project, and hostile headers. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SafetensorsFile } from '../../src/model/safetensors.ts';
import { openSafetensors } from '../../src/model/safetensors.ts';
import type { Slice } from '../../src/model/tensor-file.ts';
import type { Complaint } from './support.ts';
import {
  allocatedBytes,
  concat,
  damaged,
  encode,
  encoded,
  ENCODINGS,
  expectComplaint,
  memoryFile,
  RUNS,
  safetensorsBytes,
  shapes,
  sizeOf,
  sliceByIndex,
  slicesOf,
  tolerateFileError,
} from './support.ts';

const open = (header: object | string, data: Uint8Array | number = 0): SafetensorsFile =>
  openSafetensors(
    memoryFile(safetensorsBytes(header, typeof data === 'number' ? new Uint8Array(data) : data)),
  );

const entry = (dtype: string, shape: unknown, begin: number, end: number): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const model = (name: string): ReturnType<typeof memoryFile> =>
  memoryFile(
    readFileSync(new URL(`../../programs/models/${name}/model.safetensors`, import.meta.url)),
  );

describe('reading .safetensors', () => {
  it('reads every type and shape, several to a file, whatever their order in the header', () => {
    const files = fc.tuple(fc.array(encoded, { minLength: 1, maxLength: 4 }), fc.boolean());
    const property = fc.property(files, ([tensors, reversed]) => {
      let end = 0;
      const parts = tensors.map(({ encoding, shape, values }, i) => {
        const data = encode(encoding, values);
        end += data.length;
        const described = entry(encoding.safetensors, shape, end - data.length, end);
        return { name: `tensor ${i}`, described, data };
      });
      const listed = reversed ? [...parts].reverse() : parts;
      const header = Object.fromEntries(listed.map(({ name, described }) => [name, described]));
      const file = open(header, concat(...parts.map(({ data }) => data)));
      expect(file.names).toEqual(listed.map(({ name }) => name));
      tensors.forEach(({ encoding, shape, values }, i) => {
        const read = file.read(`tensor ${i}`);
        expect(file.info(`tensor ${i}`)).toEqual({
          dtype: encoding.safetensors,
          shape,
          bytes: values.length * encoding.bytes,
        });
        expect({ dtype: read.dtype, shape: read.shape }).toEqual({ dtype: encoding.dtype, shape });
        expect([...read.data]).toEqual(values);
      });
    });
    fc.assert(property, RUNS);
  });

  it('reads every bfloat16 as the upper half of a float32', () => {
    const data = new Uint8Array(2 * 65536);
    for (let i = 0; i < 65536; i++) data.set([i & 255, i >> 8], 2 * i);
    const read = open({ x: entry('BF16', [65536], 0, data.length) }, data).read('x');
    const words = new Uint32Array(read.data.buffer);
    expect(words.every((word, i) => word === i * 65536)).toBe(true);
  });

  it('reads float16', () => {
    const data = Uint8Array.of(0x00, 0x3e, 0x00, 0xc0);
    expect([...open({ x: entry('F16', [2], 0, 4) }, data).read('x').data]).toEqual([1.5, -2]);
  });

  it('reads empty files, padded headers, metadata, escaped and awkward names', () => {
    expect(open('{}').names).toEqual([]);
    expect(open('{}       \n').names).toEqual([]);
    expect(open({ __metadata__: { format: 'pt' } }).names).toEqual([]);
    const text = '{"\\u0061\\"{:":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}';
    expect([...open(text, Uint8Array.of(5)).read('a"{:').data]).toEqual([5]);
    const proto = '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
    expect([...open(proto, Uint8Array.of(6)).read('__proto__').data]).toEqual([6]);
  });
});

describe('slices of .safetensors', () => {
  const matrix = safetensorsBytes(
    { x: entry('I16', [3, 4], 0, 24) },
    encode(
      ENCODINGS[6],
      Array.from({ length: 12 }, (_, i) => i),
    ),
  );

  it('reads rows and columns', () => {
    const file = openSafetensors(memoryFile(matrix));
    expect([...file.read('x', [[1, 3]]).data]).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
    // prettier-ignore
    expect([...file.read('x', [[0, 3], [1, 2]]).data]).toEqual([1, 5, 9]);
    expect(file.read('x', [[2, 2]])).toMatchObject({ shape: [0, 4], data: new Int32Array(0) });
  });

  it('equals the same slice of the whole, and reads not one byte more', () => {
    const cases = shapes.chain((shape) => fc.tuple(fc.constant(shape), slicesOf(shape)));
    const property = fc.property(cases, ([shape, slice]) => {
      const values = Array.from({ length: sizeOf(shape) }, (_, i) => i);
      const header = { x: entry('I16', shape, 0, 2 * values.length) };
      const source = memoryFile(safetensorsBytes(header, encode(ENCODINGS[6], values)));
      const file = openSafetensors(source);
      const expected = sliceByIndex(file.read('x'), slice);
      const before = source.readBytes;
      const read = file.read('x', slice);
      expect(source.readBytes - before).toBe(2 * expected.length);
      expect([...read.data]).toEqual(expected);
      const sizes = slice.map(([from, to]) => to - from);
      expect(read.shape).toEqual([...sizes, ...shape.slice(sizes.length)]);
    });
    fc.assert(property, RUNS);
  });

  const outside: Record<string, [Slice, RegExp]> = {
    'a slice past the end': [[[0, 4]], /slice \[0, 4\) leaves dimension 0, which has 3/],
    'a negative start': [[[-1, 2]], /slice \[-1, 2\) leaves dimension 0/],
    'a slice turned around': [[[2, 1]], /slice \[2, 1\) leaves/],
    'a fraction': [[[0, 1.5]], /slice \[0, 1.5\) leaves/],
    'not a number': [[[NaN, 1]], /slice \[NaN, 1\) leaves/],
    // prettier-ignore
    'too many dimensions': [[[0, 1], [0, 1], [0, 1]], /slice of 3 dimensions does not fit a tensor of 2/],
  };
  it.each(Object.entries(outside))('refuses %s', (_, [slice, message]) => {
    const file = openSafetensors(memoryFile(matrix));
    expectComplaint(() => file.read('x', slice), { code: 'outside', message });
  });

  it('refuses to read a huge tensor whole, but reads a slice of it', () => {
    const count = 2 ** 40;
    const header = safetensorsBytes({ x: entry('U8', [count], 0, count) }, new Uint8Array(0));
    const read = (offset: number, length: number): Uint8Array =>
      offset < header.length ? header.slice(offset, offset + length) : new Uint8Array(length);
    const file = openSafetensors({ size: header.length + count, read });
    expectComplaint(() => file.read('x'), {
      code: 'too-large',
      message: /1099511627776 elements is too large to read at once/,
      hint: /read a slice of at most 268435456 elements/,
    });
    expect(file.read('x', [[count - 2, count]]).shape).toEqual([2]);
  });
});

describe('the models of this project', () => {
  const known: Record<string, Record<string, number[]>> = {
    'adder-gpt2': {
      'wte.weight': [13, 64],
      'h.1.attn.c_attn.weight': [64, 192],
      'ln_f.bias': [64],
    },
    'bert-random': { 'bert.pooler.dense.weight': [48, 48], 'classifier.weight': [3, 48] },
    'dates-bart': { final_logits_bias: [1, 45], 'model.encoder.layers.0.fc1.weight': [128, 64] },
    'verse-llama': {
      'model.layers.3.self_attn.k_proj.weight': [32, 96],
      'model.norm.weight': [96],
    },
  };
  it.each(Object.entries(known))('reads %s', (name, tensors) => {
    const source = model(name);
    const file = openSafetensors(source);
    for (const [tensor, shape] of Object.entries(tensors)) {
      const read = file.read(tensor);
      expect(read).toMatchObject({ dtype: 'f32', shape });
      expect(read.data.every((value) => Number.isFinite(value))).toBe(true);
    }
    const bytes = file.names.reduce((total, tensor) => total + file.info(tensor).bytes, 0);
    const header = new DataView(source.read(0, 8).buffer).getBigUint64(0, true);
    expect(bytes).toBe(source.size - 8 - Number(header));
  });

  it('reads the same values as a reading by hand, rows and columns too', () => {
    const source = model('adder-gpt2');
    const file = openSafetensors(source);
    // The header of this file is 2280 bytes; wpe.weight, 12 × 64, begins 3328 bytes behind it.
    const bytes = source.read(8 + 2280 + 3328, 4 * 12 * 64);
    const byHand = new Float32Array(bytes.buffer, bytes.byteOffset, 12 * 64);
    const whole = file.read('wpe.weight');
    expect(whole.data).toEqual(byHand);
    // prettier-ignore
    for (const slice of [[[3, 5]], [[0, 12], [7, 9]], [[11, 12], [63, 64]]] as const) {
      expect([...file.read('wpe.weight', slice).data]).toEqual(sliceByIndex(whole, slice));
    }
  });

  it('suggests the nearest name, or lists a few', () => {
    const file = openSafetensors(model('adder-gpt2'));
    expectComplaint(() => file.read('h.1.attn.c_attn.wieght'), {
      code: 'missing',
      message: /^there is no tensor "h.1.attn.c_attn.wieght"$/,
      hint: /^did you mean "h.1.attn.c_attn.weight"\?$/,
    });
    expectComplaint(() => file.info('embedding of the tokens'), {
      code: 'missing',
      message: /there is no tensor/,
      hint: /^there are "wte.weight", ("[^"]*"(, )?){7} and 20 more$/,
    });
    expectComplaint(() => open('{}').read('x'), { code: 'missing', message: /no tensor "x"/ });
  });
});

describe('hostile .safetensors', () => {
  const malformed = (message: RegExp): Complaint => ({ code: 'malformed', message });
  const bytes = safetensorsBytes({ x: entry('U8', [4], 0, 4) }, new Uint8Array(4));
  const header = (value: object | string, data = 0): Uint8Array =>
    safetensorsBytes(value, new Uint8Array(data));
  const f32 = (shape: unknown, data = 4): Uint8Array =>
    header({ x: entry('F32', shape, 0, data) }, data);
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  const cases: Record<string, [Uint8Array, Complaint]> = {
    'an empty file': [new Uint8Array(0), malformed(/file of 0 bytes has no header/)],
    'seven bytes': [new Uint8Array(7), malformed(/file of 7 bytes has no header/)],
    'a header longer than the file': [
      bytes.slice(0, 40),
      malformed(/claims \d+ bytes, but only 32 follow/),
    ],
    'a header of 2^64 - 1 bytes': [
      new Uint8Array(16).fill(255),
      malformed(/claims 18446744073709551615 bytes, but only 8 follow/),
    ],
    'an empty header': [header(''), malformed(/does not start with \{/)],
    'a list': [header('[]'), malformed(/does not start with \{/)],
    'a space first': [header(' {}'), malformed(/does not start with \{/)],
    'a byte order mark': [header('\ufeff{}'), malformed(/does not start with \{/)],
    'broken JSON': [header('{"x":}'), malformed(/not valid JSON/)],
    'a broken key': [header('{"\\q":{}}'), malformed(/not valid JSON/)],
    'an open string': [header('{"x'), malformed(/not valid JSON/)],
    'text after the object': [header('{} {}'), malformed(/not valid JSON/)],
    'not UTF-8': [concat([5, 0, 0, 0, 0, 0, 0, 0], '{"', [0xff], '"}'), malformed(/not UTF-8/)],
    'a name twice': [
      header('{"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"x":{}}'),
      malformed(/name "x" appears twice/),
    ],
    'a name twice, once escaped': [
      header('{"x":1, "\\u0078" :2}'),
      malformed(/name "x" appears twice/),
    ],
    'a field twice': [
      header('{"x":{"dtype":"U8","dtype":"F32"}}'),
      malformed(/name "dtype" appears twice/),
    ],
    'deep nesting': [header(`{"x":${nested(100_000)}}`), malformed(/nests more than 3 deep/)],
    'deep nesting as a dimension': [f32([[1]]), malformed(/nests more than 3 deep/)],
    'an entry that is a number': [
      header('{"x":1}'),
      malformed(/"x" is not described by an object/),
    ],
    'an entry that is null': [header('{"x":null}'), malformed(/"x" is not described by an object/)],
    'no dtype': [header({ x: { shape: [], data_offsets: [0, 0] } }), malformed(/"x" has no dtype/)],
    'an unknown dtype': [
      header({ x: entry('F8_E4M3', [1], 0, 1) }, 1),
      {
        code: 'unsupported',
        message: /"x" has the type "F8_E4M3"/,
        hint: /F64, F32, F16, BF16, I64/,
      },
    ],
    'an inherited property as dtype': [
      header({ x: entry('toString', [1], 0, 1) }, 1),
      { code: 'unsupported', message: /type "toString"/ },
    ],
    'no shape': [
      header({ x: { dtype: 'U8', data_offsets: [0, 0] } }),
      malformed(/"x" has no shape/),
    ],
    'a shape that is a number': [f32(1), malformed(/"x" has no shape/)],
    'a negative dimension': [f32([-1]), malformed(/non-negative integer, found -1/)],
    'a fractional dimension': [f32([0.5]), malformed(/non-negative integer, found 0.5/)],
    'a dimension that is a string': [f32(['1']), malformed(/non-negative integer, found "1"/)],
    'a dimension that is null': [f32([null]), malformed(/non-negative integer, found null/)],
    'a dimension that is infinite': [
      header('{"x":{"dtype":"U8","shape":[1e999],"data_offsets":[0,0]}}'),
      malformed(/non-negative integer, found Infinity/),
    ],
    'a shape beyond 2^53': [
      f32([94906266, 94906267]),
      { code: 'too-large', message: /has 2\^53 elements or more/ },
    ],
    '65 dimensions': [
      f32(Array.from({ length: 65 }, () => 1)),
      { code: 'unsupported', message: /65 dimensions/ },
    ],
    'no offsets': [header({ x: { dtype: 'U8', shape: [0] } }), malformed(/no valid data_offsets/)],
    'three offsets': [
      header({ x: { dtype: 'U8', shape: [0], data_offsets: [0, 0, 0] } }),
      malformed(/no valid data_offsets/),
    ],
    'offsets turned around': [
      header({ x: entry('U8', [0], 4, 0) }, 4),
      malformed(/no valid data_offsets/),
    ],
    'a negative offset': [
      header({ x: entry('U8', [4], -4, 0) }, 4),
      malformed(/no valid data_offsets/),
    ],
    'a fractional offset': [
      header({ x: entry('U8', [1], 0.5, 1.5) }, 4),
      malformed(/no valid data_off/),
    ],
    'an offset beyond 2^53': [
      header({ x: entry('U8', [0], 1e300, 1e300) }),
      malformed(/no valid data_off/),
    ],
    'fewer bytes than the shape': [f32([2], 4), malformed(/"x" has 4 bytes, .* need 8/)],
    'more bytes than the shape': [f32([1], 8), malformed(/"x" has 8 bytes, .* need 4/)],
    'a tensor behind the end': [
      header({ x: entry('U8', [9], 0, 9) }, 4),
      malformed(/tensor "x" ends after the file/),
    ],
    'an empty tensor behind the end': [
      header({ x: entry('U8', [0], 9, 9) }, 4),
      malformed(/tensor "x" ends after the file/),
    ],
    'tensors that overlap': [
      header({ x: entry('U8', [3], 0, 3), y: entry('U8', [2], 2, 4) }, 4),
      malformed(/tensor "y" overlaps the tensor before it/),
    ],
    'two names for the same bytes': [
      header({ x: entry('U8', [4], 0, 4), y: entry('U8', [4], 0, 4) }, 4),
      malformed(/tensor "y" overlaps/),
    ],
    'a hole': [
      header({ x: entry('U8', [1], 0, 1), y: entry('U8', [2], 2, 4) }, 4),
      malformed(/a hole of 1 bytes before tensor "y"/),
    ],
    'a hole at the start': [
      header({ x: entry('U8', [2], 2, 4) }, 4),
      malformed(/a hole of 2 bytes/),
    ],
    'bytes after the last tensor': [
      concat(bytes, [0]),
      malformed(/1 bytes at the end belong to no/),
    ],
    'metadata that is no object': [
      header({ __metadata__: 'x' }),
      malformed(/__metadata__ must hold/),
    ],
    'metadata with a number': [
      header({ __metadata__: { x: 1 } }),
      malformed(/__metadata__ must hold/),
    ],
    'a name of a million letters': [
      header({ ['x'.repeat(1e6)]: 1 }),
      malformed(/"x{60}…" is not described/),
    ],
  };

  it.each(Object.entries(cases))('refuses %s', (_, [hostile, complaint]) => {
    expectComplaint(() => openSafetensors(memoryFile(hostile)), complaint);
  });

  it('refuses a header above 100 MB without reading it', () => {
    const length = concat([0x01, 0xe1, 0xf5, 0x05, 0, 0, 0, 0]);
    const read = (offset: number, count: number): Uint8Array => {
      expect([offset, count]).toEqual([0, 8]);
      return length;
    };
    expectComplaint(() => openSafetensors({ size: 2 ** 40, read }), {
      code: 'too-large',
      message: /header of 100000001 bytes is above the format's 100000000/,
    });
  });

  it('answers any damage with a FileError, and never allocates beyond the file', () => {
    const valid = safetensorsBytes(
      { a: entry('F32', [2, 3], 0, 24), b: entry('BF16', [2], 24, 28), c: entry('I8', [], 28, 29) },
      new Uint8Array(29),
    );
    let most = 0;
    const property = fc.property(damaged(valid), (hostile) => {
      const source = memoryFile(hostile);
      const allocated = allocatedBytes(() => {
        tolerateFileError(() => {
          const file = openSafetensors(source);
          for (const name of file.names) file.read(name);
        });
      });
      expect(source.readBytes).toBeLessThanOrEqual(hostile.length);
      // The bytes of a tensor and, for one-byte elements, four times that as words.
      expect(allocated).toBeLessThanOrEqual(5 * hostile.length);
      most = Math.max(most, allocated);
    });
    fc.assert(property, { ...RUNS, numRuns: 3000 });
    expect(most).toBeGreaterThan(0);
  });
});
