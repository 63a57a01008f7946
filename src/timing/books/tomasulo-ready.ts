/** Who has its values and waits for a unit, and who wakes when a value is there (UA-61). */
import { UNITS } from '../../../isa/work.ts';
import type { Ring } from './tomasulo-ring.ts';
import { ISSUE_AT, MISSING, ROW, UNIT } from './tomasulo-ring.ts';

export class Ready {
  /** Of each kind of unit: slots in program order, in a ring of its own that begins at `kind * slots`; … */
  readonly list: Int32Array;
  /** … where in it the oldest is, and how many are behind it. */
  readonly head = new Int32Array(UNITS.length);
  readonly count = new Int32Array(UNITS.length);
  /** Kinds of which any is ready, and those of them that all wait for other than a unit, as bits. */
  kinds = 0;
  blocked = 0;
  /** The node of source k of slot s is `s << shift | k`; it is in one list at most. */
  readonly shift: number;
  readonly link: Int32Array;
  private readonly ring: Ring;
  private readonly ints: Int32Array;
  private readonly times: Float64Array;

  constructor(ring: Ring, maxSources: number) {
    this.ring = ring;
    this.ints = ring.ints;
    this.times = ring.times;
    this.list = new Int32Array(UNITS.length * ring.slots);
    this.shift = 32 - Math.clz32(maxSources);
    this.link = new Int32Array(ring.slots << this.shift);
  }

  /** Enters an instruction: whether its kind can issue is to be found out again. */
  add(slot: number, kind: number): void {
    const { list, head, ring } = this;
    const { mask, known, slots } = ring;
    const base = kind * slots;
    const first = head[kind];
    const age = (slot - known) & mask;
    let i = first + this.count[kind]++;
    for (; i > first; i--) {
      const before = list[base + ((i - 1) & mask)];
      if (((before - known) & mask) < age) break;
      list[base + (i & mask)] = before;
    }
    list[base + (i & mask)] = slot;
    this.kinds |= 1 << kind;
    this.blocked &= ~(1 << kind);
    this.times[ISSUE_AT] = 0;
  }

  /** Takes out the one that has `at` older ones of its kind before it. */
  remove(kind: number, at: number): void {
    const { list, head } = this;
    const { mask, slots } = this.ring;
    const base = kind * slots;
    const first = head[kind];
    for (let i = first + at; i > first; i--) {
      list[base + (i & mask)] = list[base + ((i - 1) & mask)];
    }
    head[kind] = (first + 1) & mask;
    if (--this.count[kind] === 0) this.kinds ^= 1 << kind;
  }

  /** The value is there that a list of nodes waits for. */
  wake(list: number): void {
    const { link, shift, ints } = this;
    let node = ints[list];
    for (ints[list] = -1; node >= 0; node = link[node]) {
      const slot = node >> shift;
      const row = slot << ROW;
      if (--ints[row + MISSING] === 0) this.add(slot, ints[row + UNIT]);
    }
  }
}
