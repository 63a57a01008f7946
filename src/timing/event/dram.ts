/** DRAM: banks with an open row each, and one bus (UA-40). */
import type { Machine } from '../../machine/machine.ts';
import { NONE } from './numbers.ts';

/**
 * Requests are made in two steps. `plan` notes the bursts of an access in their order; which rows
 * they open follows from the order alone. `doneIf` and `request` then say when they are done, for
 * any cycle in which the access may be requested.
 */
export class Dram {
  /** Bursts of the plan. */
  bursts = 0;
  /** Cycles that a burst is on the bus. */
  readonly burstCycles: number;
  private readonly memory: Machine['memory'];
  private readonly openRow: Float64Array;
  private readonly ready: Float64Array;
  private readonly scratch: Float64Array;
  /** The access that requested a burst of the bank last. */
  private readonly user: Float64Array;
  private busFree = 0;
  /** Of each burst of the plan: bank, cycles to open its row, and cycles behind the request. */
  private readonly bank: number[] = [];
  private readonly opening: number[] = [];
  private readonly delay: number[] = [];

  constructor({ memory }: Machine) {
    this.memory = memory;
    this.burstCycles = Math.ceil(memory.burstBytes / memory.bytesPerCycle);
    this.openRow = new Float64Array(memory.banks).fill(NONE);
    this.ready = new Float64Array(memory.banks);
    this.scratch = new Float64Array(memory.banks);
    this.user = new Float64Array(memory.banks).fill(NONE);
  }

  /** Begins the plan of another access. */
  clear(): void {
    this.bursts = 0;
  }

  /** Notes the burst at a byte address, requested `delay` cycles behind the access. */
  plan(address: number, delay: number): void {
    const { rowBytes, banks, rowMissCycles } = this.memory;
    const bank = this.bankOf(address);
    const row = Math.floor(address / (rowBytes * banks));
    this.bank[this.bursts] = bank;
    this.opening[this.bursts] = this.openRow[bank] === row ? 0 : rowMissCycles;
    this.delay[this.bursts] = delay;
    this.openRow[bank] = row;
    this.bursts++;
  }

  bankOf(address: number): number {
    return Math.floor(address / this.memory.rowBytes) % this.memory.banks;
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
    this.scratch.set(this.ready);
    return this.serve(cycle, this.scratch);
  }

  /** Requests the plan for an access; the cycle in which its last burst is done. */
  request(cycle: number, id: number): number {
    const done = this.serve(cycle, this.ready);
    if (this.bursts > 0) this.busFree = done;
    for (let i = 0; i < this.bursts; i++) this.user[this.bank[i]] = id;
    return done;
  }

  /** The bus serves bursts in their order, so the last one is done last. */
  private serve(cycle: number, ready: Float64Array): number {
    const { bank, opening, delay, bursts, burstCycles } = this;
    const { latencyCycles } = this.memory;
    let busFree = this.busFree;
    for (let i = 0; i < bursts; i++) {
      const at = bank[i];
      const start = Math.max(cycle + delay[i], ready[at]) + opening[i];
      ready[at] = start + burstCycles;
      busFree = Math.max(start + latencyCycles, busFree) + burstCycles;
    }
    return bursts > 0 ? busFree : -Infinity;
  }
}
