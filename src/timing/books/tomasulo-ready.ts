/** Who has its values and waits for a unit, and who wakes when a value is there (UA-61). */
import { UNITS } from '../../../isa/work.ts';
import type { Ring } from './tomasulo-ring.ts';
import { MISSING, ROW, UNIT } from './tomasulo-ring.ts';

export class Ready {
  /** Of each kind of unit: slots in program order, from `kind * slots` on; and how many. */
  readonly list: Int32Array;
  readonly count = new Int32Array(UNITS.length);
  /** The node of source k of slot s is `s << shift | k`; it is in one list at most. */
  readonly shift: number;
  readonly link: Int32Array;
  private readonly slots: number;
  private readonly mask: number;
  private readonly ints: Int32Array;

  constructor(ring: Ring, maxSources: number) {
    this.slots = ring.slots;
    this.mask = ring.mask;
    this.ints = ring.ints;
    this.list = new Int32Array(UNITS.length * ring.slots);
    this.shift = 32 - Math.clz32(maxSources);
    this.link = new Int32Array(ring.slots << this.shift);
  }

  /** Enters an instruction; `known` is the number of one that is not behind any in a list. */
  add(slot: number, kind: number, known: number): void {
    const { list, mask, slots } = this;
    const first = kind * slots;
    const age = (slot - known) & mask;
    let i = first + this.count[kind]++;
    for (; i > first && ((list[i - 1] - known) & mask) > age; i--) list[i] = list[i - 1];
    list[i] = slot;
  }

  /** Takes out what is in a place; returns how many are left of the kind. */
  remove(kind: number, at: number): number {
    const { list } = this;
    const left = --this.count[kind];
    const end = kind * this.slots + left;
    for (let i = at; i < end; i++) list[i] = list[i + 1];
    return left;
  }

  /** The value is there that a list of nodes waits for; returns the kinds, as bits, of the ready. */
  wake(head: number, known: number): number {
    const { ints, link, shift } = this;
    let kinds = 0;
    let node = ints[head];
    for (ints[head] = -1; node >= 0; node = link[node]) {
      const slot = node >> shift;
      const row = slot << ROW;
      if (--ints[row + MISSING] > 0) continue;
      this.add(slot, ints[row + UNIT], known);
      kinds |= 1 << ints[row + UNIT];
    }
    return kinds;
  }
}
