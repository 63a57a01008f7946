/** The protobuf reader: what it reads, and what it refuses. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Message } from '../../../src/model/onnx/wire.ts';
import { FileError } from '../../../src/model/tensor-file.ts';
import { bytesField, integerField, textField, varint } from '../../support/onnx-writer.ts';

const RUNS = { seed: 20260105, numRuns: 500 };
const message = (bytes: readonly number[]) => new Message(Uint8Array.from(bytes), 'the test');

describe('a message', () => {
  it('gives back integers, exact within ±2^53', () => {
    const integers = fc.array(fc.maxSafeInteger());
    fc.assert(
      fc.property(integers, (values) => {
        const apart = message(values.flatMap((value) => integerField(3, value)));
        const packed = message(bytesField(3, values.flatMap(varint)));
        expect(apart.integers(3)).toEqual(values);
        expect(packed.integers(3)).toEqual(values);
      }),
      RUNS,
    );
  });

  it('keeps the ends of 64 bits as the nearest floats', () => {
    const [most, least] = [2 ** 63 - 1024, -(2 ** 63)];
    expect(message([...integerField(1, most), ...integerField(1, least)]).integers(1)).toEqual([
      most,
      least,
    ]);
  });

  it('takes the last of fields that are not repeated, and skips unknown ones', () => {
    const unknown = [...bytesField(9, [1, 2, 3]), 0x15, 0, 0, 0, 0, 0x19, 0, 0, 0, 0, 0, 0, 0, 0];
    const found = message([...unknown, ...textField(4, 'é'), ...textField(4, 'last')]);
    expect([found.text(4), found.texts(4), found.has(5)]).toEqual(['last', ['é', 'last'], false]);
  });

  it.each([
    ['a varint without end', [0x08, 0x80]],
    ['a varint of eleven bytes', [0x08, ...Array.from({ length: 10 }, () => 0x80), 1]],
    ['more bytes than there are', [0x0a, 5, 1, 2]],
    ['a length of 2^63', [0x0a, ...varint(-1)]],
    ['a fixed number cut short', [0x0d, 1, 2]],
    ['a group', [0x0b]],
    ['the wire type 7', [0x0f]],
    ['the field 0', [0x00, 1]],
    ['a field number above 2^29', varint(2 ** 35)],
  ])('refuses %s', (_, bytes) => {
    expect(() => message(bytes)).toThrow(FileError);
  });

  it.each([
    ['a number where there is text', (m: Message) => m.text(1)],
    ['a number where there are bytes', (m: Message) => m.bytes(1)],
    ['text where there is a number', (m: Message) => m.integer(2)],
    ['text that is not UTF-8', (m: Message) => m.text(2)],
    ['floats of three bytes', (m: Message) => m.floats(2)],
  ])('refuses %s', (_, read) => {
    const found = message([...integerField(1, 1), ...bytesField(2, [0xff, 0xfe, 0xfd])]);
    expect(() => read(found)).toThrow(FileError);
  });
});
