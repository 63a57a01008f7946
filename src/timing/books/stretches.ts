/**
 * Stretches of a run that have come before are not timed again (Schnarr and Larus, "Fast out-of-order
 * processor simulation using memoization", ASPLOS 1998). A machine is deterministic: the same state,
 * but for the time that has passed, and the same steps lead to the same state and the same charges.
 */
import type { Feed } from './feed.ts';
import type { Exchanging } from './saved.ts';
import { Loading, Saving } from './saved.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';
import type { Variants } from './variants.ts';
import { COST, COSTS, FIELD } from './variants.ts';

/** A stretch ends with the first jump back behind so many steps: there loops and passes line up. */
const FEWEST_STEPS = 64;
/** Steps and states that are remembered at most; then all is forgotten. */
const MOST_STEPS = 2 ** 17;
const MOST_STATES = 2 ** 12;
/** Room for the charges of a stretch. */
const CHARGES_AT_FIRST = 4096;
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

interface Stretch {
  /** As in Feed. */
  readonly entries: Int32Array;
  /** Which of its steps are accesses, counted from its first, and their addresses. */
  readonly accesses: Int32Array;
  readonly addresses: Float64Array;
  /** By how much the last issue is later behind it, and how much later than that all have retired. */
  readonly cycles: number;
  readonly toRetire: number;
  readonly end: State;
  /** Charges: places in the table by code address, and how much is added there. */
  readonly places: Int32Array;
  readonly charges: Float64Array;
  /** What is added to `counts`. */
  readonly counts: readonly Float64Array[];
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
  /** What a record has found out so far. */
  private places = new Int32Array(CHARGES_AT_FIRST);
  private charges = new Float64Array(CHARGES_AT_FIRST);

  constructor(feed: Feed, sums: Sums, machine: Repeatable, limit: number) {
    this.feed = feed;
    this.sums = sums;
    this.machine = machine;
    this.limit = limit;
    this.variants = feed.variants;
    const { samePlaceBytes: bytes } = machine;
    this.mask = bytes > 0 && (bytes & (bytes - 1)) === 0 ? bytes - 1 : -1;
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
        at += stretch.entries.length;
        this.spared += stretch.entries.length;
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
    const { entries, accesses, addresses } = stretch;
    const { entry, block } = this.feed;
    const { address } = block;
    if (at + entries.length > to || entries[0] !== entry[at]) return false;
    for (let i = 0; i < accesses.length; i++) {
      const moved = addresses[i] - address[at + accesses[i]];
      if (moved !== 0 && !this.isSamePlace(moved)) return false;
    }
    for (let i = 0; i < entries.length; i++) if (entries[i] !== entry[at + i]) return false;
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
    const { machine, sums } = this;
    const { now: began, counts } = machine;
    const before = counts.map((table) => table.slice());
    sums.byPc = this.charged;
    const isWhole = machine.time(from, to);
    sums.byPc = this.byPc;
    const found = this.collect(from, to);
    if (!isWhole) return undefined;
    const end = this.stateNow();
    // Where the limit is near, charges may be cut off.
    if (machine.cycles >= this.limit) return end;
    const { now } = machine;
    const accesses = this.accessesIn(from, to);
    const { entry, block } = this.feed;
    if (state.stretches.length === MOST_CHOICES) state.stretches.shift();
    state.stretches.push({
      entries: entry.slice(from, to),
      accesses,
      addresses: Float64Array.from(accesses, (i) => block.address[from + i]),
      cycles: now - began,
      toRetire: machine.cycles - now,
      end,
      places: this.places.slice(0, found),
      charges: this.charges.slice(0, found),
      counts: counts.map((table, i) => table.map((count, at) => count - before[i][at])),
      times: 0,
      next: undefined,
    });
    this.stepCount += to - from;
    return end;
  }

  private accessesIn(from: number, to: number): Int32Array {
    const { fields, stride } = this.variants;
    const { entry } = this.feed;
    const accesses: number[] = [];
    for (let i = from; i < to; i++) {
      if (fields[(entry[i] >> 1) * stride + FIELD.access] >= 0) accesses.push(i - from);
    }
    return Int32Array.from(accesses);
  }

  /** Charges of a record are moved to where they belong, and noted; how many there are. */
  private collect(from: number, to: number): number {
    const { charged, byPc, met } = this;
    const { pc } = this.feed.block;
    const record = ++this.records;
    if ((to - from) * CAUSE_COUNT > this.places.length) this.makeRoom((to - from) * CAUSE_COUNT);
    const { places, charges } = this;
    let found = 0;
    for (let i = from; i < to; i++) {
      const at = pc[i];
      if (met[at] === record) continue;
      met[at] = record;
      const end = at * CAUSE_COUNT + CAUSE_COUNT;
      for (let place = end - CAUSE_COUNT; place < end; place++) {
        const cycles = charged[place];
        if (cycles === 0) continue;
        places[found] = place;
        charges[found++] = cycles;
        byPc[place] += cycles;
        charged[place] = 0;
      }
    }
    return found;
  }

  private makeRoom(places: number): void {
    this.places = new Int32Array(places);
    this.charges = new Float64Array(places);
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
    const { places, charges, counts, times } = stretch;
    for (let i = 0; i < places.length; i++) byPc[places[i]] += times * charges[i];
    machine.counts.forEach((table, i) => {
      for (let at = 0; at < table.length; at++) table[at] += times * counts[i][at];
    });
    this.retire(stretch);
    stretch.times = 0;
  }

  private retire({ entries, times }: Stretch): void {
    const { fields, costs, stride } = this.variants;
    for (const entry of entries) {
      let variant = entry >> 1;
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
    this.stateCount = 0;
    this.stepCount = 0;
    this.spared = 0;
  }
}
