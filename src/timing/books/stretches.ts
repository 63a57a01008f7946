/**
 * Stretches of a run that have come before are not timed again (Schnarr and Larus, "Fast out-of-order
 * processor simulation using memoization", ASPLOS 1998). A machine is deterministic: the same state,
 * but for the time that has passed, and the same steps lead to the same state and the same charges.
 */
import type { Feed } from './feed.ts';
import { IntegerPool, NumberPool } from './pool.ts';
import type { Exchanging } from './saved.ts';
import { Loading, Saving } from './saved.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';
import type { Variants } from './variants.ts';
import { COST, COSTS, FIELD } from './variants.ts';

/** A stretch ends with the first jump back behind so many steps: there loops and passes line up. */
const FEWEST_STEPS = 96;
/** Steps and states that are remembered at most; then all is forgotten. */
const MOST_STEPS = 2 ** 17;
const MOST_STATES = 2 ** 12;
/** Stretches that are remembered from one state on. */
const MOST_CHOICES = 64;

/** A machine that times steps, and that can be put back into an earlier state. */
export interface Repeatable extends Exchanging {
  /** Times the steps of the block `from` up to, not including, `to`; whether all of them. */
  time(from: number, to: number): boolean;
  /** The cycle of the last issue, and the cycles until all have retired. */
  readonly now: number;
  readonly cycles: number;
  /** What counts on beside the charges by code address. */
  readonly counts: readonly Float64Array[];
  /** Steps do the same if addresses differ by a multiple of this; 0 where they must be equal. */
  readonly samePlaceBytes: number;
}

interface State {
  /** As saved. */
  readonly values: Float64Array;
  /** What has come from here on; what came last is first. */
  readonly stretches: Stretch[];
}

/** Lists are in two pools: of each the place where it begins, and how long it is. */
interface Stretch {
  /** Of each step what Feed has of it. */
  readonly entries: number;
  readonly steps: number;
  /** Which of its steps are accesses, counted from its first, and their addresses. */
  readonly accesses: number;
  readonly addresses: number;
  readonly accessCount: number;
  /** Charges: places in the table by code address, and how much is added there. */
  readonly places: number;
  readonly charges: number;
  readonly chargeCount: number;
  /** What is added to `counts`, one table behind the other. */
  readonly counts: number;
  /** By how much the last issue is later behind it, and how much later than that all have retired. */
  readonly cycles: number;
  readonly toRetire: number;
  readonly end: State;
  /** How often it has come again and is not added to the sums yet. */
  times: number;
  /** What came behind it last. */
  next: Stretch | undefined;
}

export class Stretches {
  private readonly feed: Feed;
  private readonly sums: Sums;
  private readonly machine: Repeatable;
  private readonly limit: number;
  private readonly variants: Variants;
  /** Numbers in all tables of `counts`. */
  private readonly countsSize: number;
  /** The bits of an address that must not differ. */
  private readonly mask: number;
  private readonly saving = new Saving();
  private readonly loading = new Loading();
  private readonly states = new Map<number, State[]>();
  private stateCount = 0;
  private stepCount = 0;
  /** Steps that were not timed since all was forgotten last. */
  private spared = 0;
  /** Steps that are still timed without looking, and those the next time it did not pay. */
  private asleep = 0;
  private nap = MOST_STEPS;
  /** Those whose `times` is not 0. */
  private readonly unsettled: Stretch[] = [];
  /** The charges by code address, and a table that is empty but while a stretch is recorded. */
  private readonly byPc: Float64Array;
  private readonly charged: Float64Array;
  /** Of each code address the number of the record in which it was met last. */
  private readonly met: Int32Array;
  private records = 0;
  private readonly integers = new IntegerPool();
  private readonly numbers = new NumberPool();

  constructor(feed: Feed, sums: Sums, machine: Repeatable, limit: number) {
    this.feed = feed;
    this.sums = sums;
    this.machine = machine;
    this.limit = limit;
    this.variants = feed.variants;
    const { samePlaceBytes: bytes } = machine;
    this.mask = bytes > 0 && (bytes & (bytes - 1)) === 0 ? bytes - 1 : -1;
    this.countsSize = machine.counts.reduce((size, table) => size + table.length, 0);
    this.byPc = sums.byPc;
    this.charged = new Float64Array(sums.byPc.length);
    this.met = new Int32Array(sums.byPc.length / CAUSE_COUNT);
  }

  /** Times the run of steps that the feed has handed out; whether all of them. */
  time(): boolean {
    const { from, to } = this.feed;
    const isWhole = this.asleep > 0 ? this.pass(from, to) : this.look(from, to);
    if (this.sums.bySegment.length > CAUSE_COUNT) this.settle();
    return isWhole;
  }

