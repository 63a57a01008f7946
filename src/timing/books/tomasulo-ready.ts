/** Who has its values and waits for a unit, and who wakes when a value is there (UA-61). */
import { UNITS } from '../../../isa/work.ts';
import type { Ring } from './tomasulo-ring.ts';
import { ISSUE_AT, MISSING, ROW, UNIT } from './tomasulo-ring.ts';

export class Ready {
  /** Of each kind of unit: slots in program order, from `kind * slots` on; and how many. */
  readonly list: Int32Array;
  readonly count = new Int32Array(UNITS.length);
  /** Kinds of which any is ready, and those of them that all wait for other than a unit, as bits. */
  kinds = 0;
  blocked = 0;
  /** The node of source k of slot s is `s << shift | k`; it is in one list at most. */
  readonly shift: number;
  readonly link: Int32Array;
  private readonly ring: Ring;

  constructor(ring: Ring, maxSources: number) {
    this.ring = ring;
    this.list = new Int32Array(UNITS.length * ring.slots);
    this.shift = 32 - Math.clz32(maxSources);
    this.link = new Int32Array(ring.slots << this.shift);
  }

  /** Enters an instruction: whether its kind can issue is to be found out again. */
  add(slot: number, kind: number): void {
    const { list, ring } = this;
    const { mask, known } = ring;
    const first = kind * ring.slots;
    const age = (slot - known) & mask;
    let i = first + this.count[kind]++;
    for (; i > first && ((list[i - 1] - known) & mask) > age; i--) list[i] = list[i - 1];
    list[i] = slot;
    this.kinds |= 1 << kind;
    this.blocked &= ~(1 << kind);
    ring.times[ISSUE_AT] = 0;
  }

  /** Takes out what is in a place. */
  remove(kind: number, at: number): void {
    const { list } = this;
    const left = --this.count[kind];
    const end = kind * this.ring.slots + left;
    for (let i = at; i < end; i++) list[i] = list[i + 1];
    if (left === 0) this.kinds ^= 1 << kind;
  }

  /** The value is there that a list of nodes waits for. */
  wake(head: number): void {
    const { link, shift } = this;
    const { ints } = this.ring;
    let node = ints[head];
    for (ints[head] = -1; node >= 0; node = link[node]) {
      const slot = node >> shift;
      const row = slot << ROW;
      if (--ints[row + MISSING] === 0) this.add(slot, ints[row + UNIT]);
    }
  }
}
