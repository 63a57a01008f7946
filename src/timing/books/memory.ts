/** Memory as the loops in program order see it (UA-14, UA-40 to UA-46). */
import type { MemoryWork } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { WorkTable } from '../../vm/step-block.ts';
import { MemoryModel } from '../event/memory.ts';
import { CAUSE_NUMBER, NONE } from '../event/numbers.ts';
import { DramPlans } from './dram-plans.ts';

/**
 * Prepare an access, ask, then request it; the fields are about the access requested last. Without
 * a cache an access is a plan; with one it is looked up line by line.
 */
export class Memory {
  /** The cycle in which it is done. */
  doneCycle = 0;
  occupancyCycles = 0;
  /** From this cycle on its phase is `memory.bandwidth`, until then this one (UA-46). */
  transferCycle = 0;
  phase = CAUSE_NUMBER['memory.latency'];
  private readonly works: WorkTable;
  private readonly model: MemoryModel | undefined;
  private readonly plans: DramPlans;
  private readonly isBlocking: boolean;
  private readonly rowMissCycles: number;
  /** Of each bank: the number of the open row among those of all banks, and from when it is ready. */
  private readonly openRow: Float64Array;
  private readonly ready: Float64Array;
  private busFree = 0;
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
    this.openRow = new Float64Array(memory.banks).fill(NONE);
    this.ready = new Float64Array(memory.banks);
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

  /** When the prepared access is done if it is requested in `cycle`. */
  doneIf(cycle: number): number {
    if (this.model) return this.model.doneIf(cycle);
    const { plans, slot } = this;
    const { toDone } = plans;
    const endPlace = plans.endPlace[slot];
    let done = this.busFree + plans.busCycles[slot];
    for (let place = plans.firstPlace[slot]; place < endPlace; place++) {
      const end = this.startIn(place, cycle) + toDone[place];
      if (end > done) done = end;
    }
    return done;
  }

  /** When the first burst in a bank starts if the prepared access is requested in `cycle`. */
  private startIn(place: number, cycle: number): number {
    const { plans, ready, openRow } = this;
    const bank = plans.bank[place];
    const start = ready[bank] > cycle ? ready[bank] : cycle;
    const isOpen = openRow[bank] === this.baseRow + plans.firstRow[place];
    return isOpen ? start : start + this.rowMissCycles;
  }

  /** From this cycle on `doneIf(cycle) − cycle` is the same for each cycle. */
  idleAt(): number {
    if (this.model) return this.model.idleAt();
    return this.ready.reduce((latest, cycle) => Math.max(latest, cycle), this.busFree);
  }

  /** From when the bank of the first burst is ready; −∞ where a cache stands before it (UA-28). */
  firstBankReadyAt(): number {
    if (this.model) return -Infinity;
    const { plans, ready } = this;
    return ready[plans.bank[plans.firstPlace[this.slot]]];
  }

  /** Requests the prepared access in `cycle`. */
  request(cycle: number): void {
    if (this.model) return this.requestOf(this.model, cycle);
    const { plans, slot, ready, openRow, baseRow } = this;
    const { bank, lastRow, toReady, toDone } = plans;
    const endPlace = plans.endPlace[slot];
    const busCycles = plans.busCycles[slot];
    let done = this.busFree + busCycles;
    for (let place = plans.firstPlace[slot]; place < endPlace; place++) {
      const start = this.startIn(place, cycle);
      ready[bank[place]] = start + toReady[place];
      openRow[bank[place]] = baseRow + lastRow[place];
      if (start + toDone[place] > done) done = start + toDone[place];
    }
    this.busFree = done;
    this.doneCycle = done;
    this.transferCycle = done - busCycles;
    this.occupancyCycles = this.isBlocking ? done - cycle : busCycles;
  }

  private requestOf(model: MemoryModel, cycle: number): void {
    model.request(cycle, NONE);
    this.doneCycle = model.doneCycle;
    this.transferCycle = model.transferCycle;
    this.occupancyCycles = model.occupancyCycles;
    this.phase = model.phase;
  }
}
