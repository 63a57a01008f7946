/**
 * The books of the blocking pipeline (UA-20, UA-22, UA-23). Each hazard is a number here: the cycle
 * it holds until. While an instruction waits nothing else happens, so hazards only end, and the
 * charges of a wait are a stair of causes.
 */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, UNIT_NUMBER } from '../event/numbers.ts';
import { makeClock } from './clock.ts';
import type { Feed } from './feed.ts';
import { DONE, Memory, OCCUPANCY, TRANSFER } from './memory.ts';
import { Progress } from './progress.ts';
import type { Exchange } from './saved.ts';
import type { Shift, StateWriter, Stateful } from './state.ts';
import { shiftTimes, tables } from './state.ts';
import type { Repeatable } from './stretches.ts';
import { Stretches } from './stretches.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';
import { COST, COSTS, FIELD } from './variants.ts';

/** What is known of each register, side by side in one table. */
const TABLE = {
  /** When its latest result is there (UA-21). */
  ready: 0,
  /** The same, if that result may be summed onto inside the array (UA-16). */
  chain: REGISTER_COUNT,
  size: 2 * REGISTER_COUNT,
} as const;

/** What one run of steps leaves to the next. */
const STATE = {
  fetched: 0,
  issued: 1,
  cycles: 2,
  /** Of the instruction issued last: when its executeCycles are over, its MEM and WB. */
  executed: 3,
  mem: 4,
  written: 5,
  /** Of the latest access, and of the latest before the last instruction: see UA-46. */
  transfer: 6,
  transferBefore: 7,
  /** So many of them are cycles; these are not. */
  times: 8,
  phase: 8,
  phaseBefore: 9,
  isLate: 10,
  row: 11,
  unit: 12,
  /** The limit of the run, here so that it is known to be a number. */
  limit: 13,
  size: 14,
} as const;

/** Runs to the end of the steps or to the limit. */
export function runBlocking(machine: Machine, feed: Feed, sums: Sums, limit: number): TimingResult {
  const blocking = new Blocking(machine, feed, sums, limit);
  return blocking.run();
}

class Blocking implements Stateful, Repeatable {
  private readonly feed: Feed;
  private readonly sums: Sums;
  private readonly progress: Progress;
  private readonly memory: Memory;
  private readonly forwarding: boolean;
  private readonly chains: boolean;
  private readonly registers = new Float64Array(TABLE.size);
  private readonly state = new Float64Array(STATE.size);
  /** Of each kind of unit: when it opens, and how long it was closed. */
  private readonly openAt = new Float64Array(UNITS.length);
  private readonly occupied = new Float64Array(UNITS.length);
  private readonly instructions = new Float64Array(1);
  /** Where there is no cache. */
  private readonly stretches: Stretches | undefined;
  readonly counts: readonly Float64Array[];
  readonly samePlaceBytes: number;

  constructor(machine: Machine, feed: Feed, sums: Sums, limit: number) {
    this.feed = feed;
    this.sums = sums;
    this.progress = new Progress(feed, sums, limit);
    this.memory = new Memory(machine, feed.variants.works);
    this.forwarding = machine.pipeline.forwarding;
    this.chains = machine.mxu.accumulatorForwarding;
    this.state[STATE.issued] = NONE;
    this.state[STATE.limit] = limit;
    const parts = [this, this.memory, tables([], [feed.branches.counters])];
    const counts = [this.occupied, this.instructions];
    this.counts = [...counts, sums.current, sums.nobodys];
    this.samePlaceBytes = this.memory.samePlaceBytes;
    this.stretches = this.memory.isPeriodic ? new Stretches(feed, sums, this, limit) : undefined;
    const { memory } = this;
    const now = () => this.now;
    const begin = () => this.stretches?.stop();
    feed.clock = makeClock({ feed, memory, sums, parts, counts, now, begin }, limit);
  }

  get now(): number {
    return this.state[STATE.issued];
  }

  get cycles(): number {
    return this.state[STATE.cycles];
  }

