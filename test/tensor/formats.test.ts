import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ElementFormat } from '../../src/tensor/formats.ts';
import { ELEMENT_FORMATS, FORMATS, roundHalfEven, widened } from '../../src/tensor/formats.ts';
import { runs } from './numbers.ts';

const anyFloat = fc.float();
const SHORT_PATTERNS = Array.from({ length: 1 << 16 }, (_, bits) => bits);

/** What IEEE 754 says of the bits of a binary format whose mantissa has `mantissaBits`. */
function valueOf(bits: number, mantissaBits: number): number {
  const exponentBits = 15 - mantissaBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> mantissaBits) % 2 ** exponentBits;
  const mantissa = bits % 2 ** mantissaBits;
  if (exponent === 2 ** exponentBits - 1) return mantissa === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - mantissaBits);
  return sign * (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
}

describe.each<[ElementFormat, number]>([
  ['f16', 10],
  ['bf16', 7],
])('%s', (format, mantissaBits) => {
  const { decode, encode, unwritten } = FORMATS[format];

  it('means what IEEE 754 says of every bit pattern, and comes back from it', () => {
    for (const bits of SHORT_PATTERNS) {
      const value = valueOf(bits, mantissaBits);
      if (!Object.is(decode(bits), value)) throw new Error(`${bits} is ${decode(bits)}`);
      if (encode(value) !== (Number.isNaN(value) ? unwritten : bits)) {
        throw new Error(`${value} becomes ${encode(value)}`);
      }
    }
    expect(decode(unwritten)).toBeNaN();
  });

  it('is rounded to nearest, ties to even, as if the exponent had no end', () => {
    /** The pattern of ∞ stands for the number that would follow the largest. */
    const largest = (2 ** (15 - mantissaBits) - 1) << mantissaBits;
    const unbounded = (bits: number) => {
      const below = valueOf(bits - 1, mantissaBits);
      return bits === largest ? 2 * below - valueOf(bits - 2, mantissaBits) : decode(bits);
    };
    const near = fc.tuple(fc.nat(largest), fc.constantFrom(0.25, 0.5, 0.75));
    const between = near.map(([bits, part]) => {
      const low = Math.max(bits - 1, 0);
      return Math.fround(decode(low) + part * (unbounded(low + 1) - decode(low)));
    });
    const law = fc.property(fc.oneof(anyFloat, between), fc.boolean(), (x, minus) => {
      fc.pre(!Number.isNaN(x));
      const size = encode(Math.abs(x));
      expect(encode(minus ? -Math.abs(x) : Math.abs(x))).toBe(minus ? size | 0x8000 : size);
      const distance = (bits: number) => Math.abs(Math.abs(x) - unbounded(bits));
      for (const other of [size - 1, size + 1]) {
        if (other < 0 || other > largest || Math.abs(x) > unbounded(largest)) continue;
        const isTie = distance(other) === distance(size);
        expect(distance(size)).toBeLessThanOrEqual(distance(other));
        if (isTie) expect(size % 2).toBe(0);
      }
    });
    fc.assert(law, { ...runs, numRuns: 5000 });
  });
});

it('f16 overflows from 65520 on, and vanishes up to 2⁻²⁵', () => {
  const { encode, decode } = FORMATS.f16;
  const through = [65519.996, 65520, 2 ** -25, 1.0000001 * 2 ** -25].map((x) =>
    decode(encode(Math.fround(x))),
  );
  expect(through).toEqual([65504, Infinity, 0, 2 ** -24]);
});

describe('integers', () => {
  it('roundHalfEven is nearest, ties to even', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyFloat,
          fc.integer({ min: -999, max: 999 }).map((n) => n / 2),
        ),
        (x) => {
          const rounded = roundHalfEven(x);
          if (!Number.isFinite(x)) return expect(rounded).toBe(x);
          expect(Number.isInteger(rounded)).toBe(true);
          expect(Math.abs(rounded - x)).toBeLessThanOrEqual(0.5);
          if (Math.abs(rounded - x) === 0.5) expect(Math.abs(rounded % 2)).toBe(0);
        },
      ),
      runs,
    );
  });

  it.each<[ElementFormat, number, number]>([
    ['i8', 0.5, 0],
    ['i8', 1.5, 2],
    ['i8', -128.5, -128],
    ['i8', 127.49, 127],
    ['i8', 1e9, 127],
    ['i8', -Infinity, -128],
    ['i8', NaN, 0],
    ['i32', 2.99, 2],
    ['i32', -2.99, -2],
    ['i32', 2 ** 31, 2 ** 31 - 1],
    ['i32', -(2 ** 31), -(2 ** 31)],
    ['i32', -Infinity, -(2 ** 31)],
    ['i32', NaN, 0],
  ])('%s stores %d as %d', (format, value, stored) => {
    expect(FORMATS[format].encode(value) + 0).toBe(stored);
  });

  it('i32 above 2^24 is read as the nearest float32, ties to even', () => {
    const { decode } = FORMATS.i32;
    expect([2 ** 24 + 1, 2 ** 24 + 3, 2 ** 31 - 1].map(decode)).toEqual([
      2 ** 24,
      2 ** 24 + 4,
      2 ** 31,
    ]);
  });
});

it('each format allocates and views elements of its size, and starts as NaN if it can', () => {
  for (const format of ELEMENT_FORMATS) {
    const { bytes, allocate, view, unwritten, decode } = FORMATS[format];
    expect(allocate(3).byteLength).toBe(3 * bytes);
    expect(view(new ArrayBuffer(64), 8, 4)).toMatchObject({ byteOffset: 8, length: 4 });
    expect(view(new ArrayBuffer(64), 0, 4).constructor).toBe(allocate(0).constructor);
    expect(decode(unwritten)).toBe(format.startsWith('i') ? 0 : NaN);
    const stored = allocate(2).fill(1);
    expect([...widened(format, stored)]).toEqual([...stored].map(decode));
  }
});
