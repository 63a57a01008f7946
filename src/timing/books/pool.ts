/** Numbers of many small lists in one table that grows: a table for each list would cost more than the list. */

const ROOM_AT_FIRST = 4096;

export class IntegerPool {
  values = new Int32Array(ROOM_AT_FIRST);
  count = 0;

  /** Sees to it that there is room behind the last list. */
  reserve(more: number): void {
    if (this.count + more <= this.values.length) return;
    const { values } = this;
    this.values = new Int32Array(2 * values.length + more);
    this.values.set(values);
  }
}

export class NumberPool {
  values = new Float64Array(ROOM_AT_FIRST);
  count = 0;

  reserve(more: number): void {
    if (this.count + more <= this.values.length) return;
    const { values } = this;
    this.values = new Float64Array(2 * values.length + more);
    this.values.set(values);
  }
}