  exchange(exchange: Exchange): void {
    exchange.times(this.state, 0, STATE.times);
    exchange.exact(this.state, STATE.times, STATE.limit);
    exchange.times(this.registers, 0, TABLE.size);
    exchange.times(this.openAt, 0, UNITS.length);
    this.memory.exchange(exchange);
  }

  describe(state: StateWriter): void {
    state.times(this.state.subarray(0, STATE.times));
    state.exact(this.state.subarray(STATE.times));
    state.times(this.registers);
    state.times(this.openAt);
  }

  shift(shift: Shift): void {
    shiftTimes(this.state.subarray(0, STATE.times), shift);
    shiftTimes(this.registers, shift);
    shiftTimes(this.openAt, shift);
  }

  run(): TimingResult {
    const { feed, sums, state, stretches } = this;
    const limit = state[STATE.limit];
    const time = () => (stretches ? stretches.time() : this.time(feed.from, feed.to));
    let isOver = false;
    while (!isOver && state[STATE.fetched] < limit) {
      if (feed.next(sums)) isOver = time() && feed.isLast;
      else isOver = true;
    }
    stretches?.settle();
    sums.endSegment();
    // EX holds one instruction, so of each kind one unit is enough.
    sums.occupyAll(this.occupied, this.openAt, 1);
    return this.progress.finish({
      pc: state[STATE.row] / CAUSE_COUNT,
      issued: state[STATE.issued],
      resolved: state[STATE.isLate] === 0 ? 0 : state[STATE.fetched],
      instructions: this.instructions[0],
      cycles: state[STATE.cycles],
      isOver,
    });
  }

