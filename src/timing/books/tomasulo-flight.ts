/** The instructions in flight on Tomasulo's machine, in columns, without names (UA-60 to UA-66). */
import type { MemoryWork } from '../../../isa/work.ts';
import { bytesOf } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { endByte, lowestByte } from '../event/memory.ts';
import type { Stream } from '../event/stream.ts';

/** Not yet. */
export const NEVER = Infinity;

/**
 * A ring: the instruction with number i is in slot `i & mask`. The next to be fetched is at most
 * N + 2W behind the oldest that has not committed, with N = reorderBufferEntries. What is asked of
 * older ones, who wrote an operand of an instruction that waits or committed W before, is at most
 * N + W older still; so these slots are not used again yet.
 */
export class Flight {
  readonly slots: number;
  readonly mask: number;
  readonly pc: Int32Array;
  readonly segment: Int32Array;
  readonly unit: Uint8Array;
  readonly writes: Int8Array;
  readonly accumulates: Int8Array;
  /** Source registers: `table.sources[from]` up to, not including, `to`. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly executeCycles: Float64Array;
  readonly occupancyCycles: Float64Array;
  /** Useful multiply-accumulates, and bytes moved. */
  readonly macs: Float64Array;
  readonly bytes: Float64Array;
  readonly access: (MemoryWork | undefined)[];
  /** Of an access: whether it writes, and the bytes from `low` up to, not including, `end`. */
  readonly isWrite: Uint8Array;
  readonly low: Float64Array;
  readonly end: Float64Array;
  /** Whether it was fetched late because of UA-6. */
  readonly isLate: Uint8Array;
  readonly hasIssued: Uint8Array;
  /** When an instruction that is not an access is done, and the cycles of WB and CT. */
  readonly done: Float64Array;
  readonly written: Float64Array;
  readonly committed: Float64Array;

  constructor({ pipeline }: Machine) {
    const atLeast = 2 * pipeline.reorderBufferEntries + 3 * pipeline.width + 1;
    const slots = 2 ** (32 - Math.clz32(atLeast));
    const floats = () => new Float64Array(slots);
    const integers = () => new Int32Array(slots);
    const bytes = () => new Uint8Array(slots);
    this.slots = slots;
    this.mask = slots - 1;
    this.pc = integers();
    this.segment = integers();
    this.unit = bytes();
    this.writes = new Int8Array(slots);
    this.accumulates = new Int8Array(slots);
    this.from = integers();
    this.to = integers();
    this.executeCycles = floats();
    this.occupancyCycles = floats();
    this.macs = floats();
    this.bytes = floats();
    this.access = Array.from({ length: slots }, () => undefined);
    this.isWrite = bytes();
    this.low = floats();
    this.end = floats();
    this.isLate = bytes();
    this.hasIssued = bytes();
    this.done = floats();
    this.written = floats();
    this.committed = floats();
  }

  /** Fills the slot of an instruction with what the stream has come to. */
  take(stream: Stream, slot: number, isLate: boolean): void {
    const { pc, costs } = stream;
    this.pc[slot] = pc;
    this.segment[slot] = stream.segment;
    this.unit[slot] = stream.unit;
    this.writes[slot] = stream.writes;
    this.accumulates[slot] = stream.accumulates;
    this.from[slot] = stream.from;
    this.to[slot] = stream.to;
    this.executeCycles[slot] = costs.executeCycles[pc];
    this.occupancyCycles[slot] = costs.occupancyCycles[pc];
    this.macs[slot] = costs.macs[pc];
    this.isLate[slot] = isLate ? 1 : 0;
    this.hasIssued[slot] = 0;
    this.done[slot] = this.written[slot] = NEVER;
    if (stream.isAccess) this.takeAccess(slot, stream.work as MemoryWork);
    else this.access[slot] = undefined;
  }

  private takeAccess(slot: number, access: MemoryWork): void {
    this.access[slot] = access;
    this.isWrite[slot] = access.direction === 'write' ? 1 : 0;
    this.low[slot] = lowestByte(access);
    this.end[slot] = endByte(access);
    this.bytes[slot] = bytesOf(access);
  }
}
