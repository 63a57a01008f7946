/** The binary form: it loses nothing, and bytes that are not a program never get far. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BinaryError, decodeProgram, encodeProgram } from '../../src/program/binary.ts';
import { CHECKSUM_BYTES, checksumOf } from '../../src/program/binary-format.ts';
import { programHash } from '../../src/program/hash.ts';
import { decoratedProgram } from '../support/decorated-program.ts';

const SEED = 41;

it('decode(encode(p)) is p', () => {
  const law = fc.property(decoratedProgram, (program) => {
    const decoded = decodeProgram(encodeProgram(program));
    expect(decoded).toEqual(program);
    expect(programHash(decoded)).toBe(programHash(program));
  });
  fc.assert(law, { numRuns: 300, seed: SEED });
});

it('encoding is a function of the program', () => {
  const law = fc.property(decoratedProgram, (program) => {
    const bytes = encodeProgram(program);
    expect(encodeProgram(decodeProgram(bytes))).toEqual(bytes);
  });
  fc.assert(law, { numRuns: 300, seed: SEED });
});

/** The bytes with the checksum that belongs to them. */
function sealed(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES));
  return Uint8Array.from([...body, ...checksumOf(body)]);
}

function errorOf(bytes: Uint8Array): unknown {
  try {
    decodeProgram(bytes);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('damaged files', () => {
  const mutation = fc.record({
    program: decoratedProgram,
    place: fc.nat(),
    byte: fc.integer({ min: 1, max: 255 }),
  });

  it('are named as such when a byte is changed', () => {
    const law = fc.property(mutation, ({ program, place, byte }) => {
      const bytes = encodeProgram(program);
      const at = place % bytes.length;
      bytes[at] ^= byte;
      const error = errorOf(bytes);
      expect(error).toBeInstanceOf(BinaryError);
      if (at > 4) expect((error as Error).message).toContain('damaged');
    });
    fc.assert(law, { numRuns: 300, seed: SEED });
  });

  it('are named as such when they are cut', () => {
    const law = fc.property(mutation, ({ program, place }) => {
      const bytes = encodeProgram(program);
      const error = errorOf(bytes.subarray(0, place % bytes.length));
      expect(error).toBeInstanceOf(BinaryError);
    });
    fc.assert(law, { numRuns: 300, seed: SEED });
  });

  it('throw nothing but BinaryError even when the checksum is right, and else are programs', () => {
    let refused = 0;
    const law = fc.property(mutation, ({ program, place, byte }) => {
      const bytes = encodeProgram(program);
      bytes[5 + (place % (bytes.length - 5))] ^= byte;
      const error = errorOf(sealed(bytes));
      if (error === undefined) {
        const decoded = decodeProgram(sealed(bytes));
        expect(decodeProgram(encodeProgram(decoded))).toEqual(decoded);
        return;
      }
      refused++;
      expect(error).toBeInstanceOf(BinaryError);
    });
    fc.assert(law, { numRuns: 2000, seed: SEED });
    expect(refused).toBeGreaterThan(100);
  });

  it('made of any bytes throw nothing but BinaryError', () => {
    const header = [...'LASM'].map((letter) => letter.charCodeAt(0));
    const law = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const file = Uint8Array.from([...header, 1, ...bytes, ...new Uint8Array(CHECKSUM_BYTES)]);
      expect(errorOf(sealed(file))).toBeInstanceOf(BinaryError);
      expect(errorOf(bytes)).toBeInstanceOf(BinaryError);
    });
    fc.assert(law, { numRuns: 2000, seed: SEED });
  });
});

it.each([
  [[], 'not a Lasm program'],
  [[0x4c, 0x41, 0x53, 0x4d, 9], 'version 9'],
  [[0x4c, 0x41, 0x53, 0x4d], 'damaged'],
  // A list of 2^42 texts in a file of twelve bytes.
  [[0x4c, 0x41, 0x53, 0x4d, 1, 7, 128, 128, 128, 128, 128, 128, 1, 0, 0, 0, 0, 0, 0, 0, 0], 'fit'],
])('bytes %j are refused: %s', (bytes, message) => {
  const file = Uint8Array.from(bytes);
  const error = errorOf(file.length > 16 ? sealed(file) : file);
  expect(error).toBeInstanceOf(BinaryError);
  expect((error as Error).message).toContain(message);
});
