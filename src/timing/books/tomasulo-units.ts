/** Functional units of Tomasulo's machine, and until when each is closed (UA-10, UA-26). */
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { unitCounts } from '../event/numbers.ts';

export class Units {
  /** The first cycle in which a unit of a kind is open. */
  readonly opensAt = new Float64Array(UNITS.length);
  /** Index of the first unit of each kind, and behind the last, in the list of all units. */
  private readonly first = new Int32Array(UNITS.length + 1);
  private readonly openAt: Float64Array;

  constructor(machine: Machine) {
    const counts = unitCounts(machine);
    counts.forEach((count, kind) => (this.first[kind + 1] = this.first[kind] + count));
    this.openAt = new Float64Array(this.first[UNITS.length]);
  }

  countOf(kind: number): number {
    return this.first[kind + 1] - this.first[kind];
  }

  /** The first cycle in which one unit of a kind is open. */
  oneOpensAt(kind: number, index: number): number {
    return this.openAt[this.first[kind] + index];
  }

  /** The number within its kind of the lowest open unit. */
  lowestOpen(kind: number, cycle: number): number {
    const { openAt } = this;
    const first = this.first[kind];
    let at = first;
    while (openAt[at] > cycle) at++;
    return at - first;
  }

  close(kind: number, index: number, until: number): void {
    const { openAt } = this;
    const end = this.first[kind + 1];
    let at = this.first[kind];
    openAt[at + index] = until;
    let opens = openAt[at];
    while (++at < end) if (openAt[at] < opens) opens = openAt[at];
    this.opensAt[kind] = opens;
  }
}
