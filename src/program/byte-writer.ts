/** A growing array of bytes, little-endian, written from front to back. */

const UTF8 = new TextEncoder();
/** The one NaN that is ever written: a host may choose any of its bit patterns. */
const QUIET_NAN_HIGH = 0x7ff80000;

export class ByteWriter {
  private buffer = new Uint8Array(256);
  private view = new DataView(this.buffer.buffer);
  private length = 0;

  /** What has been written; valid until the next write. */
  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  /** An integer from 0 to 2^53 − 1 in groups of seven bits, lowest first (LEB128). */
  count(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** A float64. */
  number(value: number): void {
    this.reserve(8);
    if (Number.isNaN(value)) {
      this.view.setUint32(this.length, 0, true);
      this.view.setUint32(this.length + 4, QUIET_NAN_HIGH, true);
    } else {
      this.view.setFloat64(this.length, value, true);
    }
    this.length += 8;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** UTF-8 behind its length in bytes. */
  text(value: string): void {
    const bytes = UTF8.encode(value);
    this.count(bytes.length);
    this.raw(bytes);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + more));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** The bytes of an array of elements: little-endian, as on every host of JavaScript. */
export function bytesOfArray(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
