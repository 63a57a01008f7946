/** DRAM: banks with an open row each, and one bus (UA-40). */
import type { MemoryWork } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { NONE } from './numbers.ts';

/**
 * Requests are made in two steps. `plan` notes the bursts of an access in their order; which rows
 * they open follows from the order alone. `doneIf` and `request` then say when they are done, for
 * any cycle in which the access may be requested.
 *
 * Bursts that follow one another in one row of one bank, requested in the same cycle, are a _run_,
 * and served at once: UA-40 has for the j-th of them (from 0) s_j = s_0 + jX and, by induction,
 * bus free_j = max(s_0 + latencyCycles, bus free before) + (j + 1)X.
 */
export class Dram {
  /** Bursts of the plan. */
  bursts = 0;
  /** Cycles that a burst is on the bus. */
  readonly burstCycles: number;
  private readonly latencyCycles: number;
  private readonly rowMissCycles: number;
  private readonly banks: number;
  private readonly rowBursts: number;
  private readonly burstBytes: number;
  /** Of each bank: the number of the open row among those of all banks. */
  private readonly openRow: Float64Array;
  private readonly ready: Float64Array;
  private readonly scratch: Float64Array;
  /** The access that requested a burst of the bank last. */
  private readonly user: Float64Array;
  private busFree = 0;
  /** Of each run of the plan: bank, cycles to open its row, cycles behind the request, bursts. */
  private runs = 0;
  private bank = new Int32Array(8);
  private opening = new Float64Array(8);
  private delay = new Float64Array(8);
  private length = new Float64Array(8);
  /** The row of the last run, and the bursts that lie in it: from `rowBegin`, before `rowEnd`. */
  private row = NONE;
  private rowBegin = 0;
  private rowEnd = 0;
  private rowBank = 0;
  private lastDelay = 0;

  constructor({ memory }: Machine) {
    this.latencyCycles = memory.latencyCycles;
    this.rowMissCycles = memory.rowMissCycles;
    this.banks = memory.banks;
    this.burstBytes = memory.burstBytes;
    // One bank that opens its rows in no time is as one row.
    const isOneRow = memory.banks === 1 && memory.rowMissCycles === 0;
    this.rowBursts = isOneRow ? Number.MAX_SAFE_INTEGER : memory.rowBytes / memory.burstBytes;
    this.burstCycles = Math.ceil(memory.burstBytes / memory.bytesPerCycle);
    this.openRow = new Float64Array(memory.banks).fill(NONE);
    this.ready = new Float64Array(memory.banks);
    this.scratch = new Float64Array(memory.banks);
    this.user = new Float64Array(memory.banks).fill(NONE);
  }

  /** Begins the plan of another access. */
  clear(): void {
    this.bursts = 0;
    this.runs = 0;
  }

  /** Notes the bursts of an access without a cache, row by row of the tile (UA-40). */
  planAccess({ address, rows, rowBytes, strideBytes }: MemoryWork): void {
    const perByte = 1 / this.burstBytes; // a power of two, so products are exact
    const isDense = strideBytes === rowBytes; // then all rows are as one
    const bytes = isDense ? rows * rowBytes : rowBytes;
    const end = isDense ? 1 : rows;
    let before = NONE;
    let start = address;
    this.clear();
    for (let row = 0; row < end; row++) {
      const block = Math.floor(start * perByte);
      const last = Math.floor((start + bytes - 1) * perByte);
      const first = block === before ? block + 1 : block;
      if (first <= last) this.plan(first, last - first + 1, 0);
      before = last;
      start += strideBytes;
    }
  }

  /** Notes `count` bursts from number `first` up, requested `delay` cycles behind the access. */
  plan(first: number, count: number, delay: number): void {
    const isOpen = this.runs > 0 && delay === this.lastDelay;
    this.bursts += count;
    if (isOpen && first >= this.rowBegin && first + count <= this.rowEnd) {
      this.length[this.runs - 1] += count;
      return;
    }
    let taken = 0;
    for (let burst = first; burst < first + count; burst += taken) {
      if (burst > first || !isOpen || burst < this.rowBegin || burst >= this.rowEnd) {
        this.beginRun(burst, delay);
      }
      taken = Math.min(first + count, this.rowEnd) - burst;
      this.length[this.runs - 1] += taken;
    }
  }

  /** Begins a run in the row in which a burst lies. */
  private beginRun(burst: number, delay: number): void {
    if (burst < this.rowBegin || burst >= this.rowEnd) {
      this.row = Math.floor(burst / this.rowBursts);
      this.rowBegin = this.row * this.rowBursts;
      this.rowEnd = this.rowBegin + this.rowBursts;
      this.rowBank = remainder(this.row, this.banks);
    }
    this.lastDelay = delay;
    this.addRun(this.rowBank, delay);
  }

  private addRun(bank: number, delay: number): void {
    if (this.runs === this.bank.length) this.grow();
    const run = this.runs++;
    this.bank[run] = bank;
    this.opening[run] = this.openRow[bank] === this.row ? 0 : this.rowMissCycles;
    this.delay[run] = delay;
    this.length[run] = 0;
    this.openRow[bank] = this.row;
  }

  private grow(): void {
    const { bank, opening, delay, length } = this;
    this.bank = new Int32Array(2 * bank.length);
    this.opening = new Float64Array(2 * bank.length);
    this.delay = new Float64Array(2 * bank.length);
    this.length = new Float64Array(2 * bank.length);
    this.bank.set(bank);
    this.opening.set(opening);
    this.delay.set(delay);
    this.length.set(length);
  }

  bankOf(burst: number): number {
    return remainder(Math.floor(burst / this.rowBursts), this.banks);
  }

  /** The cycle from which a bank is ready. */
  readyAt(bank: number): number {
    return this.ready[bank];
  }

  userOf(bank: number): number {
    return this.user[bank];
  }

  /** The first cycle from which nothing that was requested before holds up a burst. */
  idleAt(): number {
    return this.ready.reduce((latest, cycle) => Math.max(latest, cycle), this.busFree);
  }

  /** When the plan is done if the access is requested in `cycle`; −∞ without bursts. */
  doneIf(cycle: number): number {
    const { ready, scratch } = this;
    for (let i = 0; i < ready.length; i++) scratch[i] = ready[i];
    return this.serve(cycle, scratch);
  }

  /** Requests the plan for an access; the cycle in which its last burst is done. */
  request(cycle: number, id: number): number {
    const done = this.serve(cycle, this.ready);
    if (this.runs > 0) this.busFree = done;
    for (let i = 0; i < this.runs; i++) this.user[this.bank[i]] = id;
    return done;
  }

  /** The bus serves bursts in their order, so the last one is done last. */
  private serve(cycle: number, ready: Float64Array): number {
    const { bank, opening, delay, length, runs, burstCycles, latencyCycles } = this;
    let busFree = this.busFree;
    for (let i = 0; i < runs; i++) {
      const at = bank[i];
      const start = Math.max(cycle + delay[i], ready[at]) + opening[i];
      const onBus = length[i] * burstCycles;
      ready[at] = start + onBus;
      busFree = Math.max(start + latencyCycles, busFree) + onBus;
    }
    return runs > 0 ? busFree : -Infinity;
  }
}

/** `a % b` of whole numbers; the operator is many times slower on numbers that are not small. */
function remainder(a: number, b: number): number {
  return a - Math.floor(a / b) * b;
}
