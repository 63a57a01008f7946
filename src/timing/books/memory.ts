/** Memory as the loops in program order see it (UA-14, UA-40 to UA-46). */
import type { MemoryWork } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { WorkTable } from '../../vm/step-block.ts';
import { MemoryModel } from '../event/memory.ts';
import { CAUSE_NUMBER, NONE } from '../event/numbers.ts';
import type { Exchange } from './saved.ts';
import type { Shift, StateWriter, Stateful } from './state.ts';
import { shiftTimes } from './state.ts';
import { DramPlans, PLACE, PLACES } from './dram-plans.ts';

/** Where the state of DRAM has what: the cycle from which the bus is free; of each bank, two numbers. */
const BUS = 0;
const READY = 1;
const OPEN_ROW = 2;
const PER_BANK = 2;

/**
 * Of the access requested last: when it is done, its occupancy, when its transfer begins, and, on an
 * overlapped machine, when it issued. In a table, because numbers that cross a call are boxed.
 */
export const DONE = 0;
export const OCCUPANCY = 1;
export const TRANSFER = 2;
export const ISSUED = 3;

/** Prepare an access, ask, then request it. Without a cache it is a plan; with one it is looked up. */
export class Memory implements Stateful {
  /** By DONE, OCCUPANCY, TRANSFER and ISSUED, in cycles. */
  readonly latest = new Float64Array(4);
  /** The phase of the access requested last before its transfer (UA-46). */
  phase = CAUSE_NUMBER['memory.latency'];
  private readonly works: WorkTable;
  private readonly model: MemoryModel | undefined;
  private readonly plans: DramPlans;
  private readonly isBlocking: boolean;
  private readonly rowMissCycles: number;
  /** Rows are numbered over all banks. */
  private readonly state: Float64Array;
  /** Of each bank: the code address of the access that opened its row. */
  private readonly opener: Int32Array;
  readonly rowBytes: number;
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
    this.opener = new Int32Array(memory.banks).fill(NONE);
    this.rowBytes = memory.rowBytes;
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

  /**
   * Requests the prepared access in `cycle`, for the instruction at a code address. Asked so often
   * that it has its constants at hand.
   */
  request(cycle: number, pc: number): void {
    if (this.model) return this.requestOf(this.model, cycle);
    const perBank = 2;
    const ready = 1;
    const openRow = 2;
    const perPlace = 4;
    const { plans, slot, state, baseRow, rowMissCycles, latest, opener } = this;
    const { places, bank } = plans;
    const end = plans.endPlace[slot];
    const busCycles = plans.busCycles[slot];
    let done = state[0] + busCycles;
    for (let place = slot * plans.banks; place < end; place++) {
      const of = perBank * bank[place];
      const at = perPlace * place;
      let start = state[of + ready] > cycle ? state[of + ready] : cycle;
      if (state[of + openRow] !== baseRow + places[at]) start += rowMissCycles;
      state[of + openRow] = baseRow + places[at + 1];
      opener[bank[place]] = pc;
      state[of + ready] = start + places[at + 2];
      const doneHere = start + places[at + 3];
      if (doneHere > done) done = doneHere;
    }
    state[0] = done;
    latest[0] = done;
    latest[1] = this.isBlocking ? done - cycle : busCycles;
    latest[2] = done - busCycles;
  }

  private requestOf(model: MemoryModel, cycle: number): void {
    model.request(cycle, NONE);
    this.latest[DONE] = model.doneCycle;
    this.latest[OCCUPANCY] = model.occupancyCycles;
    this.latest[TRANSFER] = model.transferCycle;
    this.phase = model.phase;
  }

  /** Whether accesses at a distance of `periodBytes` do the same; behind a cache they do not. */
  get isPeriodic(): boolean {
    return this.model === undefined;
  }

  /** Accesses so many bytes apart touch the same banks in the same way. */
  get periodBytes(): number {
    return this.plans.periodBytes;
  }

  /** How far addresses may be apart if rows do not matter; 0 where they do, or a cache stands there. */
  get samePlaceBytes(): number {
    return this.model || this.rowMissCycles > 0 ? 0 : this.plans.periodBytes;
  }

  /** Without a cache. */
  exchange(exchange: Exchange): void {
    const { state, opener, rowMissCycles } = this;
    exchange.times(state, BUS, BUS + 1);
    for (let at = READY; at < state.length; at += PER_BANK) exchange.times(state, at, at + 1);
    // Where a row opens in no time it does not matter which is open, and by whom.
    if (rowMissCycles === 0) return;
    exchange.exact(opener, 0, opener.length);
    for (let at = OPEN_ROW; at < state.length; at += PER_BANK) exchange.exact(state, at, at + 1);
  }

  describe(state: StateWriter): void {
    const { opener, rowBytes } = this;
    state.times([this.state[BUS]]);
    opener.forEach((pc, bank) => {
      state.times([this.state[PER_BANK * bank + READY]]);
      // Where a row opens in no time it does not matter which is open.
      if (this.rowMissCycles === 0) return;
      state.place(this.state[PER_BANK * bank + OPEN_ROW] * rowBytes, pc);
    });
  }

  shift(shift: Shift): void {
    const { state, opener, rowBytes } = this;
    const times = state.filter((_, at) => at === BUS || at % PER_BANK === READY);
    shiftTimes(times, shift);
    state[BUS] = times[0];
    opener.forEach((pc, bank) => {
      state[PER_BANK * bank + READY] = times[1 + bank];
      if (pc < 0 || this.rowMissCycles === 0) return;
      state[PER_BANK * bank + OPEN_ROW] += (shift.times * shift.moved[pc]) / rowBytes;
    });
  }
}
