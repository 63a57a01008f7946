/**
 * The books of Tomasulo's machine (UA-60 to UA-66): from one cycle in which anything happens to the
 * next. What is charged needs no names, only the first cause of each slot that waits.
 */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE, UNIT_NUMBER } from '../event/numbers.ts';
import type { Feed } from './feed.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';
import { Accesses } from './tomasulo-accesses.ts';
import { AWAITED, COMING, Charges, HELD, NOBODY } from './tomasulo-charges.ts';
import { Fetch } from './tomasulo-fetch.ts';
import { Ready } from './tomasulo-ready.ts';
import { Results } from './tomasulo-results.ts';
import {
  CHAIN,
  COMMITTED,
  CYCLE,
  DISPATCHED,
  FLOAT_ROW,
  FOLLOWING,
  HAS_ISSUED,
  ISSUE_AT,
  LAST_DISPATCH,
  LIMIT,
  MAY_DISPATCH,
  MISSING,
  NEVER,
  NEXT_DONE,
  PLACE_ROW,
  PRECEDING,
  PRODUCT,
  READERS,
  RESOLVED,
  ROW,
  Ring,
  UNIT,
  VARIANT,
  WRITES,
} from './tomasulo-ring.ts';
import { Units } from './tomasulo-units.ts';
import { FIELD } from './variants.ts';

const { dma: DMA, mxu: MXU } = UNIT_NUMBER;
const { accumulates: ACCUMULATES, sources: SOURCES, firstSource: FIRST } = FIELD;

/** Runs to the end of the steps or to the limit. */
export function runTomasulo(machine: Machine, feed: Feed, sums: Sums, limit: number): TimingResult {
  const tomasulo = new Tomasulo(machine, feed, sums, limit);
  return tomasulo.run();
}

/**
 * Nobody is asked again and again: who waits for values sleeps until the last of them is written; who
 * has them is in a list of its kind of unit, which is looked at when a unit is open. Fetch, decode
 * (UA-3, UA-5) and commit (UA-65) are recurrences, so that nothing needs to be looked at when they
 * happen. A cycle goes from the last stage to the first.
 */
class Tomasulo {
  private readonly feed: Feed;
  private readonly sums: Sums;
  private readonly ring: Ring;
  private readonly ints: Int32Array;
  private readonly floats: Float64Array;
  private readonly times: Float64Array;
  private readonly fetch: Fetch;
  private readonly ready: Ready;
  private readonly accesses: Accesses;
  private readonly results: Results;
  private readonly units: Units;
  private readonly charges: Charges;
  private readonly width: number;
  private readonly entries: number;
  private readonly stations: number;
  private readonly forwarding: boolean;
  private readonly dependencies: boolean;
  private readonly chains: boolean;
  /** Slot of the instruction that writes each register last, if it is not in WB, or −1. */
  private readonly writer = new Int32Array(REGISTER_COUNT).fill(NONE);
  /** Of each kind of unit: stations in use. */
  private readonly inUse = new Int32Array(UNITS.length);
  /** The one kept in ID by a hazard in the cycle before, and in this one; slots or −1. */
  private heldBefore = NONE;
  private held = NONE;

  constructor(machine: Machine, feed: Feed, sums: Sums, limit: number) {
    const { pipeline } = machine;
    this.feed = feed;
    this.sums = sums;
    this.width = pipeline.width;
    this.entries = pipeline.reorderBufferEntries;
    this.stations = pipeline.stations;
    this.forwarding = pipeline.forwarding;
    this.dependencies = pipeline.dependencies;
    this.chains = machine.mxu.accumulatorForwarding && pipeline.dependencies;
    this.ring = new Ring(machine, feed.variants, limit);
    this.ints = this.ring.ints;
    this.floats = this.ring.floats;
    this.times = this.ring.times;
    this.fetch = new Fetch(feed, sums, this.ring, pipeline.width);
    this.ready = new Ready(this.ring, feed.variants.table.maxSources);
    this.accesses = new Accesses(machine, this.ring);
    this.results = new Results(machine, this.ring);
    this.units = new Units(machine, this.ring, sums, this.ready, this.accesses, this.results);
    this.charges = new Charges(this.ring, this.accesses, sums);
  }

  run(): TimingResult {
    const { times } = this.ring;
    let isOver = false;
    while (!isOver && times[CYCLE] < times[LIMIT]) isOver = this.step();
    return this.finish(isOver);
  }

