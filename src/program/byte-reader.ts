/** Reads bytes that nobody vouches for: nothing is allocated that the bytes at hand cannot fill. */

/** Bytes that are not what they should be. */
export class BinaryError extends Error {
  /** Where in the file, in bytes. */
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.name = 'BinaryError';
    this.offset = offset;
  }
}

/** A count has at most 53 bits, in groups of seven. */
const MAX_COUNT_BYTES = 8;

export class ByteReader {
  offset: number;
  private readonly source: Uint8Array;
  private readonly view: DataView;
  private readonly end: number;

  /** Reads the bytes from `start` to before `end`. */
  constructor(source: Uint8Array, start: number, end: number) {
    this.source = source;
    this.view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    this.offset = start;
    this.end = end;
  }

  fail(message: string): never {
    throw new BinaryError(message, this.offset);
  }

  /** Fails with `message` unless `holds`. */
  check(holds: boolean, message: string): void {
    if (!holds) this.fail(message);
  }

  byte(): number {
    return this.source[this.skip(1)];
  }

  /** See ByteWriter.count. */
  count(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < MAX_COUNT_BYTES; i++) {
      const byte = this.byte();
      value += (byte % 128) * unit;
      unit *= 128;
      if (byte >= 128) continue;
      this.check(i === 0 || byte > 0, 'a number is longer than it needs to be');
      this.check(Number.isSafeInteger(value), 'a number is beyond 2^53');
      return value;
    }
    return this.fail('a number is beyond 2^53');
  }

  number(): number {
    return this.view.getFloat64(this.skip(8), true);
  }

  /** A number that is an integer between ±2^53. */
  integer(): number {
    const value = this.number();
    this.check(Number.isSafeInteger(value) && !Object.is(value, -0), `${value} is not an integer`);
    return value;
  }

  /** A copy of the next `length` bytes. */
  raw(length: number): Uint8Array {
    const start = this.skip(length);
    // A copy: `slice` of a Buffer would be a view of memory that it shares with others.
    return new Uint8Array(this.source.subarray(start, start + length));
  }

  /** A reader of the next `length` bytes. */
  part(length: number): ByteReader {
    const start = this.skip(length);
    return new ByteReader(this.source, start, this.offset);
  }

  /** A count, and as many items, each of at least one byte. */
  list<T>(read: (index: number) => T): T[] {
    const length = this.count();
    this.check(length <= this.end - this.offset, `a list of ${length} items does not fit`);
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(read(i));
    return items;
  }

  choice<T>(choices: readonly T[]): T {
    const number = this.byte();
    this.check(number < choices.length, `choice ${number} is unknown`);
    return choices[number];
  }

  /** Fails unless everything has been read. */
  finish(): void {
    this.check(this.offset === this.end, `${this.end - this.offset} bytes too many`);
  }

  /** Moves on by `length` bytes; returns where they begin. */
  private skip(length: number): number {
    const start = this.offset;
    this.check(length <= this.end - start, 'the file or one of its sections ends too early');
    this.offset = start + length;
    return start;
  }
}
