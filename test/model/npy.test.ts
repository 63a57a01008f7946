/** `.npy` files: every type, order and version; round trips; and what is refused, and how. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNpy, parseNpy } from '../../src/model/npy.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';
import type { Complaint } from './support.ts';
import {
  allocatedBytes,
  concat,
  damaged,
  encode,
  encoded,
  ENCODINGS,
  expectComplaint,
  npyBytes,
  RUNS,
  shapes,
  sizeOf,
  tolerateFileError,
} from './support.ts';

const tuple = (shape: readonly number[]): string =>
  shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;

const header = (descr: string, shape: string, fortran = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

const words = (tensor: HostTensor): Uint32Array =>
  new Uint32Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.length);

/** np.save of numpy 2.4: np.array([[1, 2.5], [-0.0, np.inf]], dtype='<f4'). */
const FROM_NUMPY = concat(
  [0x93],
  'NUMPY',
  [1, 0, 0x76, 0],
  `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }`.padEnd(117),
  '\n',
  [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0x40, 0, 0, 0, 0x80, 0, 0, 0x80, 0x7f],
);

describe('reading .npy', () => {
  it('reads what NumPy wrote', () => {
    const { dtype, shape, data } = parseNpy(FROM_NUMPY);
    expect({ dtype, shape, data: [...data] }).toEqual({
      dtype: 'f32',
      shape: [2, 2],
      data: [1, 2.5, -0, Infinity],
    });
  });

  it('reads every type, in both byte orders and all versions', () => {
    const variants = fc.record({
      order: fc.constantFrom('<', '>'),
      version: fc.constantFrom(1, 2, 3),
    });
    const property = fc.property(encoded, variants, (tensor, { order, version }) => {
      const { encoding, shape, values } = tensor;
      const descr = `${encoding.bytes === 1 ? '|' : order}${encoding.npy}`;
      const data = encode(encoding, values, order === '<');
      const read = parseNpy(npyBytes(header(descr, tuple(shape)), data, version));
      expect(read.dtype).toBe(encoding.dtype);
      expect(read.shape).toEqual(shape);
      expect([...read.data]).toEqual(values);
    });
    fc.assert(property, RUNS);
  });

  it('puts column-major data in row-major order', () => {
    const data = encode(ENCODINGS[4], [1, 4, 2, 5, 3, 6]);
    const read = parseNpy(npyBytes(header('<i4', '(2, 3)', 'True'), data));
    expect([...read.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('reads a column-major tensor as the row-major one of the reversed shape, transposed', () => {
    const property = fc.property(shapes, (shape) => {
      const values = Array.from({ length: sizeOf(shape) }, (_, i) => i);
      const data = encode(ENCODINGS[4], values);
      const read = parseNpy(npyBytes(header('<i4', tuple(shape), 'True'), data));
      const expected = values.map((at) => {
        let [rest, offset, stride] = [at, 0, sizeOf(shape)];
        let step = 1;
        for (const size of shape) {
          stride /= size;
          offset += Math.floor(rest / stride) * step;
          rest %= stride;
          step *= size;
        }
        return offset;
      });
      expect([...read.data]).toEqual(expected);
    });
    fc.assert(property, RUNS);
  });

  it('accepts what Python accepts: other quotes, other order, no spaces, other padding', () => {
    const text = `{"shape":( 2 ,),"fortran_order":False,"descr":"|u1"}   \n`;
    expect([...parseNpy(npyBytes(text, Uint8Array.of(7, 8))).data]).toEqual([7, 8]);
  });

  it('reads bytes that do not start at a multiple of four', () => {
    const bytes = new Uint8Array(FROM_NUMPY.length + 3);
    bytes.set(FROM_NUMPY, 3);
    expect([...parseNpy(bytes.subarray(3)).data]).toEqual([1, 2.5, -0, Infinity]);
  });
});

describe('converting elements', () => {
  it('reads every float16 as its definition says', () => {
    const data = new Uint8Array(2 * 65536);
    for (let i = 0; i < 65536; i++) data.set([i & 255, i >> 8], 2 * i);
    const read = parseNpy(npyBytes(header('<f2', '(65536,)'), data)).data;
    const wrong = [...read].findIndex((value, i) => !Object.is(value, half(i)));
    expect(wrong).toBe(-1);
  });

  it('rounds float64 to the nearest float32, ties to even', () => {
    const ulp = 2 ** -23;
    const cases: [number, number][] = [
      [1 + ulp / 2, 1],
      [1 + 1.5 * ulp, 1 + 2 * ulp],
      [1 + ulp / 2 + 2 ** -52, 1 + ulp],
      [2 ** -150, 0],
      [1.5 * 2 ** -149, 2 ** -148],
      [-(2 ** -151), -0],
      [3.4028235677973362e38, 3.4028234663852886e38],
      [-Infinity, -Infinity],
    ];
    const data = encode(
      ENCODINGS[0],
      cases.map(([from]) => from),
    );
    const read = parseNpy(npyBytes(header('<f8', tuple([cases.length])), data));
    expect([...read.data]).toEqual(cases.map(([, to]) => to));
  });

  it('keeps the bits of a float32 NaN, and makes all others the same NaN', () => {
    const signalling = Uint8Array.of(0x01, 0x00, 0xa0, 0xff);
    expect(words(parseNpy(npyBytes(header('<f4', '()'), signalling)))[0]).toBe(0xffa00001);
    const double = Uint8Array.of(1, 2, 3, 4, 5, 6, 0xf8, 0xff);
    expect(words(parseNpy(npyBytes(header('<f8', '()'), double)))[0]).toBe(0x7fc00000);
    expect(words(parseNpy(npyBytes(header('<f2', '()'), Uint8Array.of(1, 0xfe))))[0]).toBe(
      0x7fc00000,
    );
  });

  const refused: Record<string, [descr: string, data: Uint8Array, complaint: Complaint]> = {
    'a float64 beyond float32': [
      '<f8',
      encode(ENCODINGS[0], [3.4028235677973366e38]),
      { code: 'unsupported', message: /3.4028235677973366e\+38 does not fit a float32/ },
    ],
    'an int64 above int32': [
      '<i8',
      encode(ENCODINGS[2], [2 ** 31]),
      { code: 'unsupported', message: /value 2147483648 does not fit a 32-bit integer/ },
    ],
    'an int64 below int32': [
      '<i8',
      encode(ENCODINGS[2], [-(2 ** 31) - 1]),
      { code: 'unsupported', message: /value -2147483649 does not fit/ },
    ],
    'an int64 whose low half alone would fit': [
      '<i8',
      encode(ENCODINGS[2], [2 ** 40 + 5]),
      { code: 'unsupported', message: /value 1099511627781 does not fit/ },
    ],
    'the largest uint64': [
      '<u8',
      new Uint8Array(8).fill(255),
      { code: 'unsupported', message: /value 18446744073709551615 does not fit/ },
    ],
    'a uint32 above int32': [
      '<u4',
      encode(ENCODINGS[5], [2 ** 31]),
      { code: 'unsupported', message: /value 2147483648 does not fit/ },
    ],
    'a bool that is neither': [
      '|b1',
      Uint8Array.of(2),
      { code: 'malformed', message: /bool must be 0 or 1, found 2/ },
    ],
  };
  it.each(Object.entries(refused))('refuses %s', (_, [descr, data, complaint]) => {
    expectComplaint(() => parseNpy(npyBytes(header(descr, '()'), data)), complaint);
  });
});

/** IEEE 754-2019, 3.4: the value of a binary16. */
function half(bits: number): number {
  const sign = bits >> 15 === 1 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

describe('writing .npy', () => {
  it('writes byte for byte what NumPy writes', () => {
    const data = Float32Array.of(1, 2.5, -0, Infinity);
    expect(formatNpy({ dtype: 'f32', shape: [2, 2], data })).toEqual(FROM_NUMPY);
  });

  it('round-trips every bit pattern and shape', () => {
    const tensors = fc.tuple(shapes, fc.constantFrom('f32' as const, 'i32' as const));
    const property = fc.property(
      tensors,
      fc.infiniteStream(fc.nat(0xffffffff)),
      ([shape, dtype], bits) => {
        const pattern = Uint32Array.from(
          { length: sizeOf(shape) },
          () => bits.next().value as number,
        );
        const data = new (dtype === 'f32' ? Float32Array : Int32Array)(pattern.buffer);
        const file = formatNpy({ dtype, shape, data });
        const read = parseNpy(file);
        expect((file.length - data.byteLength) % 64).toBe(0);
        expect({ dtype: read.dtype, shape: read.shape }).toEqual({ dtype, shape });
        expect(words(read)).toEqual(pattern);
      },
    );
    fc.assert(property, RUNS);
  });

  it('writes a part of a longer array', () => {
    const data = Int32Array.of(9, 1, 2, 9).subarray(1, 3);
    expect([...parseNpy(formatNpy({ dtype: 'i32', shape: [2], data })).data]).toEqual([1, 2]);
  });

  it('stops at a tensor whose shape is not the size of its data', () => {
    const tensor: HostTensor = { dtype: 'f32', shape: [3], data: new Float32Array(2) };
    expect(() => formatNpy(tensor)).toThrow('invariant: shape (3) with 2 elements');
  });
});

describe('hostile .npy', () => {
  const four = new Uint8Array(4);
  const one = (descr: string): Uint8Array => npyBytes(header(descr, '(1,)'), four);
  const shaped = (shape: string): Uint8Array => npyBytes(header('<f4', shape), four);
  const headed = (text: string): Uint8Array => npyBytes(text, four);
  const malformed = (message: RegExp): Complaint => ({ code: 'malformed', message });
  const unsupported = (message: RegExp): Complaint => ({ code: 'unsupported', message });
  const tooLarge = (message: RegExp): Complaint => ({ code: 'too-large', message });

  const cases: Record<string, [Uint8Array, Complaint]> = {
    'an empty file': [new Uint8Array(0), malformed(/does not start as a .npy file/)],
    'another format': [concat('PK\u0003\u0004 a zip archive'), malformed(/does not start as/)],
    'nothing after the magic': [FROM_NUMPY.slice(0, 9), malformed(/ends inside its header/)],
    'version 0': [npyBytes(header('<f4', '()'), four, 0), unsupported(/version 0.0 is not/)],
    'version 4': [npyBytes(header('<f4', '()'), four, 4), unsupported(/version 4.0 is not/)],
    'a header longer than the file': [
      FROM_NUMPY.slice(0, 100),
      malformed(/claims 118 bytes, but only 90 follow/),
    ],
    'a header of four gigabytes': [
      concat([0x93], 'NUMPY', [2, 0, 255, 255, 255, 255], '{}'),
      malformed(/claims 4294967295 bytes, but only 2 follow/),
    ],
    'a real header of 70,000 bytes': [
      npyBytes(header('<f4', '(1,)').padEnd(70000), four, 2),
      tooLarge(/header of 70000 bytes is above 65536/),
    ],
    'data one byte short': [FROM_NUMPY.slice(0, -1), malformed(/needs 16 bytes of data, found 15/)],
    'a trailing byte': [concat(FROM_NUMPY, [0]), malformed(/needs 16 bytes of data, found 17/)],
    'no data': [FROM_NUMPY.slice(0, 128), malformed(/needs 16 bytes of data, found 0/)],
    'terabytes of shape': [
      shaped('(1000000, 1000000)'),
      malformed(/\(1000000, 1000000\) of f32 needs 4000000000000 bytes of data, found 4/),
    ],
    'a shape beyond 2^53': [shaped('(94906266, 94906267)'), tooLarge(/has 2\^53 elements or more/)],
    'a shape beyond 2^53 hidden behind a zero': [
      npyBytes(header('<f4', '(0, 94906266, 94906267)'), new Uint8Array(0)),
      tooLarge(/has 2\^53 elements or more/),
    ],
    'a negative dimension': [shaped('(-1,)'), malformed(/non-negative integer, found "-1"/)],
    'a fractional dimension': [shaped('(1.5,)'), malformed(/non-negative integer, found "1.5"/)],
    'a dimension in words': [shaped('(True,)'), malformed(/non-negative integer, found "True"/)],
    'a dimension in hexadecimal': [shaped('(0x1,)'), malformed(/integer, found "0x1"/)],
    'a dimension with 400 digits': [shaped(`(${'9'.repeat(400)},)`), malformed(/found Infinity/)],
    '65 dimensions': [
      shaped(`(${'1, '.repeat(65)})`),
      unsupported(/65 dimensions has more than 64/),
    ],
    'a number instead of a tuple': [shaped('(1)'), malformed(/must have ',' at/)],
    'a bare number as shape': [shaped('1'), malformed(/must have a string at/)],
    'a nested tuple': [shaped('((1,),)'), malformed(/must have a number at/)],
    'a string as shape': [shaped(`'1'`), malformed(/'shape' must be a tuple/)],
    'Python objects': [one('|O'), unsupported(/Python objects, which are never loaded/)],
    'a structured type': [
      headed(`{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }`),
      unsupported(/structured arrays are not read/),
    ],
    'complex numbers': [
      one('<c8'),
      { ...unsupported(/"<c8" is not read/), hint: /f8, f4, f2, i8/ },
    ],
    strings: [one('<U1'), unsupported(/type "<U1" is not read/)],
    'a type without byte order': [one('f4'), unsupported(/type "f4" is not read/)],
    'an order that is not one': [one('|f4'), unsupported(/type "\|f4" is not read/)],
    'an inherited property as type': [one('<constructor'), unsupported(/is not read/)],
    'an empty type': [one(''), unsupported(/type "" is not read/)],
    'a type that is a boolean': [
      headed(`{'descr': True, 'fortran_order': False, 'shape': (1,), }`),
      malformed(/'descr' must be a string/),
    ],
    'an order that is a string': [
      headed(`{'descr': '<f4', 'fortran_order': 'no', 'shape': (1,), }`),
      malformed(/'fortran_order' must be True or False/),
    ],
    'a call instead of a value': [
      headed(`{'descr': exec('x'), 'fortran_order': False, 'shape': (1,), }`),
      malformed(/must have a string at "exec/),
    ],
    'a missing key': [
      headed(`{'descr': '<f4', 'shape': (1,), }`),
      malformed(/lacks the key "fortran_order"/),
    ],
    'an extra key': [
      headed(`{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 'y'}`),
      malformed(/more than its three keys/),
    ],
    'a key twice': [
      headed(`{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (2,)}`),
      malformed(/a new key instead of "shape" again/),
    ],
    'text after the dict': [
      headed(`${header('<f4', '(1,)')} x`),
      malformed(/nothing after the dict at "x"/),
    ],
    'an open dict': [headed(`{'descr': '<f4'`), malformed(/must have '}' at ""/)],
    'an open string': [headed(`{'descr`), malformed(/must have a string at "'descr"/)],
    'an escape in a string': [headed(`{'d\\x65scr': '<f4'}`), malformed(/must have a string/)],
    'no dict': [headed('[]'), malformed(/must have '{' at "\[\]"/)],
    'an empty header': [headed(''), malformed(/must have '{' at ""/)],
  };

  it.each(Object.entries(cases))('refuses %s', (_, [bytes, complaint]) => {
    expectComplaint(() => parseNpy(bytes), complaint);
  });

  it('refuses more elements than are read at once, before it allocates them', () => {
    const count = 2 ** 28 + 1;
    const start = npyBytes(header('|u1', `(${count},)`), new Uint8Array(0));
    const bytes = new Uint8Array(start.length + count);
    bytes.set(start);
    const allocated = allocatedBytes(() => {
      expectComplaint(() => parseNpy(bytes), tooLarge(/268435457 elements is too large/));
    });
    expect(allocated).toBe(0);
  });

  it('answers any damage with a FileError, and never allocates beyond the file', () => {
    const files = fc.constantFrom(
      FROM_NUMPY,
      npyBytes(header('|i1', '(3, 5)', 'True'), new Uint8Array(15)),
      npyBytes(header('>i8', '(4,)'), new Uint8Array(32), 2),
      npyBytes(header('<f2', '()'), new Uint8Array(2), 3),
    );
    let most = 0;
    const property = fc.property(files.chain(damaged), (bytes) => {
      const allocated = allocatedBytes(() => {
        tolerateFileError(() => {
          parseNpy(bytes);
        });
      });
      // One-byte elements become four bytes each, and a column-major tensor is copied once.
      expect(allocated).toBeLessThanOrEqual(8 * bytes.length);
      most = Math.max(most, allocated);
    });
    fc.assert(property, { ...RUNS, numRuns: 3000 });
    expect(most).toBeGreaterThan(0);
  });
});