  /** A cycle in which something happens, and those up to the next; or nothing is left to be dispatched. */
  private step(): boolean {
    const { ring, fetch, units, results, forwarding, times } = this;
    const cycle = times[CYCLE];
    if (cycle >= times[NEXT_DONE]) this.write();
    units.openMost = units.openFrom(cycle);
    const issued = cycle >= times[ISSUE_AT] ? units.issue() : 0;
    const before = ring.inFlight;
    const oldest = ring.next;
    this.dispatch();
    if (ring.inFlight === 0 && fetch.isOver && !fetch.isWaiting) return true;
    const hasDispatched = ring.inFlight > before;
    let rest = COMING;
    if (oldest === this.held || oldest === this.heldBefore) rest = HELD;
    else if (!hasDispatched && !fetch.isWaiting) rest = this.restOfNone(cycle);
    const isMoving = issued > 0 || hasDispatched || (!forwarding && results.leavingCount > 0);
    if (isMoving && issued < this.width) {
      this.charges.settle(1, this.width - issued, before, units.openMost, rest);
    }
    if (results.leavingCount > 0) this.freeStations();
    this.goOn(isMoving, before, rest);
    return false;
  }

  /** Results that are written are there for others (UA-61). */
  private write(): void {
    const { ints, results, units, writer, ready, forwarding } = this;
    const { leaving } = results;
    results.write();
    units.unblock();
    for (let i = 0; i < results.leavingCount; i++) {
      const slot = leaving[i];
      const row = slot << ROW;
      if (ints[row + UNIT] === DMA) units.leaveMemory(slot);
      const register = ints[row + WRITES];
      if (register >= 0 && writer[register] === slot) writer[register] = NONE;
      if (forwarding && ints[row + READERS] >= 0) ready.wake(row + READERS);
    }
    results.commit();
  }

  /** What was in WB lets go of its station, and without forwarding its result is read from now on. */
  private freeStations(): void {
    const { ints, results, inUse, forwarding } = this;
    for (let i = 0; i < results.leavingCount; i++) {
      const row = results.leaving[i] << ROW;
      inUse[ints[row + UNIT]]--;
      if (!forwarding && ints[row + READERS] >= 0) this.ready.wake(row + READERS);
    }
    if (!forwarding) this.units.unblock();
    results.leavingCount = 0;
  }

  /** UA-60: in program order, up to the first that has to wait. */
  private dispatch(): void {
    const { ring, fetch, times } = this;
    this.heldBefore = this.held;
    this.held = NONE;
    while (fetch.isWaiting || this.fetchNext()) {
      if (times[MAY_DISPATCH] > times[CYCLE]) return;
      if (this.freesAt() > times[CYCLE]) {
        this.held = ring.next;
        return;
      }
      this.enter();
    }
  }

  private fetchNext(): boolean {
    if (!this.fetch.take()) return false;
    if (this.charges.hasEarly) this.charges.chargeEarly(this.ring.next);
    return true;
  }

  /** The first cycle in which no hazard of UA-60 holds the next one, as far as that is known. */
  private freesAt(): number {
    const { ring, entries } = this;
    const slot = ring.next;
    if (this.inUse[this.ints[(slot << ROW) + UNIT]] >= this.stations) return NEVER;
    if (ring.inFlight >= entries) return NEVER;
    return this.floats[(((slot - entries) & ring.mask) << FLOAT_ROW) + COMMITTED] + 1;
  }

  /** Enters a station and the reorder buffer, with the values that are there. */
  private enter(): void {
    const { ring, writer, ints, floats, times } = this;
    const slot = ring.next;
    const row = slot << ROW;
    const kind = ints[row + UNIT];
    this.inUse[kind]++;
    const nobody = ring.slots << ROW;
    const last = ints[nobody + PRECEDING];
    ints[(last << ROW) + FOLLOWING] = ints[nobody + PRECEDING] = slot;
    ints[row + PRECEDING] = last;
    ints[row + FOLLOWING] = ring.slots;
    const missing = this.dependencies ? this.findSources(slot) : 0; // UA-66
    ints[row + MISSING] = missing;
    if (kind === DMA) this.accesses.enter(slot);
    if (missing === 0) this.ready.add(slot, kind);
    const register = ints[row + WRITES];
    if (register >= 0) writer[register] = slot;
    floats[(slot << FLOAT_ROW) + DISPATCHED] = times[LAST_DISPATCH] = times[CYCLE];
    ring.next = (slot + 1) & ring.mask;
    ring.inFlight++;
    this.fetch.isWaiting = false;
  }

