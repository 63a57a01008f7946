/** The state of a machine as a row of numbers that can be put back later; times are relative to now. */
import { OLDEST } from './state.ts';

const VALUES_AT_FIRST = 512;

/** Numbers go out of the tables of a machine, or back into them: both ways in one order. */
export interface Exchange {
  /** The cycle to which times are relative. */
  readonly now: number;
  /** Times, from a place of a table up to, not including, another. */
  times(table: Float64Array, from: number, to: number): void;
  /** The same of what is no time. */
  exact(table: Float64Array | Int32Array, from: number, to: number): void;
}

/** Whose state can be saved. */
export interface Exchanging {
  exchange(exchange: Exchange): void;
}

/** Takes a state; times that do not matter any more are all alike in it. */
export class Saving implements Exchange {
  private values = new Float64Array(VALUES_AT_FIRST);
  private count = 0;
  now = 0;

  save(machine: Exchanging, now: number): void {
    this.count = 0;
    this.now = now;
    machine.exchange(this);
  }

  /** What was saved last. */
  copy(): Float64Array {
    return this.values.slice(0, this.count);
  }

  isSame(values: Float64Array): boolean {
    const { values: mine, count } = this;
    if (values.length !== count) return false;
    for (let i = 0; i < count; i++) if (values[i] !== mine[i]) return false;
    return true;
  }

  /** The same number for the same state. */
  hash(): number {
    const { values, count } = this;
    let hash = 0;
    for (let i = 0; i < count; i++) hash = (Math.imul(hash, 31) + (values[i] | 0)) | 0;
    return hash;
  }

  times(table: Float64Array, from: number, to: number): void {
    const { now } = this;
    const values = this.roomFor(to - from);
    let { count } = this;
    for (let i = from; i < to; i++) {
      const distance = table[i] - now;
      values[count++] = distance > OLDEST ? distance : OLDEST;
    }
    this.count = count;
  }

  exact(table: Float64Array | Int32Array, from: number, to: number): void {
    const values = this.roomFor(to - from);
    let { count } = this;
    for (let i = from; i < to; i++) values[count++] = table[i];
    this.count = count;
  }

  private roomFor(more: number): Float64Array {
    while (this.count + more > this.values.length) {
      const { values } = this;
      this.values = new Float64Array(2 * values.length);
      this.values.set(values);
    }
    return this.values;
  }
}

/** Puts a state back, as if what led to it had just happened. */
export class Loading implements Exchange {
  private values: Float64Array = new Float64Array(0);
  private at = 0;
  now = 0;

  load(machine: Exchanging, values: Float64Array, now: number): void {
    this.values = values;
    this.at = 0;
    this.now = now;
    machine.exchange(this);
  }

  times(table: Float64Array, from: number, to: number): void {
    const { values, now } = this;
    let { at } = this;
    for (let i = from; i < to; i++) table[i] = values[at++] + now;
    this.at = at;
  }

  exact(table: Float64Array | Int32Array, from: number, to: number): void {
    const { values } = this;
    let { at } = this;
    for (let i = from; i < to; i++) table[i] = values[at++];
    this.at = at;
  }
}