  /** From now on everything is timed, and the sums are whole. */
  stop(): void {
    this.settle();
    this.asleep = Infinity;
  }

  private pass(from: number, to: number): boolean {
    this.asleep -= to - from;
    return this.machine.time(from, to);
  }

  private look(from: number, to: number): boolean {
    const { machine, limit } = this;
    if (this.stepCount > MOST_STEPS || this.stateCount > MOST_STATES) this.forget();
    let at = this.endOf(from, to, 1);
    if (!machine.time(from, at)) return false;
    if (at === to) return true;
    let state = this.stateNow();
    let now = machine.now;
    let isThere = true;
    let last: Stretch | undefined;
    for (;;) {
      const stretch = this.find(state, last, at, to);
      if (stretch && now + stretch.cycles + stretch.toRetire < limit) {
        if (stretch.times++ === 0) this.unsettled.push(stretch);
        at += stretch.steps;
        this.spared += stretch.steps;
        now += stretch.cycles;
        state = stretch.end;
        last = stretch;
        isThere = false;
        continue;
      }
      if (!isThere) this.loading.load(machine, state.values, now);
      if (at === to) return true;
      const end = this.endOf(at, to, FEWEST_STEPS);
      // Where the run ends before the stretch does, or the limit is near, there is no more to it.
      if (!this.endsAt(end) || stretch) return machine.time(at, to);
      const next = this.record(state, at, end);
      if (!next) return false;
      at = end;
      state = next;
      last = undefined;
      now = machine.now;
      isThere = true;
    }
  }

  /** The place behind the first jump back, not before so many steps; `to` where there is none. */
  private endOf(from: number, to: number, fewest: number): number {
    const { pc, nextPc } = this.feed.block;
    for (let i = from + fewest - 1; i < to; i++) if (nextPc[i] <= pc[i]) return i + 1;
    return to;
  }

  /** Whether a stretch ends in front of a place, or only the run. */
  private endsAt(place: number): boolean {
    const { pc, nextPc } = this.feed.block;
    return nextPc[place - 1] <= pc[place - 1];
  }

  /** What comes at a place; what came behind the last stretch before is asked first. */
  private find({ stretches }: State, last: Stretch | undefined, at: number, to: number) {
    const likely = last?.next;
    if (likely && this.comesAgain(likely, at, to)) return likely;
    for (const stretch of stretches) {
      if (!this.comesAgain(stretch, at, to)) continue;
      if (last) last.next = stretch;
      return stretch;
    }
    return undefined;
  }

  /** Most that do not come again have the same instructions at other addresses: these are asked first. */
  private comesAgain(stretch: Stretch, at: number, to: number): boolean {
    const { entries, steps, accesses, addresses, accessCount } = stretch;
    const { entry, block } = this.feed;
    const { address } = block;
    const { values: integers } = this.integers;
    const { values: numbers } = this.numbers;
    if (at + steps > to || integers[entries] !== entry[at]) return false;
    for (let i = 0; i < accessCount; i++) {
      const moved = numbers[addresses + i] - address[at + integers[accesses + i]];
      if (moved !== 0 && !this.isSamePlace(moved)) return false;
    }
    for (let i = 0; i < steps; i++) if (integers[entries + i] !== entry[at + i]) return false;
    return true;
  }

  /** Whether addresses may differ by so much. */
  private isSamePlace(moved: number): boolean {
    const whole = moved | 0;
    if (whole === moved && (whole & this.mask) === 0) return true;
    const { samePlaceBytes } = this.machine;
    return samePlaceBytes > 0 && moved % samePlaceBytes === 0;
  }

  /** Times a stretch and remembers it; the state behind it, or undefined where the run is cut off. */
  private record(state: State, from: number, to: number): State | undefined {
    const { machine, sums, integers, numbers } = this;
    const { now: began } = machine;
    const steps = to - from;
    integers.reserve(steps * (2 + CAUSE_COUNT));
    numbers.reserve(this.countsSize + steps * (1 + CAUSE_COUNT));
    const counts = this.noteCounts();
    sums.byPc = this.charged;
    const isWhole = machine.time(from, to);
    sums.byPc = this.byPc;
    this.subtractFromCounts(counts);
    const { count: places } = integers;
    const { count: charges } = numbers;
    this.collect(from, to);
    const chargeCount = integers.count - places;
    if (!isWhole) return undefined;
    const end = this.stateNow();
    // Where the limit is near, charges may be cut off.
    if (machine.cycles >= this.limit) return end;
    const { count: entries } = integers;
    this.noteEntries(from, to);
    const { count: accesses } = integers;
    const { count: addresses } = numbers;
    this.noteAccesses(from, to);
    const { now } = machine;
    if (state.stretches.length === MOST_CHOICES) state.stretches.shift();
    state.stretches.push({
      entries,
      steps,
      accesses,
      addresses,
      accessCount: integers.count - accesses,
      places,
      charges,
      chargeCount,
      counts,
      cycles: now - began,
      toRetire: machine.cycles - now,
      end,
      times: 0,
      next: undefined,
    });
    this.stepCount += steps;
    return end;
  }

