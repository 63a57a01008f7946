/** Accesses under way on an overlapped machine, without names (UA-28, UA-29). */
import { NONE } from '../event/numbers.ts';
import type { Exchange } from './saved.ts';
import type { Shift, StateWriter, Stateful } from './state.ts';
import { OLDEST, shiftTimes } from './state.ts';

/** At most `requestsInFlight` accesses are not in WB; those that are, are written over. */
export class AccessWindow implements Stateful {
  private readonly written: Float64Array;
  /** The bytes of a write; of a read, none. */
  private readonly low: Float64Array;
  private readonly end: Float64Array;
  /** The code address of a write. */
  private readonly writer: Int32Array;
  /** Where the next access goes; while the queue is full, the one that enters WB first. */
  private next = 0;
  /** The WB of the write that enters it last. */
  private readonly lastWrite = new Float64Array(1);

  constructor(requestsInFlight: number) {
    this.written = new Float64Array(requestsInFlight);
    this.low = new Float64Array(requestsInFlight);
    this.end = new Float64Array(requestsInFlight);
    this.writer = new Int32Array(requestsInFlight).fill(NONE);
  }

  /** The first cycle in which an access finds room in the queue. */
  queueUntil(cycle: number): number {
    if (this.written[this.next] > cycle) this.findNext();
    return this.written[this.next];
  }

  private findNext(): void {
    const { written } = this;
    for (let i = 0; i < written.length; i++) if (written[i] < written[this.next]) this.next = i;
  }

  /** Whether a write is not in WB yet. */
  isWriting(cycle: number): boolean {
    return this.lastWrite[0] > cycle;
  }

  /** The first cycle in which every write that overlaps a read of these bytes is in WB. */
  orderUntil(low: number, end: number): number {
    let until = 0;
    for (let i = 0; i < this.written.length; i++) {
      const isOverlap = this.low[i] < end && low < this.end[i];
      if (isOverlap && this.written[i] > until) until = this.written[i];
    }
    return until;
  }

  addRead(written: number): void {
    this.add(0, 0, written, NONE);
  }

  addWrite(low: number, end: number, written: number, pc: number): void {
    this.add(low, end, written, pc);
    if (written > this.lastWrite[0]) this.lastWrite[0] = written;
  }

  private add(low: number, end: number, written: number, pc: number): void {
    const i = this.next;
    this.written[i] = written;
    this.low[i] = low;
    this.end[i] = end;
    this.writer[i] = pc;
    this.next = i + 1 === this.written.length ? 0 : i + 1;
  }

  exchange(exchange: Exchange): void {
    const { written, low, end, writer } = this;
    const { length } = written;
    for (let i = 0; i < length; i++) if (written[i] <= exchange.now + OLDEST) this.clear(i);
    for (let i = 1; i < length; i++) this.sortIn(i);
    this.next = 0;
    exchange.times(written, 0, length);
    exchange.times(this.lastWrite, 0, 1);
    exchange.exact(low, 0, length);
    exchange.exact(end, 0, length);
    exchange.exact(writer, 0, length);
  }

  /** One that is in WB is as good as none. */
  private clear(i: number): void {
    this.written[i] = 0;
    this.low[i] = 0;
    this.end[i] = 0;
    this.writer[i] = NONE;
  }

  /** Takes the access at `i` forward, past those that enter WB later. */
  private sortIn(i: number): void {
    for (let at = i; at > 0 && this.isBefore(at, at - 1); at--) {
      swap(this.written, at);
      swap(this.low, at);
      swap(this.end, at);
      swap(this.writer, at);
    }
  }

  private isBefore(a: number, b: number): boolean {
    const { written, writer, low } = this;
    if (written[a] !== written[b]) return written[a] < written[b];
    return writer[a] === writer[b] ? low[a] < low[b] : writer[a] < writer[b];
  }

  /** Those that are not in WB, in the order in which they will be; where they stand is no matter. */
  describe(state: StateWriter): void {
    const { written, low, end, writer } = this;
    const order = [...written.keys()].filter((i) => state.relative(written[i]) > state.oldest);
    order.sort((a, b) => written[a] - written[b] || writer[a] - writer[b] || low[a] - low[b]);
    state.exact([order.length]);
    state.times(this.lastWrite);
    for (const i of order) {
      state.times([written[i]]);
      state.exact([writer[i]]);
      if (writer[i] >= 0) state.place(low[i], writer[i]);
      if (writer[i] >= 0) state.place(end[i] - 1, writer[i]);
    }
  }

  shift(shift: Shift): void {
    shiftTimes(this.written, shift);
    shiftTimes(this.lastWrite, shift);
    this.writer.forEach((pc, i) => {
      const bytes = pc < 0 ? 0 : shift.times * shift.moved[pc];
      this.low[i] += bytes;
      this.end[i] += bytes;
    });
  }
}

function swap(table: Float64Array | Int32Array, at: number): void {
  const value = table[at];
  table[at] = table[at - 1];
  table[at - 1] = value;
}
