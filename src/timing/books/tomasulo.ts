/**
 * The books of Tomasulo's machine (UA-60 to UA-66): from one cycle in which anything can change to
 * the next. What is charged needs no names, only the first cause of each slot that waits.
 */
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSES } from '../causes.ts';
import { CAUSE_NUMBER, NONE } from '../event/numbers.ts';
import type { Stream } from '../event/stream.ts';
import type { Sums } from './sums.ts';
import { Flight, NEVER } from './tomasulo-flight.ts';
import { Results } from './tomasulo-results.ts';
import { Stations } from './tomasulo-stations.ts';

const { control: CONTROL, fill: FILL, drain: DRAIN } = CAUSE_NUMBER;
const QUEUE = CAUSE_NUMBER['structural.queue'];

/** Runs to the end of the stream or to the limit. */
export function runTomasulo(
  machine: Machine,
  stream: Stream,
  sums: Sums,
  limit: number,
): TimingResult {
  return new Tomasulo(machine, stream, sums, limit).run();
}

class Tomasulo {
  private readonly stream: Stream;
  private readonly sums: Sums;
  private readonly limit: number;
  private readonly width: number;
  private readonly entries: number;
  private readonly stationCount: number;
  private readonly toReader: number;
  private readonly flight: Flight;
  private readonly results: Results;
  private readonly stations: Stations;
  /** Numbers of the next instruction to be fetched, to enter ID, and to be dispatched. */
  private fetched = 0;
  private decoded = 0;
  private dispatched = 0;
  /** The branch that fetching waits for, or −1, and whether what comes next is late (UA-6). */
  private waitedFor = NONE;
  private isNextLate = false;
  /** Stations in use of each kind; those that are left in this cycle free up in the next. */
  private readonly inUse = new Int32Array(UNITS.length);
  private leaving = 0;
  /** Who is kept in ID by a dispatch hazard: in this cycle, and in the one before. */
  private held = NONE;
  private heldBefore = NONE;
  /** `control` cycles of a successor that is not fetched yet. */
  private early = 0;

  constructor(machine: Machine, stream: Stream, sums: Sums, limit: number) {
    const { width, reorderBufferEntries, stations, forwarding } = machine.pipeline;
    this.stream = stream;
    this.sums = sums;
    this.limit = limit;
    this.width = width;
    this.entries = reorderBufferEntries;
    this.stationCount = stations;
    this.toReader = forwarding ? 0 : 1;
    this.flight = new Flight(machine);
    this.results = new Results(machine, this.flight, sums, limit);
    this.stations = new Stations(machine, this.flight, this.results, sums, stream.table);
  }

  run(): TimingResult {
    const { limit, results, stations, width } = this;
    let cycle = 0;
    while (cycle < limit) {
      this.free();
      if (cycle >= results.next) this.write(cycle);
      const issued = stations.issue(cycle);
      const waiting = issued < width ? stations.charge(width - issued) : 0;
      const oldest = this.dispatched;
      this.dispatch(cycle);
      this.decode();
      this.fetch(cycle);
      if (results.known === this.fetched && this.isOver()) return this.finish(cycle);
      const next = issued > 0 ? cycle + 1 : this.nextCycle(cycle, oldest);
      this.settle(oldest, waiting, width - issued, cycle, next);
      cycle = next;
    }
    return this.cutOff();
  }

  private isOver(): boolean {
    return this.stream.isOver && this.waitedFor < 0;
  }

  /** What was in WB in the cycle before lets go of its station; without forwarding, it is read. */
  private free(): void {
    const { results, inUse, flight, stations } = this;
    for (let i = 0; i < this.leaving; i++) {
      const slot = results.leaving[i] & flight.mask;
      inUse[flight.unit[slot]]--;
      if (this.toReader === 1) stations.publish(slot);
    }
    this.leaving = 0;
  }

  private write(cycle: number): void {
    const { results, flight, stations } = this;
    this.leaving = results.write(cycle, this.fetched);
    for (let i = 0; i < this.leaving; i++) {
      const id = results.leaving[i];
      const slot = id & flight.mask;
      if (flight.access[slot]) stations.leave(id);
      if (this.toReader === 0) stations.publish(slot);
    }
  }

  /** UA-60: up to W, up to the first that has to wait. */
  private dispatch(cycle: number): void {
    const { flight, stations, inUse } = this;
    const end = this.decoded;
    this.heldBefore = this.held;
    this.held = NONE;
    while (this.dispatched < end) {
      const id = this.dispatched;
      const unit = flight.unit[id & flight.mask];
      if (inUse[unit] >= this.stationCount || this.entryFrees(id) > cycle) {
        this.held = id;
        return;
      }
      inUse[unit]++;
      stations.enter(id);
      this.dispatched++;
    }
  }