  private noteCounts(): number {
    const { numbers } = this;
    const first = numbers.count;
    for (const table of this.machine.counts) {
      for (let i = 0; i < table.length; i++) numbers.values[numbers.count++] = table[i];
    }
    return first;
  }

  /** From what they were to what was added since. */
  private subtractFromCounts(first: number): void {
    const { values } = this.numbers;
    let at = first;
    for (const table of this.machine.counts) {
      for (let i = 0; i < table.length; i++, at++) values[at] = table[i] - values[at];
    }
  }

  private noteEntries(from: number, to: number): void {
    const { integers } = this;
    const { entry } = this.feed;
    for (let i = from; i < to; i++) integers.values[integers.count++] = entry[i];
  }

  private noteAccesses(from: number, to: number): void {
    const { integers, numbers } = this;
    const { fields, stride } = this.variants;
    const { entry, block } = this.feed;
    for (let i = from; i < to; i++) {
      if (fields[(entry[i] >> 1) * stride + FIELD.access] < 0) continue;
      integers.values[integers.count++] = i - from;
      numbers.values[numbers.count++] = block.address[i];
    }
  }

  /** Charges of a record are moved to where they belong, and noted. */
  private collect(from: number, to: number): void {
    const { charged, byPc, met, integers, numbers } = this;
    const { pc } = this.feed.block;
    const record = ++this.records;
    const { values: places } = integers;
    const { values: charges } = numbers;
    let place = integers.count;
    let charge = numbers.count;
    for (let i = from; i < to; i++) {
      if (met[pc[i]] === record) continue;
      met[pc[i]] = record;
      const end = pc[i] * CAUSE_COUNT + CAUSE_COUNT;
      for (let at = end - CAUSE_COUNT; at < end; at++) {
        const cycles = charged[at];
        if (cycles === 0) continue;
        places[place++] = at;
        charges[charge++] = cycles;
        byPc[at] += cycles;
        charged[at] = 0;
      }
    }
    integers.count = place;
    numbers.count = charge;
  }

  private stateNow(): State {
    const { saving, machine } = this;
    saving.save(machine, machine.now);
    const hash = saving.hash();
    const alike = this.states.get(hash) ?? [];
    for (const state of alike) if (saving.isSame(state.values)) return state;
    const state: State = { values: saving.copy(), stretches: [] };
    alike.push(state);
    this.states.set(hash, alike);
    this.stateCount++;
    return state;
  }

  /** Adds what has come again to the sums. */
  settle(): void {
    for (const stretch of this.unsettled) this.add(stretch);
    this.unsettled.length = 0;
  }

  private add(stretch: Stretch): void {
    const { byPc, machine } = this;
    const { places, charges, chargeCount, counts, times } = stretch;
    const { values: integers } = this.integers;
    const { values: numbers } = this.numbers;
    for (let i = 0; i < chargeCount; i++)
      byPc[integers[places + i]] += times * numbers[charges + i];
    let at = counts;
    for (const table of machine.counts) {
      for (let i = 0; i < table.length; i++) table[i] += times * numbers[at++];
    }
    this.retire(stretch);
    stretch.times = 0;
  }

  private retire({ entries, steps, times }: Stretch): void {
    const { fields, costs, stride } = this.variants;
    const { values } = this.integers;
    for (let i = 0; i < steps; i++) {
      let variant = values[entries + i] >> 1;
      while (variant >= 0) {
        costs[variant * COSTS + COST.retired] += times;
        variant = fields[variant * stride + FIELD.laterPass];
      }
    }
  }

  /** Forgets all; where that did not pay, nothing is looked for, for longer each time. */
  private forget(): void {
    this.settle();
    this.states.clear();
    if (this.spared < this.stepCount) this.asleep = this.nap *= 2;
    this.integers.count = 0;
    this.numbers.count = 0;
    this.stateCount = 0;
    this.stepCount = 0;
    this.spared = 0;
  }
}
