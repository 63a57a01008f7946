/** The instructions in flight on Tomasulo's machine: a ring of rows of plain numbers. */
import type { Work } from '../../../isa/work.ts';
import { SCALAR_WORK, bytesOf } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { NONE } from '../event/numbers.ts';
import type { Stream } from '../event/stream.ts';

/** Not yet. */
export const NEVER = Infinity;

/** A row of whole numbers is `1 << ROW` long, and begins at `slot << ROW`. */
export const ROW = 4;
export const PC = 0;
export const SEGMENT = 1;
export const UNIT = 2;
/** The register that is written, or −1. */
export const WRITES = 3;
export const ACCUMULATES = 4;
/** Source registers: `table.sources[FROM]` up to, not including, `TO`. */
export const FROM = 5;
export const TO = 6;
/** Values that are not there. */
export const MISSING = 7;
/** Who waits for the result, and for the issue: the first node of a list, or −1. */
export const READERS = 8;
export const CHAIN = 9;
/** The next slot, and the one before, among those that wait in a station. */
export const FOLLOWING = 10;
export const PRECEDING = 11;
export const HAS_ISSUED = 12;
/** Whether it was fetched late because of UA-6. */
export const IS_LATE = 13;
/** The number of its unit within its kind. */
export const UNIT_INDEX = 14;
/** The slot of the product whose sums stay inside the array for it (UA-16), or −1. */
export const PRODUCT = 15;

/** A row of cycles and amounts is `1 << FLOAT_ROW` long, and begins at `slot << FLOAT_ROW`. */
export const FLOAT_ROW = 3;
export const EXECUTE = 0;
export const OCCUPANCY = 1;
/** The cycles in which it enters WB, CT, ID and RS. */
export const WRITTEN = 2;
export const COMMITTED = 3;
export const DECODED = 4;
export const DISPATCHED = 5;
/** Useful multiply-accumulates, and bytes moved. */
export const MACS = 6;
export const BYTES = 7;

/**
 * The instruction with number i is in slot `i & mask`. The next to be fetched is at most N + 2W
 * behind the oldest that has not committed, with N = reorderBufferEntries. What is asked of older
 * ones (who made a value for one that waits, what committed W before) is at most N + W older still.
 * So these slots are not in use again.
 */
export class Ring {
  readonly slots: number;
  readonly mask: number;
  /** One row more, for nobody: the end of lists. */
  readonly ints: Int32Array;
  readonly floats: Float64Array;
  readonly work: Work[];

  constructor({ pipeline }: Machine) {
    const atLeast = 2 * pipeline.reorderBufferEntries + 3 * pipeline.width + 1;
    this.slots = 2 ** (32 - Math.clz32(atLeast));
    this.mask = this.slots - 1;
    this.ints = new Int32Array((this.slots + 1) << ROW);
    this.floats = new Float64Array(this.slots << FLOAT_ROW);
    this.work = Array.from({ length: this.slots }, () => SCALAR_WORK);
  }

  /** Fills a slot with the instruction that the stream has come to. */
  take(stream: Stream, slot: number, isLate: boolean): void {
    const { ints, floats } = this;
    const { pc, costs, work } = stream;
    const row = slot << ROW;
    const floatRow = slot << FLOAT_ROW;
    ints[row + PC] = pc;
    ints[row + SEGMENT] = stream.segment;
    ints[row + UNIT] = stream.unit;
    ints[row + WRITES] = stream.writes;
    ints[row + ACCUMULATES] = stream.accumulates;
    ints[row + FROM] = stream.from;
    ints[row + TO] = stream.to;
    ints[row + MISSING] = ints[row + HAS_ISSUED] = 0;
    ints[row + READERS] = ints[row + CHAIN] = ints[row + PRODUCT] = NONE;
    ints[row + IS_LATE] = isLate ? 1 : 0;
    floats[floatRow + EXECUTE] = costs.executeCycles[pc];
    floats[floatRow + OCCUPANCY] = costs.occupancyCycles[pc];
    floats[floatRow + WRITTEN] = NEVER;
    floats[floatRow + MACS] = costs.macs[pc];
    floats[floatRow + BYTES] = stream.isAccess ? bytesOf(work) : 0;
    this.work[slot] = work;
  }
}