  /** The cycle from which there is room in the reorder buffer; ∞ where it is not known yet. */
  private entryFrees(id: number): number {
    const before = id - this.entries;
    if (before < 0) return 0;
    if (before >= this.results.known) return NEVER;
    return this.flight.committed[before & this.flight.mask] + 1;
  }

  /** UA-3: W are in ID. */
  private decode(): void {
    this.decoded = Math.min(this.fetched, this.dispatched + this.width);
  }

  /** UA-5, and UA-6: nothing is fetched while a branch that is waited for is in EX. */
  private fetch(cycle: number): void {
    const { stream, flight, width } = this;
    if (this.waitedFor >= 0 && flight.done[this.waitedFor & flight.mask] > cycle) return;
    this.waitedFor = NONE;
    while (this.fetched - this.decoded < width && !stream.isOver && this.waitedFor < 0) {
      if (!stream.advance()) return;
      const id = this.fetched++;
      flight.take(stream, id & flight.mask, this.isNextLate);
      if (this.early > 0) this.chargeEarly(id);
      this.isNextLate = stream.isWaitedFor;
      if (this.isNextLate) this.waitedFor = id;
    }
  }

  private chargeEarly(id: number): void {
    this.charge(id & this.flight.mask, CONTROL, this.early);
    this.early = 0;
  }

  /** Charges an instruction in flight with cycles of all slots, of which each has `limit`. */
  private charge(slot: number, cause: number, cycles: number): void {
    const { flight, sums, limit } = this;
    let left = cycles;
    for (; left > limit; left -= limit) {
      sums.charge(flight.pc[slot], flight.segment[slot], cause, 0, limit);
    }
    sums.charge(flight.pc[slot], flight.segment[slot], cause, 0, left);
  }

  private chargeNobody(cause: number, cycles: number): void {
    const { sums, limit } = this;
    let left = cycles;
    for (; left > limit; left -= limit) sums.chargeNobody(cause, 0, limit);
    sums.chargeNobody(cause, 0, left);
  }

  /** UA-32: charges the slots in which nobody issues. */
  private settle(oldest: number, waiting: number, room: number, from: number, to: number): void {
    const { stations, flight } = this;
    for (let i = 0; i < waiting; i++) {
      this.charge(stations.chargedSlot[i], stations.chargedCause[i], to - from);
    }
    const cycles = (room - waiting) * (to - from);
    if (cycles === 0) return;
    const slot = oldest & flight.mask;
    if (oldest === this.held || oldest === this.heldBefore) this.charge(slot, QUEUE, cycles);
    else if (oldest < this.fetched) {
      if (flight.isLate[slot] === 1) this.charge(slot, CONTROL, cycles);
      else this.chargeNobody(FILL, cycles);
    } else if (this.waitedFor >= 0) this.early += cycles;
    else this.chargeNobody(this.stream.isOver ? DRAIN : FILL, cycles);
  }

  /** The next cycle in which anything can be different, where nothing issued in this one. */
  private nextCycle(cycle: number, oldest: number): number {
    const { results, stations, held } = this;
    const isMoving = this.decoded - this.dispatched < this.width && this.fetched > this.decoded;
    if (isMoving || this.dispatched > oldest) return cycle + 1;
    if (held < 0 && this.decoded > this.dispatched) return cycle + 1;
    if (this.leaving > 0 && (held >= 0 || this.toReader === 1)) return cycle + 1;
    let next = Math.min(results.next, stations.next);
    if (held >= 0) {
      const frees = this.entryFrees(held);
      if (frees > cycle && frees < next) next = frees;
    }
    if (next === NEVER) throw this.stuck(cycle);
    return Math.min(next, this.limit);
  }

  /** By the rules something always moves. */
  private stuck(cycle: number): Error {
    const waiting = this.stations.charge(1) > 0 ? CAUSES[this.stations.chargedCause[0]] : 'nothing';
    return new Error(
      `invariant: from cycle ${cycle} nothing moves; the oldest waits for ${waiting}`,
    );
  }

  /** All have their WB, so their CT is known; the slots from `cycle` on have nobody to wait for. */
  private finish(cycle: number): TimingResult {
    const { results, limit, fetched } = this;
    const cycles = fetched === 0 ? 0 : results.committed + 1;
    const end = Math.min(cycles, limit);
    this.chargeNobody(DRAIN, this.width * (end - cycle));
    if (cycles > limit) return this.cutOff();
    results.retireAtLimit();
    if (this.early > 0) this.chargeEarly(fetched - 1);
    return { cycles, instructions: fetched, cutOffAt: undefined };
  }

  private cutOff(): TimingResult {
    const { results, flight, fetched, limit } = this;
    // Where nothing was fetched behind a branch, the branch is charged with what it cost.
    if (this.early > 0) this.chargeEarly(fetched - 1);
    const oldest = results.known < fetched ? flight.pc[results.known & flight.mask] : 0;
    const cutOffAt = results.latePc >= 0 ? results.latePc : oldest;
    return { cycles: limit, instructions: fetched, cutOffAt };
  }
}
