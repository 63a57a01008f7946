/** Functional units, and until when each is closed (UA-10, UA-26). */
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { NONE, STRUCTURAL, unitCounts } from './numbers.ts';
import type { Wait } from './wait.ts';

export class Units {
  private readonly counts: readonly number[];
  /** Index of the first unit of each kind in the lists of all units. */
  private readonly first: readonly number[];
  private readonly openAt: Float64Array;
  private readonly occupant: Float64Array;

  constructor(machine: Machine) {
    this.counts = unitCounts(machine);
    this.first = UNITS.map((_, kind) => this.counts.slice(0, kind).reduce((a, b) => a + b, 0));
    const all = this.counts.reduce((a, b) => a + b, 0);
    this.openAt = new Float64Array(all);
    this.occupant = new Float64Array(all).fill(NONE);
  }

  /**
   * Adds the hazard when all units of a kind are closed; `only` ≥ 0 asks for that one alone.
   * Returns whether it holds.
   */
  addHazard(kind: number, only: number, cycle: number, wait: Wait): boolean {
    const begin = this.first[kind] + Math.max(only, 0);
    const end = only >= 0 ? begin + 1 : begin + this.counts[kind];
    const { openAt, occupant } = this;
    let named = begin;
    for (let at = begin; at < end; at++) {
      if (openAt[at] <= cycle) return false;
      const isOlder = openAt[at] === openAt[named] && occupant[at] < occupant[named];
      if (openAt[at] < openAt[named] || isOlder) named = at;
    }
    wait.add(STRUCTURAL[kind], occupant[named], NONE);
    wait.mayChange(openAt[named], cycle);
    return true;
  }

  /** The first cycle in which a unit of a kind is open; `only` ≥ 0 asks for that one alone. */
  opensAt(kind: number, only: number): number {
    const { openAt, first, counts } = this;
    if (only >= 0) return openAt[first[kind] + only];
    let opens = openAt[first[kind]];
    for (let i = 1; i < counts[kind]; i++) opens = Math.min(opens, openAt[first[kind] + i]);
    return opens;
  }

  /** The number within its kind of the lowest open unit. */
  lowestOpen(kind: number, cycle: number): number {
    let index = 0;
    while (this.openAt[this.first[kind] + index] > cycle) index++;
    return index;
  }

  close(kind: number, index: number, id: number, until: number): void {
    this.openAt[this.first[kind] + index] = until;
    this.occupant[this.first[kind] + index] = id;
  }
}
