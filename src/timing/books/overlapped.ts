/**
 * The books of the overlapped machine (UA-20, UA-22, UA-24 to UA-29). Each hazard is a number here:
 * the cycle it holds until. While an instruction waits all hazards but one only end, and the charges
 * of a wait are a stair of causes. The other is the write port: its turn comes and goes, and cuts
 * short what ranks behind it.
 */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, UNIT_NUMBER, unitCounts } from '../event/numbers.ts';
import { makeClock } from './clock.ts';
import type { Feed } from './feed.ts';
import { MemoryWaits } from './memory-waits.ts';
import { DONE, ISSUED, OCCUPANCY } from './memory.ts';
import { WritePorts } from './ports.ts';
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
  /** When it is in WB. */
  written: 2 * REGISTER_COUNT,
  /** Until when the old value is read. */
  read: 3 * REGISTER_COUNT,
  /** On which unit of its kind it was made. */
  madeOn: 4 * REGISTER_COUNT,
  size: 5 * REGISTER_COUNT,
} as const;

/** What one run of steps leaves to the next. */
const STATE = {
  fetched: 0,
  issued: 1,
  cycles: 2,
  /** So many of them are cycles; these are not. */
  times: 3,
  isLate: 3,
  row: 4,
  /** The limit of the run, here so that it is known to be a number. */
  limit: 5,
  size: 6,
} as const;

/** Runs to the end of the steps or to the limit. */
export function runOverlapped(
  machine: Machine,
  feed: Feed,
  sums: Sums,
  limit: number,
): TimingResult {
  const overlapped = new Overlapped(machine, feed, sums, limit);
  return overlapped.run();
}

class Overlapped implements Stateful, Repeatable {
  private readonly feed: Feed;
  private readonly sums: Sums;
  private readonly progress: Progress;
  private readonly ports: WritePorts;
  private readonly waits: MemoryWaits;
  private readonly forwarding: boolean;
  private readonly chains: boolean;
  private readonly registers = new Float64Array(TABLE.size);
  private readonly state = new Float64Array(STATE.size);
  /** Of each kind of unit how many there are, and of all kinds the most. */
  private readonly unitCount: Int32Array;
  private readonly most: number;
  /** By kind, `most` places for each: when the unit opens. And of each kind how long it was closed. */
  private readonly units: Float64Array;
  private readonly occupied = new Float64Array(UNITS.length);
  private readonly instructions = new Float64Array(1);
  /** Where there is no cache. */
  private readonly stretches: Stretches | undefined;
  readonly counts: readonly Float64Array[];
  /** Accesses under way are told apart by their bytes (UA-29), so addresses must be equal. */
  readonly samePlaceBytes = 0;

  constructor(machine: Machine, feed: Feed, sums: Sums, limit: number) {
    this.feed = feed;
    this.sums = sums;
    this.progress = new Progress(feed, sums, limit);
    this.ports = new WritePorts(machine.pipeline.writePorts);
    this.waits = new MemoryWaits(machine, feed.variants, this.ports, sums);
    this.forwarding = machine.pipeline.forwarding;
    this.chains = machine.mxu.accumulatorForwarding;
    this.unitCount = Int32Array.from(unitCounts(machine));
    this.most = Math.max(...this.unitCount);
    this.units = new Float64Array(UNITS.length * this.most);
    this.state[STATE.issued] = NONE;
    this.state[STATE.limit] = limit;
    const parts = [this, this.waits, this.ports, tables([], [feed.branches.counters])];
    const counts = [this.occupied, this.instructions];
    const { memory } = this.waits;
    this.counts = [...counts, sums.current, sums.nobodys];
    this.stretches = memory.isPeriodic ? new Stretches(feed, sums, this, limit) : undefined;
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
    exchange.times(this.registers, 0, TABLE.madeOn);
    exchange.exact(this.registers, TABLE.madeOn, TABLE.size);
    exchange.times(this.units, 0, this.units.length);
    this.ports.exchange(exchange);
    this.waits.exchange(exchange);
  }

  describe(state: StateWriter): void {
    state.times(this.state.subarray(0, STATE.times));
    state.exact(this.state.subarray(STATE.times));
    state.times(this.registers.subarray(0, TABLE.madeOn));
    state.exact(this.registers.subarray(TABLE.madeOn));
    state.times(this.units);
  }

