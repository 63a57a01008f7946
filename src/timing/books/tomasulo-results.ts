/** From the unit to the end on Tomasulo's machine: result buses, WB and commit (UA-64, UA-65). */
import type { Machine } from '../../machine/machine.ts';
import type { Flight } from './tomasulo-flight.ts';
import { NEVER } from './tomasulo-flight.ts';
import type { Sums } from './sums.ts';

export class Results {
  /** The first cycle in which one is done or takes a bus. */
  next = NEVER;
  /** Those that `write` has put in WB, by number. */
  readonly leaving: Float64Array;
  /** Number of the first instruction whose CT is not known. */
  known = 0;
  /** The latest CT that is known. */
  committed = 0;
  /** Code address of the first instruction that does not retire before the limit, or −1. */
  latePc = -1;
  private readonly flight: Flight;
  private readonly sums: Sums;
  private readonly limit: number;
  private readonly width: number;
  private readonly buses: number;
  /** On their units, the one that is done first last; and when they are done. */
  private readonly executing: Float64Array;
  private readonly done: Float64Array;
  private count = 0;
  /** Done, and waiting for a bus, the oldest last. */
  private readonly waiting: Float64Array;
  private queued = 0;
  /** What instructions did that leave the pipeline in just the cycle of the limit. */
  private readonly atLimit = { macs: 0, bytesRead: 0, bytesWritten: 0 };

  constructor(machine: Machine, flight: Flight, sums: Sums, limit: number) {
    this.flight = flight;
    this.sums = sums;
    this.limit = limit;
    this.width = machine.pipeline.width;
    this.buses = machine.pipeline.writePorts;
    this.leaving = new Float64Array(flight.slots);
    this.executing = new Float64Array(flight.slots);
    this.done = new Float64Array(flight.slots);
    this.waiting = new Float64Array(flight.slots);
  }

  /** Notes an instruction that has issued. */
  start(id: number, doneCycle: number): void {
    const { executing, done } = this;
    let i = this.count++;
    for (; i > 0 && done[i - 1] <= doneCycle; i--) {
      done[i] = done[i - 1];
      executing[i] = executing[i - 1];
    }
    done[i] = doneCycle;
    executing[i] = id;
    if (doneCycle < this.next) this.next = doneCycle;
  }

  /**
   * UA-64: results need a bus, the oldest first; the others enter WB when they are done. Returns
   * how many do in this cycle; instructions from `fetched` on are yet to come.
   */
  write(cycle: number, fetched: number): number {
    const { executing, done, waiting, leaving, flight } = this;
    let count = 0;
    while (this.count > 0 && done[this.count - 1] <= cycle) {
      const id = executing[--this.count];
      if (flight.writes[id & flight.mask] >= 0) this.queue(id);
      else leaving[count++] = id;
    }
    for (let bus = 0; bus < this.buses && this.queued > 0; bus++) {
      leaving[count++] = waiting[--this.queued];
    }
    for (let i = 0; i < count; i++) flight.written[leaving[i] & flight.mask] = cycle;
    if (this.queued > 0) this.next = cycle + 1;
    else this.next = this.count > 0 ? done[this.count - 1] : NEVER;
    this.commit(fetched);
    return count;
  }

  private queue(id: number): void {
    const { waiting } = this;
    let i = this.queued++;
    for (; i > 0 && waiting[i - 1] < id; i--) waiting[i] = waiting[i - 1];
    waiting[i] = id;
  }

  /** UA-65, as soon as WB is known of all that are older. */
  private commit(fetched: number): void {
    const { mask, written, committed } = this.flight;
    for (; this.known < fetched; this.known++) {
      const slot = this.known & mask;
      if (written[slot] === NEVER) return;
      let cycle = written[slot] + 1;
      if (this.committed > cycle) cycle = this.committed;
      if (this.known >= this.width) {
        const before = committed[(this.known - this.width) & mask] + 1;
        if (before > cycle) cycle = before;
      }
      this.committed = committed[slot] = cycle;
      this.retire(slot, cycle + 1);
    }
  }

  /** Whether one that leaves just at the limit has retired is known at the end. */
  private retire(slot: number, cycle: number): void {
    const { flight, limit } = this;
    if (cycle >= limit && this.latePc < 0) this.latePc = flight.pc[slot];
    if (cycle > limit) return;
    const sums = cycle < limit ? this.sums : this.atLimit;
    sums.macs += flight.macs[slot];
    if (!flight.access[slot]) return;
    if (flight.writes[slot] >= 0) sums.bytesRead += flight.bytes[slot];
    else sums.bytesWritten += flight.bytes[slot];
  }

  /** The run was not cut off. */
  retireAtLimit(): void {
    const { sums, atLimit } = this;
    sums.macs += atLimit.macs;
    sums.bytesRead += atLimit.bytesRead;
    sums.bytesWritten += atLimit.bytesWritten;
  }
}
