/** Memory as the loops in program order see it (UA-14, UA-40 to UA-46). */
import type { MemoryWork } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { WorkTable } from '../../vm/step-block.ts';
import { MemoryModel } from '../event/memory.ts';
import { CAUSE_NUMBER, NONE } from '../event/numbers.ts';
import { DramPlans, PLACE, PLACES } from './dram-plans.ts';

/** Where the state of DRAM has what: the cycle from which the bus is free; of each bank, two numbers. */
const BUS = 0;
const READY = 1;
const OPEN_ROW = 2;
const PER_BANK = 2;

/** Of the access requested last: when it is done, its occupancy, and when its transfer begins. */
export const DONE = 0;
export const OCCUPANCY = 1;
export const TRANSFER = 2;

/** Prepare an access, ask, then request it. Without a cache it is a plan; with one it is looked up. */
export class Memory {
  /** By DONE, OCCUPANCY and TRANSFER, in cycles. */
  readonly latest = new Float64Array(3);
  /** The phase of the access requested last before its transfer (UA-46). */
  phase = CAUSE_NUMBER['memory.latency'];
  private readonly works: WorkTable;
  private readonly model: MemoryModel | undefined;
  private readonly plans: DramPlans;
  private readonly isBlocking: boolean;
  private readonly rowMissCycles: number;
  /** Rows are numbered over all banks. */
  private readonly state: Float64Array;
  /** The access that is prepared: its plan, and the row from which the plan counts. */
  private slot = 0;
  private baseRow = 0;

  constructor(machine: Machine, works: WorkTable) {
    const { memory, cache, pipeline } = machine;
    this.works = works;
    this.model = cache ? new MemoryModel(machine) : undefined;
    this.plans = new DramPlans(memory, works);
    this.isBlocking = pipeline.execution === 'blocking';
    this.rowMissCycles = memory.rowMissCycles;
    this.state = new Float64Array(1 + PER_BANK * memory.banks);
    for (let bank = 0; bank < memory.banks; bank++) {
      this.state[PER_BANK * bank + OPEN_ROW] = NONE;
    }
  }

  /** Nobody may prepare another access before this one is requested. */
  prepare(work: number, address: number): void {
    if (this.model) {
      this.model.plan({ ...(this.works.at(work) as MemoryWork), address });
      return;
    }
    const { plans } = this;
    const period = Math.floor(address / plans.periodBytes);
    this.baseRow = period * plans.banks;
    this.slot = plans.slotOf(work, address - period * plans.periodBytes);
  }

  /** The prepared access is not done before this cycle, whenever it is requested. */
  notDoneBefore(): number {
    return this.model ? -Infinity : this.state[BUS] + this.plans.busCycles[this.slot];
  }

  /** When the prepared access is done if it is requested in `cycle`. */
  doneIf(cycle: number): number {
    if (this.model) return this.model.doneIf(cycle);
    const { plans, slot, state, baseRow, rowMissCycles } = this;
    const { places, bank } = plans;
    const end = plans.endPlace[slot];
    let done = state[BUS] + plans.busCycles[slot];
    for (let place = slot * plans.banks; place < end; place++) {
      const of = PER_BANK * bank[place];
      const at = PLACES * place;
      let start = state[of + READY] > cycle ? state[of + READY] : cycle;
      if (state[of + OPEN_ROW] !== baseRow + places[at + PLACE.firstRow]) start += rowMissCycles;
      const doneHere = start + places[at + PLACE.toDone];
      if (doneHere > done) done = doneHere;
    }
    return done;
  }

  /** From this cycle on `doneIf(cycle) − cycle` is the same for each cycle. */
  idleAt(): number {
    if (this.model) return this.model.idleAt();
    const { state } = this;
    let latest = state[BUS];
    for (let at = READY; at < state.length; at += PER_BANK) latest = Math.max(latest, state[at]);
    return latest;
  }

  /** From when the bank of the first burst is ready; −∞ where a cache stands before it (UA-28). */
  firstBankReadyAt(): number {
    if (this.model) return -Infinity;
    const { plans } = this;
    return this.state[PER_BANK * plans.bank[this.slot * plans.banks] + READY];
  }

  /** Requests the prepared access in `cycle`. */
  request(cycle: number): void {
    if (this.model) return this.requestOf(this.model, cycle);
    const { plans, slot, state, baseRow, rowMissCycles, latest } = this;
    const { places, bank } = plans;
    const end = plans.endPlace[slot];
    const busCycles = plans.busCycles[slot];
    let done = state[BUS] + busCycles;
    for (let place = slot * plans.banks; place < end; place++) {
      const of = PER_BANK * bank[place];
      const at = PLACES * place;
      let start = state[of + READY] > cycle ? state[of + READY] : cycle;
      if (state[of + OPEN_ROW] !== baseRow + places[at + PLACE.firstRow]) start += rowMissCycles;
      state[of + OPEN_ROW] = baseRow + places[at + PLACE.lastRow];
      state[of + READY] = start + places[at + PLACE.toReady];
      const doneHere = start + places[at + PLACE.toDone];
      if (doneHere > done) done = doneHere;
    }
    state[BUS] = done;
    latest[DONE] = done;
    latest[OCCUPANCY] = this.isBlocking ? done - cycle : busCycles;
    latest[TRANSFER] = done - busCycles;
  }

  private requestOf(model: MemoryModel, cycle: number): void {
    model.request(cycle, NONE);
    this.latest[DONE] = model.doneCycle;
    this.latest[OCCUPANCY] = model.occupancyCycles;
    this.latest[TRANSFER] = model.transferCycle;
    this.phase = model.phase;
  }
}
