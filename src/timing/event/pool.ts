/** The instructions in flight on the out-of-order machines, as a struct of arrays. */
import type { MemoryWork, Work } from '../../../isa/work.ts';
import { SCALAR_WORK } from '../../../isa/work.ts';
import { endByte, lowestByte } from './memory.ts';
import { NONE } from './numbers.ts';
import type { Stream } from './stream.ts';

/** A stage that an instruction has not entered. */
export const NEVER = Infinity;

/** Each instruction has a slot from its fetch until it retires. */
export class Pool {
  readonly capacity: number;
  readonly id: Float64Array;
  readonly pc: Float64Array;
  readonly unit: Uint8Array;
  readonly writes: Int8Array;
  readonly accumulates: Int8Array;
  readonly executeCycles: Float64Array;
  readonly occupancyCycles: Float64Array;
  readonly readCycles: Float64Array;
  readonly work: Work[];
  readonly access: (MemoryWork | undefined)[];
  readonly isAccess: Uint8Array;
  readonly isWrite: Uint8Array;
  readonly low: Float64Array;
  readonly end: Float64Array;
  /** Whether it was fetched late because of UA-6. */
  readonly isLate: Uint8Array;
  /** The cycles in which it enters its stages. */
  readonly fetched: Float64Array;
  readonly decoded: Float64Array;
  readonly dispatched: Float64Array;
  readonly issued: Float64Array;
  readonly done: Float64Array;
  readonly written: Float64Array;
  readonly committed: Float64Array;
  /** Of an access: its phase is memory.bandwidth from `transfer` on, before that `phase`. */
  readonly transfer: Float64Array;
  readonly phase: Uint8Array;
  readonly unitIndex: Uint8Array;
  /** Sources of slot s: `sourceCount[s]` entries from `s * maxSources` on. */
  readonly sourceCount: Uint8Array;
  readonly sourceRegister: Uint8Array;
  /** Slot and id of the instruction that writes the source; −1 where there is none in flight. */
  readonly sourceSlot: Int32Array;
  readonly sourceId: Float64Array;
  readonly maxSources: number;
  private readonly free: number[];

  constructor(capacity: number, maxSources: number) {
    const floats = () => new Float64Array(capacity);
    const bytes = () => new Uint8Array(capacity);
    this.capacity = capacity;
    this.id = floats().fill(NONE);
    this.pc = floats();
    this.unit = bytes();
    this.writes = new Int8Array(capacity);
    this.accumulates = new Int8Array(capacity);
    this.executeCycles = floats();
    this.occupancyCycles = floats();
    this.readCycles = floats();
    this.work = Array.from({ length: capacity }, () => SCALAR_WORK);
    this.access = Array.from({ length: capacity }, () => undefined);
    this.isAccess = bytes();
    this.isWrite = bytes();
    this.low = floats();
    this.end = floats();
    this.isLate = bytes();
    this.fetched = floats();
    this.decoded = floats();
    this.dispatched = floats();
    this.issued = floats();
    this.done = floats();
    this.written = floats();
    this.committed = floats();
    this.transfer = floats();
    this.phase = bytes();
    this.unitIndex = bytes();
    this.maxSources = maxSources;
    this.sourceCount = bytes();
    this.sourceRegister = new Uint8Array(capacity * maxSources);
    this.sourceSlot = new Int32Array(capacity * maxSources);
    this.sourceId = new Float64Array(capacity * maxSources);
    this.free = Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
  }

  /** A slot for the instruction that the stream has fetched. */
  take(stream: Stream, id: number, cycle: number, isLate: boolean): number {
    const slot = this.free.pop();
    if (slot === undefined) throw new Error(`invariant: no slot for instruction ${id}`);
    this.id[slot] = id;
    this.pc[slot] = stream.pc;
    this.unit[slot] = stream.unit;
    this.writes[slot] = stream.writes;
    this.accumulates[slot] = stream.accumulates;
    this.executeCycles[slot] = stream.executeCycles;
    this.occupancyCycles[slot] = stream.occupancyCycles;
    this.readCycles[slot] = stream.readCycles;
    this.work[slot] = stream.work;
    this.isLate[slot] = isLate ? 1 : 0;
    this.takeAccess(slot, stream.access);
    this.takeSources(slot, stream);
    this.fetched[slot] = cycle;
    this.decoded[slot] = this.dispatched[slot] = this.issued[slot] = NEVER;
    this.done[slot] = this.written[slot] = this.committed[slot] = NEVER;
    return slot;
  }

  private takeAccess(slot: number, access: MemoryWork | undefined): void {
    this.access[slot] = access;
    this.isAccess[slot] = access ? 1 : 0;
    if (!access) return;
    this.isWrite[slot] = access.direction === 'write' ? 1 : 0;
    this.low[slot] = lowestByte(access);
    this.end[slot] = endByte(access);
  }

  private takeSources(slot: number, { table, from, to }: Stream): void {
    const first = slot * this.maxSources;
    this.sourceCount[slot] = to - from;
    for (let k = from; k < to; k++) {
      this.sourceRegister[first + k - from] = table.sources[k];
      this.sourceSlot[first + k - from] = NONE;
    }
  }

  release(slot: number): void {
    this.id[slot] = NONE;
    this.free.push(slot);
  }

  /** The slot of the instruction that writes the k-th source, or −1 if it has retired. */
  producer(slot: number, k: number): number {
    const at = slot * this.maxSources + k;
    const producer = this.sourceSlot[at];
    return producer >= 0 && this.id[producer] === this.sourceId[at] ? producer : NONE;
  }

  readsRegister(slot: number, register: number): boolean {
    const first = slot * this.maxSources;
    for (let k = 0; k < this.sourceCount[slot]; k++) {
      if (this.sourceRegister[first + k] === register) return true;
    }
    return false;
  }

  /** Whether two accesses overlap (UA-29). */
  overlap(a: number, b: number): boolean {
    return this.low[a] < this.end[b] && this.low[b] < this.end[a];
  }
}