  /**
   * Times steps of the block; whether all of them. It is one flat loop, for good reasons: what it knows
   * of the two instructions in EX and MEM is in local numbers; a charge is a number added to a
   * table, at a fraction of what a call costs; and numbers of other files are brought in once.
   */
  time(from: number, end: number): boolean {
    const { pc: PC, unit: UNIT, writes: WRITES, accumulates: ACCUMULATES, access: ACCESS } = FIELD;
    const { laterPass: LATER, sources: SOURCES, firstSource: FIRST } = FIELD;
    const { executeCycles: EXECUTE, occupancyCycles: OCCUPIED, retired: RETIRED } = COST;
    const { ready: READY, chain: CHAIN } = TABLE;
    const { control: CONTROL, fill: FILL, raw: RAW, issue: ISSUE } = CAUSE_NUMBER;
    const BANDWIDTH = CAUSE_NUMBER['memory.bandwidth'];
    const { mxu: MXU } = UNIT_NUMBER;
    const ROW = CAUSE_COUNT;
    const PRICES = COSTS;
    const STRUCTURAL_ALU = STRUCTURAL[0]; // the others follow in the order of units
    const { feed, state, forwarding, chains, memory, registers, openAt, occupied } = this;
    const { entry, variants } = feed;
    const { fields, costs, stride } = variants;
    const { address } = feed.block;
    const { byPc, current, nobodys } = this.sums;
    const { latest } = memory;
    const limit = state[STATE.limit];
    let fetched = state[STATE.fetched];
    let issued = state[STATE.issued];
    let isLate = state[STATE.isLate] | 0;
    let cycles = state[STATE.cycles];
    let row = state[STATE.row] | 0;
    let unit = state[STATE.unit] | 0;
    let executed = state[STATE.executed];
    let mem = state[STATE.mem];
    let written = state[STATE.written];
    let transfer = state[STATE.transfer];
    let phase = state[STATE.phase] | 0;
    let transferBefore = state[STATE.transferBefore];
    let phaseBefore = state[STATE.phaseBefore] | 0;
    let instructions = 0;
    let i = from;
    let variant = entry[i] >> 1;
    while (fetched < limit) {
      const v = variant * stride;
      const c = variant * PRICES;
      row = fields[v + PC] * ROW;
      const decoded = fetched + 1 > issued ? fetched + 1 : issued; // UA-3
      const gap = (decoded < limit ? decoded + 1 : limit) - (issued + 1);
      if (gap > 0) {
        if (isLate === 0) nobodys[FILL] += gap;
        else {
          byPc[row + CONTROL] += gap; // UA-31
          current[CONTROL] += gap;
        }
      }
      let cycle = decoded + 1;
      const sum = fields[v + ACCUMULATES];
      const unitBefore = unit;
      unit = fields[v + UNIT];
      const isChained = sum >= 0 && unit === MXU && cycle < registers[CHAIN + sum];
      const chained = isChained ? sum : NONE;
      const sourcesEnd = v + FIRST + fields[v + SOURCES];
      let raw = cycle; // UA-22
      for (let k = v + FIRST; k < sourcesEnd; k++) {
        const ready = registers[READY + fields[k]];
        if (ready > raw && fields[k] !== chained) raw = ready;
      }
      if (cycle < raw) {
        if (cycle < limit) {
          const waited = (raw < limit ? raw : limit) - cycle;
          byPc[row + RAW] += waited;
          current[RAW] += waited;
        }
        cycle = raw;
      }
      if (cycle < mem) {
        // UA-23: the one in EX executes, then it waits for the access in MEM
        if (cycle < executed) {
          const structural = STRUCTURAL_ALU + unitBefore;
          if (cycle < limit) {
            const waited = (executed < limit ? executed : limit) - cycle;
            byPc[row + structural] += waited;
            current[structural] += waited;
          }
          cycle = executed;
        }
        if (cycle < transferBefore && cycle < mem) {
          const waits = transferBefore < mem ? transferBefore : mem;
          if (cycle < limit) {
            const waited = (waits < limit ? waits : limit) - cycle;
            byPc[row + phaseBefore] += waited;
            current[phaseBefore] += waited;
          }
          cycle = waits;
        }
        if (cycle < mem) {
          if (cycle < limit) {
            const waited = (mem < limit ? mem : limit) - cycle;
            byPc[row + BANDWIDTH] += waited;
            current[BANDWIDTH] += waited;
          }
          cycle = mem;
        }
      }
      executed = cycle + costs[c + EXECUTE];
      mem = executed > written ? executed : written; // UA-20
      written = mem + 1;
      let occupancy = costs[c + OCCUPIED];
      let result = executed;
      transferBefore = transfer;
      phaseBefore = phase;
      const work = fields[v + ACCESS];
      if (work >= 0) {
        memory.prepare(work, address[i]);
        memory.request(mem, fields[v + PC]);
        written = latest[DONE];
        result = written;
        occupancy = latest[OCCUPANCY];
        transfer = latest[TRANSFER];
        phase = memory.phase;
      }
      const target = fields[v + WRITES];
      if (target >= 0) {
        const ready = forwarding ? result : written + 1; // UA-21
        registers[READY + target] = ready;
        registers[CHAIN + target] = unit === MXU && chains ? ready : 0;
      }
      instructions++;
      if (written >= cycles) cycles = written + 1;
      if (written + 1 < limit) costs[c + RETIRED]++;
      else this.progress.noteAtLimit(variant, written + 1);
      if (cycle < limit) {
        byPc[row + ISSUE]++;
        current[ISSUE]++;
        occupied[unit] += occupancy;
        openAt[unit] = (openAt[unit] > cycle ? openAt[unit] : cycle) + occupancy;
      }
      issued = cycle;
      const later = fields[v + LATER];
      isLate = later < 0 ? entry[i] & 1 : 0;
      fetched = isLate === 0 ? decoded : executed; // UA-5, UA-6
      if (later >= 0) {
        variant = later;
        continue;
      }
      if (++i === end) break;
      variant = entry[i] >> 1;
    }

    state[STATE.fetched] = fetched;
    state[STATE.issued] = issued;
    state[STATE.isLate] = isLate;
    state[STATE.cycles] = cycles;
    this.instructions[0] += instructions;
    state[STATE.row] = row;
    state[STATE.unit] = unit;
    state[STATE.executed] = executed;
    state[STATE.mem] = mem;
    state[STATE.written] = written;
    state[STATE.transfer] = transfer;
    state[STATE.phase] = phase;
    state[STATE.transferBefore] = transferBefore;
    state[STATE.phaseBefore] = phaseBefore;
    return i === end;
  }
}
