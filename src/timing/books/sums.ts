/** What a run is summed up to: charges by cause, place and segment, and what the units did. */
import { UNITS } from '../../../isa/work.ts';
import type { Unit, Work } from '../../../isa/work.ts';
import { CAUSES } from '../causes.ts';
import type { TimingResult } from '../engine.ts';
import { unitCounts } from '../event/numbers.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Variants } from './variants.ts';
import { COST, COSTS, FIELD } from './variants.ts';

/** Places in a table of charges: the row of a code address or segment, then the cause. */
export const CAUSE_COUNT = CAUSES.length;

/** The books of a run. Charges are in slot-cycles: W of them for each cycle (UA-30). */
export interface Books extends TimingResult {
  /** In the order of CAUSES; they sum to W × cycles (UA-34). */
  readonly charges: Float64Array;
  /**
   * [code address × cause]: what was charged for the instructions at an address. `control` counts
   * for the instruction that is waited with, and for the branch if nothing is fetched behind it;
   * `fill` and `drain` name nobody and are in no row.
   */
  readonly chargesByPc: Float64Array;
  /** [segment × cause]: the same by the segment of the dynamic instruction. */
  readonly chargesBySegment: Float64Array;
  /** Occupancy of all units of a kind within the run, in cycles. */
  readonly busyCycles: Readonly<Record<Unit, number>>;
  /** Useful multiply-accumulates of the instructions that retired. */
  readonly macs: number;
  /** Bytes that the instructions that retired moved. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export class Sums {
  macs = 0;
  bytesRead = 0;
  bytesWritten = 0;
  /** As in Books; for loops that charge by themselves. Who sets another table puts this one back. */
  byPc: Float64Array;
  /** By cause: what such a loop has charged for the instructions of the current segment. */
  readonly current = new Float64Array(CAUSE_COUNT);
  /** What names nobody. */
  readonly nobodys = new Float64Array(CAUSE_COUNT);
  private readonly limit: number;
  readonly bySegment: Float64Array;
  private segment = 0;
  /** Of each kind of unit: all occupancies. */
  private readonly occupancy = new Float64Array(UNITS.length);
  /** When each unit opens again, if the one that opens first is always taken: they are alike. */
  private readonly openAt: Float64Array;
  private readonly firstUnit: Int32Array;

  /** What is charged behind the cycle `limit` is dropped. */
  constructor(machine: Machine, codeSize: number, segments: number, limit: number) {
    this.limit = limit;
    this.byPc = new Float64Array(codeSize * CAUSE_COUNT);
    this.bySegment = new Float64Array(segments * CAUSE_COUNT);
    const counts = unitCounts(machine);
    this.firstUnit = new Int32Array(UNITS.length + 1);
    counts.forEach((count, kind) => (this.firstUnit[kind + 1] = this.firstUnit[kind] + count));
    this.openAt = new Float64Array(this.firstUnit[UNITS.length]);
  }

  /** Charges a slot for an instruction, in the cycles `from` up to, not including, `to`. */
  charge(pc: number, segment: number, cause: number, from: number, to: number): void {
    const cycles = Math.min(to, this.limit) - from;
    if (cycles <= 0) return;
    this.byPc[pc * CAUSE_COUNT + cause] += cycles;
    this.bySegment[segment * CAUSE_COUNT + cause] += cycles;
  }

  /** Charges an instruction of the current segment, whose row in `byPc` begins at `row`. */
  chargeRow(row: number, cause: number, from: number, to: number): void {
    const cycles = (to < this.limit ? to : this.limit) - from;
    if (cycles <= 0) return;
    this.byPc[row + cause] += cycles;
    this.current[cause] += cycles;
  }

  /** The charges from now on are of another segment. */
  beginSegment(segment: number): void {
    this.endSegment();
    this.segment = segment;
  }

  endSegment(): void {
    const { current, bySegment } = this;
    const row = this.segment * CAUSE_COUNT;
    for (let cause = 0; cause < CAUSE_COUNT; cause++) bySegment[row + cause] += current[cause];
    current.fill(0);
  }

  /** Charges a slot to a cause that names nobody. */
  chargeNobody(cause: number, from: number, to: number): void {
    const cycles = Math.min(to, this.limit) - from;
    if (cycles > 0) this.nobodys[cause] += cycles;
  }

  /** Notes that a unit of a kind is closed for `cycles` from `cycle` on. */
  occupy(kind: number, cycle: number, cycles: number): void {
    const { openAt, firstUnit } = this;
    const end = firstUnit[kind + 1];
    let taken = firstUnit[kind];
    for (let at = taken + 1; at < end; at++) if (openAt[at] < openAt[taken]) taken = at;
    openAt[taken] = Math.max(openAt[taken], cycle) + cycles;
    this.occupancy[kind] += cycles;
  }

  /**
   * The same for units that were open whenever one of them was taken: by kind the sum of what
   * `occupy` is told, and when each of `count` units of a kind opens, `most` places for each kind.
   */
  occupyAll(occupancy: Float64Array, openAt: Float64Array, most: number): void {
    const { firstUnit } = this;
    this.occupancy.set(occupancy);
    for (let kind = 0; kind < UNITS.length; kind++) {
      const count = Math.min(most, firstUnit[kind + 1] - firstUnit[kind]);
      this.openAt.set(openAt.subarray(kind * most, kind * most + count), firstUnit[kind]);
    }
  }

  /** Counts the work of an instruction that has retired; an access that writes a register reads. */
  retire(work: Work, macs: number, writesRegister: boolean): void {
    this.macs += macs;
    if (work.kind !== 'memory') return;
    if (writesRegister) this.bytesRead += work.rows * work.rowBytes;
    else this.bytesWritten += work.rows * work.rowBytes;
  }

  /** The same for all that has retired of each variant. */
  retireAll(variants: Variants): void {
    const { count, costs, fields, stride } = variants;
    for (let variant = 0; variant < count; variant++) {
      const at = variant * COSTS;
      const times = costs[at + COST.retired];
      const bytes = times * costs[at + COST.bytes];
      this.macs += times * costs[at + COST.macs];
      if (fields[variant * stride + FIELD.isWrite] === 1) this.bytesWritten += bytes;
      else this.bytesRead += bytes;
    }
  }

  finish(result: TimingResult): Books {
    const owned = new Float64Array(CAUSE_COUNT);
    const { byPc } = this;
    for (let row = 0; row < byPc.length; row += CAUSE_COUNT) {
      for (let cause = 0; cause < CAUSE_COUNT; cause++) owned[cause] += byPc[row + cause];
    }
    const busy = UNITS.map((unit, kind) => [unit, this.busyCycles(kind, result.cycles)]);
    return {
      ...result,
      charges: owned.map((cycles, cause) => cycles + this.nobodys[cause]),
      chargesByPc: byPc,
      chargesBySegment: this.bySegment,
      busyCycles: Object.fromEntries(busy) as Record<Unit, number>,
      macs: this.macs,
      bytesRead: this.bytesRead,
      bytesWritten: this.bytesWritten,
    };
  }

  /** An occupancy that outlives the run counts up to its end only. */
  private busyCycles(kind: number, cycles: number): number {
    const units = this.openAt.subarray(this.firstUnit[kind], this.firstUnit[kind + 1]);
    return units.reduce((busy, open) => busy - Math.max(0, open - cycles), this.occupancy[kind]);
  }
}