  shift(shift: Shift): void {
    shiftTimes(this.state.subarray(0, STATE.times), shift);
    shiftTimes(this.registers.subarray(0, TABLE.madeOn), shift);
    shiftTimes(this.units, shift);
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
    sums.occupyAll(this.occupied, this.units, this.most);
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
   * is in local numbers and few tables; a charge is a number added to a table, at a fraction of
   * what a call costs; and numbers of other files are brought in once.
   */
  time(from: number, end: number): boolean {
    const { pc: PC, unit: UNIT, writes: WRITES, accumulates: ACCUMULATES, access: ACCESS } = FIELD;
    const { laterPass: LATER, tiles: TILES, sources: SOURCES, firstSource: FIRST } = FIELD;
    const { executeCycles: EXECUTE, occupancyCycles: OCCUPIED, retired: RETIRED } = COST;
    const { readCycles: READ_FOR } = COST;
    const { ready: READY, chain: CHAIN, written: WRITTEN, read: READ, madeOn: MADE_ON } = TABLE;
    const {
      control: CONTROL,
      fill: FILL,
      raw: RAW,
      issue: ISSUE,
      waw: WAW,
      war: WAR,
    } = CAUSE_NUMBER;
    const PORT = CAUSE_NUMBER['structural.port'];
    const { mxu: MXU, dma: DMA } = UNIT_NUMBER;
    const ROW = CAUSE_COUNT;
    const PRICES = COSTS;
    const STRUCTURAL_ALU = STRUCTURAL[0]; // the others follow in the order of units
    const { feed, sums, state, forwarding, chains, waits, ports, registers } = this;
    const { units, unitCount, most, occupied } = this;
    const { memory } = waits;
    const { entry, variants } = feed;
    const { fields, costs, stride } = variants;
    const { address } = feed.block;
    const { byPc, current, nobodys } = sums;
    const { latest } = memory;
    const limit = state[STATE.limit];
    let fetched = state[STATE.fetched];
    let issued = state[STATE.issued];
    let isLate = state[STATE.isLate] | 0;
    let cycles = state[STATE.cycles];
    let row = state[STATE.row] | 0;
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
      const unit = fields[v + UNIT];
      const target = fields[v + WRITES];
      const work = fields[v + ACCESS];
      const sum = fields[v + ACCUMULATES];
      let chained = NONE;
      if (sum >= 0 && unit === MXU && cycle < registers[CHAIN + sum]) chained = sum;
      const tilesEnd = v + FIRST + fields[v + TILES];
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
        if (chained >= 0 && cycle >= registers[CHAIN + sum]) chained = NONE;
      }
      for (;;) {
        if (target >= 0 && chained < 0) {
          const free = registers[WRITTEN + target] - 1;
          if (cycle < free) {
            sums.chargeRow(row, WAW, cycle, free); // UA-24
            cycle = free;
          }
          const read = registers[READ + target];
          if (cycle < read) {
            sums.chargeRow(row, WAR, cycle, read); // UA-25
            cycle = read;
          }
        }
        if (work >= 0) {
          latest[ISSUED] = cycle;
          waits.issue(variant, address[i], row);
          cycle = latest[ISSUED];
          break;
        }
        // UA-26; a chain ends at the latest when its sum is ready, and everything may be different
        const first = unit * most;
        let opens = units[first];
        if (chained >= 0) {
          opens = Math.min(units[first + registers[MADE_ON + chained]], registers[CHAIN + chained]);
        } else {
          for (let at = first + 1; at < first + unitCount[unit]; at++) {
            if (units[at] < opens) opens = units[at];
          }
        }
        if (cycle < opens) {
          const structural = STRUCTURAL_ALU + unit;
          if (cycle < limit) {
            const waited = (opens < limit ? opens : limit) - cycle;
            byPc[row + structural] += waited;
            current[structural] += waited;
          }
          cycle = opens;
        }
        if (target >= 0 && ports.isFull(cycle + costs[c + EXECUTE] + 1)) {
          sums.chargeRow(row, PORT, cycle, cycle + 1); // UA-27
          cycle++;
        } else if (chained < 0 || cycle < registers[CHAIN + chained]) break;
        if (chained >= 0 && cycle >= registers[CHAIN + chained]) chained = NONE;
      }
      const executed = cycle + costs[c + EXECUTE];
      let written = executed + 1;
      let result = executed;
      let occupancy = costs[c + OCCUPIED];
      let read = cycle + costs[c + READ_FOR];
      if (work >= 0) {
        written = latest[DONE];
        result = written;
        occupancy = latest[OCCUPANCY];
        read = cycle + occupancy;
        if (cycle < limit) units[DMA * most] = read;
      } else {
        let index = 0;
        if (chained >= 0) index = registers[MADE_ON + chained];
        else while (units[unit * most + index] > cycle) index++;
        if (cycle < limit) units[unit * most + index] = cycle + occupancy;
        if (target >= 0) registers[MADE_ON + target] = index;
      }
      for (let k = v + FIRST; k < tilesEnd; k++) {
        const place = READ + fields[k];
        if (registers[place] < read) registers[place] = read;
      }
      if (target >= 0) {
        const ready = forwarding ? result : written + 1; // UA-21
        registers[READY + target] = ready;
        registers[CHAIN + target] = unit === MXU && chains ? ready : 0;
        registers[WRITTEN + target] = written;
        ports.add(written, cycle);
      }
      instructions++;
      if (written >= cycles) cycles = written + 1;
      if (written + 1 < limit) costs[c + RETIRED]++;
      else this.progress.noteAtLimit(variant, written + 1);
      if (cycle < limit) {
        byPc[row + ISSUE]++;
        current[ISSUE]++;
        occupied[unit] += occupancy;
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
    return i === end;
  }
}
