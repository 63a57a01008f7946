/** Protobuf messages, read field by field and never beyond their bytes. Source: protobuf.dev/programming-guides/encoding. */
import { FileError } from '../tensor-file.ts';

/** The wire types that are in use; groups (3 and 4) were given up in 2008. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** 64 bits, seven at a time. */
const MAX_VARINT_BYTES = 10;

const LARGEST_TAG = 0xffffffff;
const TWO_TO_32 = 2 ** 32;

interface Field {
  readonly wire: number;
  /** The value of a varint, as a signed 64-bit integer; exact within ±2^53. */
  readonly integer: number;
  /** The bytes of every other wire type. */
  readonly bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** One message: accessors take field numbers; absent fields are undefined or empty, unknown ones are skipped. */
export class Message {
  /** What the message is, for messages of errors. */
  readonly what: string;
  private readonly fields = new Map<number, Field[]>();

  constructor(bytes: Uint8Array, what: string) {
    this.what = what;
    const cursor = new Cursor(bytes, what);
    while (!cursor.atEnd) {
      const [number, field] = cursor.field();
      const others = this.fields.get(number);
      if (others) others.push(field);
      else this.fields.set(number, [field]);
    }
  }

  has(number: number): boolean {
    return this.fields.has(number);
  }

  /** The last one counts, as protobuf says of fields that are not repeated. */
  integer(number: number): number | undefined {
    return this.ofWire(number, VARINT).at(-1)?.integer;
  }

  /** Packed or one by one. */
  integers(number: number): number[] {
    const found: number[] = [];
    for (const { wire, integer, bytes } of this.ofWire(number, VARINT, BYTES)) {
      if (wire === VARINT) found.push(integer);
      else readPacked(bytes, this.what, found);
    }
    return found;
  }

  float(number: number): number | undefined {
    const bytes = this.ofWire(number, FIXED32).at(-1)?.bytes;
    return bytes && viewOf(bytes).getFloat32(0, true);
  }

  /** Packed or one by one. */
  floats(number: number): Float32Array {
    const view = viewOf(joined(this.ofWire(number, FIXED32, BYTES), 4, this.what));
    return Float32Array.from({ length: view.byteLength / 4 }, (_, i) =>
      view.getFloat32(4 * i, true),
    );
  }

  /** Packed or one by one. */
  doubles(number: number): Float64Array {
    const view = viewOf(joined(this.ofWire(number, FIXED64, BYTES), 8, this.what));
    return Float64Array.from({ length: view.byteLength / 8 }, (_, i) =>
      view.getFloat64(8 * i, true),
    );
  }

  bytes(number: number): Uint8Array | undefined {
    return this.ofWire(number, BYTES).at(-1)?.bytes;
  }

  /** '' when absent, as protobuf defaults. */
  text(number: number): string {
    return this.texts(number).at(-1) ?? '';
  }

  texts(number: number): string[] {
    return this.ofWire(number, BYTES).map(({ bytes }) => {
      try {
        return UTF8.decode(bytes);
      } catch {
        return malformed(this.what, `field ${number} is not UTF-8`);
      }
    });
  }

  message(number: number, what: string): Message | undefined {
    const bytes = this.bytes(number);
    return bytes && new Message(bytes, what);
  }

  messages(number: number, what: string): Message[] {
    return this.ofWire(number, BYTES).map(({ bytes }) => new Message(bytes, what));
  }

  private ofWire(number: number, ...wires: readonly number[]): readonly Field[] {
    const fields = this.fields.get(number) ?? [];
    const wrong = fields.find(({ wire }) => !wires.includes(wire));
    if (wrong) malformed(this.what, `field ${number} has the wire type ${wrong.wire}`);
    return fields;
  }
}

/** A place in bytes, which moves on as values are read. */
class Cursor {
  private at = 0;
  private readonly source: Uint8Array;
  private readonly what: string;

  constructor(source: Uint8Array, what: string) {
    this.source = source;
    this.what = what;
  }

  get atEnd(): boolean {
    return this.at >= this.source.length;
  }

  field(): readonly [number: number, field: Field] {
    const tag = this.varint();
    if (tag < 8 || tag > LARGEST_TAG) malformed(this.what, `there is no field with the tag ${tag}`);
    const wire = tag % 8;
    const number = Math.floor(tag / 8);
    if (wire === VARINT) return [number, { wire, integer: this.varint(), bytes: NO_BYTES }];
    return [number, { wire, integer: 0, bytes: this.take(this.lengthOf(wire)) }];
  }

  /** As two halves, so that −1, which is ten bytes of ones, stays exact. */
  varint(): number {
    let low = 0;
    let high = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      if (this.atEnd) malformed(this.what, 'a number has no end');
      const byte = this.source[this.at++];
      const seven = byte & 127;
      if (i < 5) low |= seven << (7 * i);
      if (i === 4) high = seven >> 4;
      if (i > 4) high |= seven << (7 * i - 32);
      if (byte < 128) return high * TWO_TO_32 + (low >>> 0);
    }
    return malformed(this.what, `a number is longer than ${MAX_VARINT_BYTES} bytes`);
  }

  private lengthOf(wire: number): number {
    if (wire === BYTES) return this.varint();
    if (wire === FIXED32) return 4;
    if (wire === FIXED64) return 8;
    return malformed(this.what, `there is no wire type ${wire}`);
  }

  private take(length: number): Uint8Array {
    const left = this.source.length - this.at;
    if (length < 0 || length > left) {
      malformed(this.what, `a field claims ${length} bytes, but only ${left} follow`);
    }
    this.at += length;
    return this.source.subarray(this.at - length, this.at);
  }
}

function readPacked(bytes: Uint8Array, what: string, found: number[]): void {
  const cursor = new Cursor(bytes, what);
  while (!cursor.atEnd) found.push(cursor.varint());
}

/** The bytes of all fields, one behind the other; a single packed field is not copied. */
function joined(fields: readonly Field[], step: number, what: string): Uint8Array {
  const total = fields.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (total % step !== 0) malformed(what, `${total} bytes of numbers that have ${step} each`);
  if (fields.length === 1) return fields[0].bytes;
  const all = new Uint8Array(total);
  let at = 0;
  for (const { bytes } of fields) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function malformed(what: string, message: string): never {
  throw new FileError('malformed', `${what}: ${message}`);
}