  /** UA-61: puts an instruction into the lists of those it waits for; how many they are. */
  private findSources(slot: number): number {
    const { ints, writer, chains } = this;
    const { link, shift } = this.ready;
    const { fields, stride } = this.ring.variants;
    const row = slot << ROW;
    const v = ints[row + VARIANT] * stride;
    const first = v + FIRST;
    const end = first + fields[v + SOURCES];
    let missing = 0;
    for (let at = first; at < end; at++) {
      const register = fields[at];
      const made = writer[register];
      if (made < 0) continue;
      const madeRow = made << ROW;
      let head = madeRow + READERS;
      if (chains && register === fields[v + ACCUMULATES] && ints[madeRow + UNIT] === MXU) {
        ints[row + PRODUCT] = made; // UA-16
        if (ints[madeRow + HAS_ISSUED] === 1) continue;
        head = madeRow + CHAIN;
      }
      const node = (slot << shift) | (at - first);
      link[node] = ints[head];
      ints[head] = node;
      missing++;
    }
    return missing;
  }

  /** Goes on to the next cycle in which anything can happen, and charges those up to then. */
  private goOn(isMoving: boolean, before: number, rest: number): void {
    const { ring, fetch, units, charges, width, times } = this;
    const cycle = times[CYCLE];
    if (times[ISSUE_AT] <= cycle) times[ISSUE_AT] = units.issueAt();
    let next = times[ISSUE_AT];
    if (times[NEXT_DONE] < next) next = times[NEXT_DONE];
    let restNext = COMING;
    if (!fetch.isWaiting) {
      restNext = this.restOfNone(cycle + 1);
      if (restNext === AWAITED && times[RESOLVED] < next) next = times[RESOLVED];
    } else if (times[MAY_DISPATCH] > cycle + 1) {
      if (times[MAY_DISPATCH] < next) next = times[MAY_DISPATCH];
    } else {
      restNext = HELD;
      const frees = this.freesAt();
      if (frees < next) next = frees;
    }
    if (next === NEVER) throw new Error(`invariant: from cycle ${cycle} nothing moves`);
    if (next > times[LIMIT]) next = times[LIMIT];
    if (next <= cycle) next = cycle + 1;
    times[CYCLE] = next;
    let from = cycle;
    if (isMoving || rest !== restNext) {
      if (!isMoving) charges.settle(1, width, before, units.openMost, rest);
      from++;
    }
    if (next <= from) return;
    charges.settle(next - from, width, ring.inFlight, units.openFrom(from), restNext);
    this.held = restNext === HELD ? ring.next : NONE;
  }

  /** Why nobody is there to be dispatched. */
  private restOfNone(cycle: number): number {
    const { ring } = this;
    return ring.waitedSlot >= 0 && cycle < ring.times[RESOLVED] ? AWAITED : NOBODY;
  }

  private finish(isOver: boolean): TimingResult {
    const { ring, fetch, results, charges, sums } = this;
    const limit = ring.times[LIMIT];
    const whole = fetch.instructions === 0 ? 0 : results.committed + 1;
    const isCutOff = !isOver || whole > limit;
    const cycles = isCutOff ? limit : whole;
    // All have their CT: what is left of the run nobody waits for.
    if (isOver) sums.nobodys[CAUSE_NUMBER.drain] += this.width * (cycles - ring.times[CYCLE]);
    charges.chargeEarly(fetch.isWaiting ? ring.next : (ring.next - 1) & ring.mask);
    const cutOffAt = isCutOff ? this.latePc() : undefined;
    if (isCutOff) fetch.takeRest();
    else results.retireAtLimit();
    this.units.finish();
    sums.retireAll(this.feed.variants);
    return { cycles, instructions: fetch.instructions, cutOffAt };
  }

  /** The code address of the oldest instruction that has not retired at the limit. */
  private latePc(): number {
    const { ring, fetch, results } = this;
    if (results.latePc >= 0) return results.latePc;
    if (ring.inFlight === 0 && !fetch.isWaiting) return 0;
    return ring.ints[(ring.known << ROW) + PLACE_ROW] / CAUSE_COUNT;
  }
}
