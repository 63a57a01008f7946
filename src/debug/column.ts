/** Columns: integers that grow in number, four bytes each, and searches in ascending ones. */

const FIRST_CAPACITY = 1024;

/** A list of 32-bit integers. */
export class Column {
  /** What `get` gives where nothing was set. */
  readonly #empty: number;
  #values: Int32Array;
  #length = 0;

  constructor(empty = 0) {
    this.#empty = empty;
    this.#values = new Int32Array(FIRST_CAPACITY).fill(empty);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    this.set(this.#length, value);
  }

  /** Sets a value, which may lie behind the last one. */
  set(index: number, value: number): void {
    if (index >= this.#values.length) this.#grow(index);
    this.#values[index] = value;
    this.#length = Math.max(this.#length, index + 1);
  }

  get(index: number): number {
    return index < this.#length ? this.#values[index]! : this.#empty;
  }

  /** Of an ascending column: how many values are at most `limit`. */
  countUpTo(limit: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle]! <= limit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(index: number): void {
    const grown = new Int32Array(Math.max(index + 1, 2 * this.#values.length)).fill(this.#empty);
    grown.set(this.#values);
    this.#values = grown;
  }
}

/** For each index the largest of the first `length` values up to it, so that it can be searched. */
export function runningMaximum(column: Column, length: number): Column {
  const maxima = new Column();
  let largest = -1;
  for (let i = 0; i < length; i++) {
    largest = Math.max(largest, column.get(i));
    maxima.push(largest);
  }
  return maxima;
}
