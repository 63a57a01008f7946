/** Fetching and decoding on Tomasulo's machine (UA-3, UA-5 to UA-7). */
import { NONE } from '../event/numbers.ts';
import type { Feed } from './feed.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';
import type { Ring } from './tomasulo-ring.ts';
import {
  CHAIN,
  DECODED,
  DISPATCHED,
  FLOAT_ROW,
  HAS_ISSUED,
  IS_LATE,
  LAST_DISPATCH,
  LIMIT,
  MAY_DISPATCH,
  NEVER,
  PLACE_ROW,
  PRODUCT,
  READERS,
  RESOLVED,
  ROW,
  SEGMENT_ROW,
  UNIT,
  VARIANT,
  WRITES,
  WRITTEN,
} from './tomasulo-ring.ts';
import { FIELD } from './variants.ts';

const { pc: PC, unit: UNIT_OF, writes: WRITES_OF, laterPass: LATER } = FIELD;

/** Places of cycles: of the instruction fetched last. */
const FETCHED = 0;
const ID = 1;

/**
 * IF and ID are recurrences: an instruction is looked at when it is the next to be dispatched, and
 * its IF and ID are worked out then. Terms of instructions that do not exist are 0 here.
 */
export class Fetch {
  /** Whether one is fetched and not dispatched. */
  isWaiting = false;
  /** Nothing is fetched behind the last one; known at once of HALT, else when nothing comes. */
  isOver = false;
  private readonly feed: Feed;
  private readonly sums: Sums;
  private readonly ring: Ring;
  private readonly width: number;
  private readonly cycles = new Float64Array(2);
  private readonly count = new Float64Array(1);
  private readonly ints: Int32Array;
  private readonly floats: Float64Array;
  private readonly times: Float64Array;
  private readonly entry: Int32Array;
  private readonly addresses: Float64Array;
  private readonly stride: number;
  /** Those of the variants; replaced when they grow. */
  private fields: Int32Array;
  /** The run of steps: where the row of its segment begins, its next step and its end. */
  private segmentRow = 0;
  private end = 0;
  private at = 0;
  /** The pass that comes next of a cracked instruction, or −1. */
  private later = NONE;
  /** What `advance` came to: a variant, and whether fetching waits for it. */
  private variant = 0;
  private isWaitedFor = 0;

  constructor(feed: Feed, sums: Sums, ring: Ring, width: number) {
    this.feed = feed;
    this.sums = sums;
    this.ring = ring;
    this.width = width;
    this.ints = ring.ints;
    this.floats = ring.floats;
    this.times = ring.times;
    this.entry = feed.entry;
    this.addresses = feed.block.address;
    this.stride = feed.variants.stride;
    this.fields = feed.variants.fields;
  }

  /** Instructions fetched. */
  get instructions(): number {
    return this.count[0];
  }

  /** Fetches the next one to be dispatched, where there is one that can be fetched within the run. */
  take(): boolean {
    const { ring, cycles, times, floats, ints } = this;
    const wait = ring.waitedSlot;
    if (this.isOver || (wait >= 0 && times[RESOLVED] >= times[LIMIT])) return false;
    const slot = ring.next;
    const before = ((slot - this.width) & ring.mask) << FLOAT_ROW;
    if (wait >= 0) cycles[FETCHED] = times[RESOLVED];
    else if (floats[before + DECODED] > cycles[FETCHED]) cycles[FETCHED] = floats[before + DECODED];
    if (!this.advance()) return false;
    const { variant, fields } = this;
    const v = variant * this.stride;
    const row = slot << ROW;
    ints[row + VARIANT] = variant;
    ints[row + PLACE_ROW] = fields[v + PC] * CAUSE_COUNT;
    ints[row + SEGMENT_ROW] = this.segmentRow;
    ints[row + UNIT] = fields[v + UNIT_OF];
    ints[row + WRITES] = fields[v + WRITES_OF];
    ints[row + HAS_ISSUED] = 0;
    ints[row + READERS] = ints[row + CHAIN] = ints[row + PRODUCT] = NONE;
    ints[row + IS_LATE] = wait >= 0 ? 1 : 0;
    ring.address[slot] = this.addresses[this.at - 1];
    ring.waitedSlot = this.isWaitedFor === 0 ? NONE : slot;
    times[RESOLVED] = NEVER;
    let decoded = cycles[ID];
    if (cycles[FETCHED] + 1 > decoded) decoded = cycles[FETCHED] + 1;
    if (floats[before + DISPATCHED] > decoded) decoded = floats[before + DISPATCHED];
    const at = slot << FLOAT_ROW;
    cycles[ID] = floats[at + DECODED] = decoded;
    floats[at + WRITTEN] = NEVER;
    const last = times[LAST_DISPATCH];
    times[MAY_DISPATCH] = last > decoded + 1 ? last : decoded + 1;
    this.isWaiting = true;
    return true;
  }

  /** Goes on to the next instruction; false when there is none. */
  private advance(): boolean {
    const { later } = this;
    if (later < 0) {
      if (this.at === this.end && !this.nextRun()) return false;
      this.at++;
    }
    const entry = this.entry[this.at - 1];
    const variant = later < 0 ? entry >> 1 : later;
    const next = this.fields[variant * this.stride + LATER];
    this.variant = variant;
    this.later = next;
    this.isWaitedFor = next < 0 ? entry & 1 : 0;
    if (this.at === this.end && next < 0) this.isOver = this.feed.isLast;
    this.count[0]++;
    return true;
  }

  private nextRun(): boolean {
    const { feed } = this;
    if (!feed.next(this.sums)) {
      this.isOver = true;
      return false;
    }
    this.fields = feed.variants.fields;
    this.segmentRow = feed.segment * CAUSE_COUNT;
    this.at = feed.from;
    this.end = feed.to;
    return true;
  }

  /** The run is cut off: fetches what would have been fetched up to then behind the one that waits. */
  takeRest(): void {
    const { ring, cycles, floats, times } = this;
    const { mask } = ring;
    let slot = this.isWaiting ? (ring.next + 1) & mask : ring.next;
    let waiting = this.isWaiting ? 1 : 0;
    while (!this.isOver && ring.waitedSlot < 0) {
      const before = ((slot - this.width) & mask) << FLOAT_ROW;
      if (floats[before + DECODED] > cycles[FETCHED]) cycles[FETCHED] = floats[before + DECODED];
      if (cycles[FETCHED] >= times[LIMIT] || !this.advance()) break;
      const leaves = waiting < this.width ? floats[before + DISPATCHED] : NEVER;
      cycles[ID] = Math.max(cycles[FETCHED] + 1, cycles[ID], leaves);
      floats[(slot << FLOAT_ROW) + DECODED] = cycles[ID];
      if (this.isWaitedFor === 1) ring.waitedSlot = slot;
      slot = (slot + 1) & mask;
      waiting++;
    }
  }
}
