/**
 * The books of Tomasulo's machine (UA-60 to UA-66): from one cycle in which anything happens to the
 * next. What is charged needs no names, only the first cause of each slot that waits.
 */
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE, UNIT_NUMBER } from '../event/numbers.ts';
import type { Feed } from './feed.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';
import { Accesses } from './tomasulo-accesses.ts';
import { AWAITED, COMING, Charges, HELD, NOBODY } from './tomasulo-charges.ts';
import { Dispatch } from './tomasulo-dispatch.ts';
import { Fetch } from './tomasulo-fetch.ts';
import { Issue } from './tomasulo-issue.ts';
import { Ready } from './tomasulo-ready.ts';
import { Results } from './tomasulo-results.ts';
import {
  CYCLE,
  ISSUE_AT,
  LIMIT,
  MAY_DISPATCH,
  NEVER,
  NEXT_DONE,
  PLACE_ROW,
  READERS,
  RESOLVED,
  ROW,
  Ring,
  UNIT,
} from './tomasulo-ring.ts';
import { Units } from './tomasulo-units.ts';

const { dma: DMA } = UNIT_NUMBER;

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
  private readonly times: Float64Array;
  private readonly fetch: Fetch;
  private readonly ready: Ready;
  private readonly results: Results;
  private readonly units: Units;
  private readonly issue: Issue;
  private readonly charges: Charges;
  private readonly dispatch: Dispatch;
  private readonly width: number;
  private readonly forwarding: boolean;

  constructor(machine: Machine, feed: Feed, sums: Sums, limit: number) {
    const { pipeline } = machine;
    this.feed = feed;
    this.sums = sums;
    this.width = pipeline.width;
    this.forwarding = pipeline.forwarding;
    const ring = new Ring(machine, feed.variants, limit);
    const fetch = new Fetch(feed, sums, ring, pipeline.width);
    const ready = new Ready(ring, feed.variants.table.maxSources);
    const accesses = new Accesses(machine, ring);
    const charges = new Charges(ring, accesses, sums);
    const results = new Results(machine, ring);
    const units = new Units(machine, ring, accesses, sums);
    this.ring = ring;
    this.ints = ring.ints;
    this.times = ring.times;
    this.fetch = fetch;
    this.ready = ready;
    this.results = results;
    this.units = units;
    this.issue = new Issue(machine, { ring, ready, accesses, results, units }, sums);
    this.charges = charges;
    this.dispatch = new Dispatch(machine, { ring, fetch, ready, accesses, charges });
  }

  run(): TimingResult {
    const { times } = this.ring;
    let isOver = false;
    while (!isOver && times[CYCLE] < times[LIMIT]) isOver = this.step();
    return this.finish(isOver);
  }

  /** A cycle in which something happens, and those up to the next; or nothing is left to be dispatched. */
  private step(): boolean {
    const { ring, fetch, issue, results, dispatch, forwarding, times } = this;
    const cycle = times[CYCLE];
    if (cycle >= times[NEXT_DONE]) this.write();
    const issued = issue.run();
    const before = ring.inFlight;
    const oldest = ring.next;
    dispatch.dispatch();
    if (ring.inFlight === 0 && fetch.isOver && !fetch.isWaiting) return true;
    const hasDispatched = ring.inFlight > before;
    let rest = COMING;
    if (oldest === dispatch.held || oldest === dispatch.heldBefore) rest = HELD;
    else if (!hasDispatched && !fetch.isWaiting) rest = this.restOfNone(cycle);
    const isMoving = issued > 0 || hasDispatched || (!forwarding && results.leavingCount > 0);
    if (isMoving && issued < this.width) {
      this.charges.settle(1, this.width - issued, before, issue.openMost, rest);
    }
    if (results.leavingCount > 0) this.freeStations();
    this.goOn(isMoving, before, rest);
    return false;
  }

  /** Results that are written are there for others (UA-61). */
  private write(): void {
    const { ints, results, units, dispatch, ready, forwarding } = this;
    const { leaving } = results;
    results.write();
    this.issue.unblock();
    for (let i = 0; i < results.leavingCount; i++) {
      const slot = leaving[i];
      const row = slot << ROW;
      if (ints[row + UNIT] === DMA) units.leaveMemory(slot);
      dispatch.write(slot);
      if (forwarding && ints[row + READERS] >= 0) ready.wake(row + READERS);
    }
    results.commit();
  }

  /** What was in WB lets go of its station, and without forwarding its result is read from now on. */
  private freeStations(): void {
    const { ints, results, dispatch, forwarding } = this;
    for (let i = 0; i < results.leavingCount; i++) {
      const slot = results.leaving[i];
      const head = (slot << ROW) + READERS;
      dispatch.freeStation(slot);
      if (!forwarding && ints[head] >= 0) this.ready.wake(head);
    }
    if (!forwarding) this.issue.unblock();
    results.leavingCount = 0;
  }

  /** Goes on to the next cycle in which anything can happen, and charges those up to then. */
  private goOn(isMoving: boolean, before: number, rest: number): void {
    const { ring, fetch, issue, units, dispatch, charges, width, times } = this;
    const cycle = times[CYCLE];
    if (times[ISSUE_AT] <= cycle) times[ISSUE_AT] = issue.nextCycle();
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
      const frees = dispatch.freesAt();
      if (frees < next) next = frees;
    }
    if (next === NEVER) throw new Error(`invariant: from cycle ${cycle} nothing moves`);
    if (next > times[LIMIT]) next = times[LIMIT];
    if (next <= cycle) next = cycle + 1;
    times[CYCLE] = next;
    let from = cycle;
    if (isMoving || rest !== restNext) {
      if (!isMoving) charges.settle(1, width, before, issue.openMost, rest);
      from++;
    }
    if (next <= from) return;
    charges.settle(next - from, width, ring.inFlight, units.openFrom(from), restNext);
    dispatch.held = restNext === HELD ? ring.next : NONE;
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
