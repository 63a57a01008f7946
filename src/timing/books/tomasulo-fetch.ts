/** Fetching and decoding on Tomasulo's machine (UA-3, UA-5 to UA-7). */
import { NONE } from '../event/numbers.ts';
import type { Feed } from './feed.ts';
import type { Sums } from './sums.ts';
import type { Ring } from './tomasulo-ring.ts';
import {
  DECODED,
  DISPATCHED,
  FLOAT_ROW,
  LAST_DISPATCH,
  LIMIT,
  MAY_DISPATCH,
  NEVER,
  RESOLVED,
} from './tomasulo-ring.ts';
import { FIELD } from './variants.ts';

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
  /** Of the run of steps: the next. And the pass that comes next of a cracked instruction, or −1. */
  private at = 0;
  private later = NONE;
  /** What `advance` came to: a variant, and whether fetching waits for it. */
  private variant = 0;
  private isWaitedFor = 0;

  constructor(feed: Feed, sums: Sums, ring: Ring, width: number) {
    this.feed = feed;
    this.sums = sums;
    this.ring = ring;
    this.width = width;
  }

  /** Instructions fetched. */
  get instructions(): number {
    return this.count[0];
  }

  /** Fetches the next one to be dispatched, where there is one that can be fetched within the run. */
  take(): boolean {
    const { ring, cycles, feed } = this;
    const { times, floats } = ring;
    const wait = ring.waitedSlot;
    if (this.isOver || (wait >= 0 && times[RESOLVED] >= times[LIMIT])) return false;
    const slot = ring.next;
    const before = ((slot - this.width) & ring.mask) << FLOAT_ROW;
    if (wait >= 0) cycles[FETCHED] = times[RESOLVED];
    else if (floats[before + DECODED] > cycles[FETCHED]) cycles[FETCHED] = floats[before + DECODED];
    if (!this.advance()) return false;
    ring.take(slot, this.variant, feed.segment, wait >= 0 ? 1 : 0);
    ring.address[slot] = feed.block.address[this.at - 1];
    ring.waitedSlot = this.isWaitedFor === 0 ? NONE : slot;
    times[RESOLVED] = NEVER;
    let decoded = cycles[ID];
    if (cycles[FETCHED] + 1 > decoded) decoded = cycles[FETCHED] + 1;
    if (floats[before + DISPATCHED] > decoded) decoded = floats[before + DISPATCHED];
    cycles[ID] = decoded;
    floats[(slot << FLOAT_ROW) + DECODED] = decoded;
    const last = times[LAST_DISPATCH];
    times[MAY_DISPATCH] = last > decoded + 1 ? last : decoded + 1;
    this.isWaiting = true;
    return true;
  }

  /** Goes on to the next instruction; false when there is none. */
  private advance(): boolean {
    const { feed, later } = this;
    if (later < 0) {
      if (this.at === feed.to) {
        if (!feed.next(this.sums)) {
          this.isOver = true;
          return false;
        }
        this.at = feed.from;
      }
      this.at++;
    }
    const entry = feed.entry[this.at - 1];
    const variant = later < 0 ? entry >> 1 : later;
    const { fields, stride } = feed.variants;
    const next = fields[variant * stride + FIELD.laterPass];
    this.variant = variant;
    this.later = next;
    this.isWaitedFor = next < 0 ? entry & 1 : 0;
    if (next < 0 && this.at === feed.to && feed.isLast) this.isOver = true;
    this.count[0]++;
    return true;
  }

  /** The run is cut off: fetches what would have been fetched up to then behind the one that waits. */
  takeRest(): void {
    const { ring, cycles } = this;
    const { floats, mask, times } = ring;
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
