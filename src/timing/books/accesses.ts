/** Accesses under way on an overlapped machine, without names (UA-28, UA-29). */
import type { MemoryWork } from '../../../isa/work.ts';
import { endByte, lowestByte } from '../event/memory.ts';

/** At most `requestsInFlight` accesses are not in WB; those that are, are forgotten when it fills. */
export class AccessWindow {
  private readonly most: number;
  private count = 0;
  private readonly written: Float64Array;
  /** The bytes of a write; of a read, none. */
  private readonly low: Float64Array;
  private readonly end: Float64Array;
  /** The WB of the write that enters it last. */
  private lastWrite = 0;

  constructor(requestsInFlight: number) {
    this.most = requestsInFlight;
    this.written = new Float64Array(requestsInFlight);
    this.low = new Float64Array(requestsInFlight);
    this.end = new Float64Array(requestsInFlight);
  }

  /** The first cycle in which an access finds room in the queue. */
  queueUntil(cycle: number): number {
    if (this.count < this.most) return 0;
    this.forgetWritten(cycle);
    if (this.count < this.most) return 0;
    let until = this.written[0];
    for (let i = 1; i < this.count; i++) until = Math.min(until, this.written[i]);
    return until;
  }

  private forgetWritten(cycle: number): void {
    const { written, low, end } = this;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      if (written[i] <= cycle) continue;
      written[kept] = written[i];
      low[kept] = low[i];
      end[kept++] = end[i];
    }
    this.count = kept;
  }

  /** The first cycle in which every write that overlaps a read is in WB. */
  orderUntil(access: MemoryWork, cycle: number): number {
    if (this.lastWrite <= cycle || access.direction === 'write') return 0;
    const low = lowestByte(access);
    const end = endByte(access);
    let until = 0;
    for (let i = 0; i < this.count; i++) {
      if (this.low[i] < end && low < this.end[i]) until = Math.max(until, this.written[i]);
    }
    return until;
  }

  add(access: MemoryWork, written: number): void {
    const i = this.count++;
    const isWrite = access.direction === 'write';
    this.written[i] = written;
    this.low[i] = isWrite ? lowestByte(access) : Infinity;
    this.end[i] = isWrite ? endByte(access) : -Infinity;
    if (isWrite && written > this.lastWrite) this.lastWrite = written;
  }
}
