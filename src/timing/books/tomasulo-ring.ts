/** The instructions in flight on Tomasulo's machine: a ring of rows of plain numbers. */
import type { Machine } from '../../machine/machine.ts';
import { NONE } from '../event/numbers.ts';
import type { Variants } from './variants.ts';

/** Not yet. */
export const NEVER = Infinity;

/** A row of whole numbers is `1 << ROW` long, and begins at `slot << ROW`. */
export const ROW = 4;
export const VARIANT = 0;
/** Where the rows of its code address and of its segment begin in tables of charges. */
export const PLACE_ROW = 1;
export const SEGMENT_ROW = 2;
/** As of its variant; asked so often that they stand here too. */
export const UNIT = 3;
export const WRITES = 4;
/** Values that are not there. */
export const MISSING = 5;
/** Who waits for the result, and for the issue: the first node of a list, or −1. */
export const READERS = 6;
export const CHAIN = 7;
/** The next slot, and the one before, among those that wait in a station. */
export const FOLLOWING = 8;
export const PRECEDING = 9;
export const HAS_ISSUED = 10;
/** Whether it was fetched late because of UA-6. */
export const IS_LATE = 11;
/** The number of its unit within its kind. */
export const UNIT_INDEX = 12;
/** The slot of the product whose sums stay inside the array for it (UA-16), or −1. */
export const PRODUCT = 13;

/** A row of cycles is `1 << FLOAT_ROW` long, and begins at `slot << FLOAT_ROW`. */
export const FLOAT_ROW = 2;
/** When it enters WB, CT, ID and RS. */
export const WRITTEN = 0;
export const COMMITTED = 1;
export const DECODED = 2;
export const DISPATCHED = 3;

/** Places in `times`: this cycle, and the one in which the run is cut off; … */
export const CYCLE = 0;
export const LIMIT = 1;
/** … the first in which something on a unit is done, or waits for a bus; … */
export const NEXT_DONE = 2;
/** … before which nobody can issue, unless somebody becomes ready: 0 where that is to be found out; … */
export const ISSUE_AT = 3;
/** … the first in which the instruction fetched last may be dispatched if no hazard holds; … */
export const MAY_DISPATCH = 4;
/** … and the last dispatch. */
export const LAST_DISPATCH = 5;
/** When the branch that fetching waits for leaves EX (UA-6). */
export const RESOLVED = 6;
/** When the instruction that issued last is done. */
export const DONE = 7;
/** The first cycle in which the way to memory is open. */
export const MEMORY_OPENS = 8;
const TIMES = 9;

/**
 * The instruction with number i is in slot `i & mask`. The next to be fetched is at most N + 2W
 * behind the oldest that has not committed, with N = reorderBufferEntries. What is asked of older
 * ones (who made a value for one that waits, what committed W before) is at most N + W older still.
 * So these slots are not in use again.
 */
export class Ring {
  readonly slots: number;
  readonly mask: number;
  /** One row more, for nobody: the end of the list of those that wait in stations. */
  readonly ints: Int32Array;
  readonly floats: Float64Array;
  /** Of each slot: the address of its access. */
  readonly address: Float64Array;
  /** The cycles that all parts of the machine know; in a table, for fields of them would be boxed. */
  readonly times = new Float64Array(TIMES);
  /** The slots of the oldest whose CT is not known, and of the next to be dispatched. */
  known = 0;
  next = 0;
  /** How many are between them. */
  inFlight = 0;
  /** The slot of the branch that fetching waits for (UA-6), or −1. */
  waitedSlot = NONE;
  readonly variants: Variants;

  constructor({ pipeline }: Machine, variants: Variants, limit: number) {
    const atLeast = 2 * pipeline.reorderBufferEntries + 3 * pipeline.width + 1;
    this.slots = 2 ** (32 - Math.clz32(atLeast));
    this.mask = this.slots - 1;
    this.ints = new Int32Array((this.slots + 1) << ROW);
    this.floats = new Float64Array(this.slots << FLOAT_ROW);
    this.address = new Float64Array(this.slots);
    this.variants = variants;
    this.times[LIMIT] = limit;
    this.times[NEXT_DONE] = NEVER;
    this.times[RESOLVED] = NEVER;
    const nobody = this.slots << ROW;
    this.ints[nobody + FOLLOWING] = this.ints[nobody + PRECEDING] = this.slots;
  }
}
