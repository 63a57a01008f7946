/** What the parts of an out-of-order machine share: the instructions in flight, and the clock. */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import { UNITS, bytesOf, macsOf } from '../../../isa/work.ts';
import type { StageEvent } from '../events.ts';
import { MemoryModel } from './memory.ts';
import type { Machine } from '../../machine/machine.ts';
import { CAUSE_NUMBER, NONE } from './numbers.ts';
import type { Outlet } from './outlet.ts';
import { Pool } from './pool.ts';
import { SlotList } from './slots.ts';
import type { Wait } from './wait.ts';
import type { Tally } from '../books/tally.ts';

/**
 * In a cycle in which something happens the state changes, so the next cycle is looked at too. In
 * one in which nothing happens, nothing will before `next`: there time jumps.
 */
export class Flow {
  readonly pool: Pool;
  readonly memory: MemoryModel;
  /** Issued and not yet in WB. */
  readonly executing: SlotList;
  /** No instruction that executes is done before this cycle. */
  nextDone = Infinity;
  /** Whether all causes that hold are asked for, or only the one that is charged. */
  readonly isHeard: boolean;
  /** Accesses that issued in the cycle before, and enter MEM. */
  readonly requesting: SlotList;
  hasHappened = false;
  next = Infinity;
  /** The instruction that writes each register last in program order, of those dispatched. */
  private readonly writerSlot = new Int32Array(REGISTER_COUNT).fill(NONE);
  private readonly writerId = new Float64Array(REGISTER_COUNT).fill(NONE);
  private readonly outlet: Outlet | undefined;
  private readonly tally: Tally | undefined;

  /** Tells of every step to an outlet, or of what is summed up to a tally. */
  constructor(
    machine: Machine,
    { outlet, tally }: { readonly outlet?: Outlet; readonly tally?: Tally },
    capacity: number,
    maxSources: number,
  ) {
    this.pool = new Pool(capacity, maxSources);
    this.memory = new MemoryModel(machine);
    this.executing = new SlotList(capacity);
    this.requesting = new SlotList(capacity);
    this.outlet = outlet;
    this.isHeard = outlet !== undefined;
    this.tally = tally;
  }

  beginCycle(): void {
    this.hasHappened = false;
    this.next = Infinity;
  }

  /** Notes that something may happen in a later cycle. */
  mayHappen(at: number, cycle: number): void {
    if (at > cycle && at < this.next) this.next = at;
  }

  enter(slot: number, cycle: number, stage: StageEvent['stage']): void {
    this.hasHappened = true;
    this.outlet?.put({ kind: 'stage', cycle, id: this.pool.id[slot], stage });
  }

  fetch(slot: number, cycle: number, segment: number): void {
    this.hasHappened = true;
    const { pool } = this;
    this.tally?.fetch(pool.id[slot], pool.pc[slot], segment);
    this.outlet?.put({ kind: 'fetch', cycle, id: pool.id[slot], pc: pool.pc[slot] });
  }

  retire(slot: number, cycle: number): void {
    this.hasHappened = true;
    const { pool } = this;
    this.tally?.retire(pool.id[slot], pool.work[slot], pool.writes[slot] >= 0);
    this.outlet?.put({ kind: 'retire', cycle, id: pool.id[slot] });
    pool.release(slot);
  }

  /** Finds the instructions that write the sources, and enters this one as a writer. */
  rename(slot: number): void {
    const { pool, writerSlot, writerId } = this;
    const first = slot * pool.maxSources;
    for (let k = first; k < first + pool.sourceCount[slot]; k++) {
      pool.sourceSlot[k] = writerSlot[pool.sourceRegister[k]];
      pool.sourceId[k] = writerId[pool.sourceRegister[k]];
    }
    const register = pool.writes[slot];
    if (register < 0) return;
    writerSlot[register] = slot;
    writerId[register] = pool.id[slot];
  }

  /** Starts an instruction on its unit; `toReader`: from done to the issue of a reader. */
  issue(slot: number, cycle: number, toReader: number): void {
    this.hasHappened = true;
    const { pool, memory } = this;
    const access = pool.access[slot];
    pool.issued[slot] = cycle;
    pool.done[slot] = cycle + pool.executeCycles[slot];
    if (access) {
      memory.plan(access);
      memory.request(cycle + 1, pool.id[slot]);
      pool.done[slot] = memory.doneCycle;
      pool.occupancyCycles[slot] = pool.readCycles[slot] = memory.occupancyCycles;
      pool.transfer[slot] = memory.transferCycle;
      pool.phase[slot] = memory.phase;
      this.requesting.push(slot);
    }
    this.executing.push(slot);
    if (pool.done[slot] < this.nextDone) this.nextDone = pool.done[slot];
    this.tally?.occupy(pool.unit[slot], cycle, pool.occupancyCycles[slot]);
    this.outlet?.put({
      kind: 'issue',
      cycle,
      id: pool.id[slot],
      unit: UNITS[pool.unit[slot]],
      latencyCycles: pool.done[slot] - cycle + (pool.writes[slot] >= 0 ? toReader : 0),
      occupancyCycles: pool.occupancyCycles[slot],
      macs: macsOf(pool.work[slot]),
      bytes: bytesOf(pool.work[slot]),
    });
  }

  /** Accesses enter MEM behind the one cycle of their address (UA-14). */
  enterMemory(cycle: number): void {
    const { requesting } = this;
    for (let i = 0; i < requesting.length; i++) this.enter(requesting.items[i], cycle, 'MEM');
    requesting.length = 0;
  }

  /** The phase of an access in MEM holds beside the RAW hazard that it causes (UA-46). */
  addPhase(slot: number, cycle: number, wait: Wait): void {
    const { pool } = this;
    if (pool.isAccess[slot] === 0 || !(pool.issued[slot] < cycle) || pool.done[slot] <= cycle)
      return;
    const isTransfer = cycle >= pool.transfer[slot];
    wait.add(isTransfer ? CAUSE_NUMBER['memory.bandwidth'] : pool.phase[slot], NONE, NONE);
    wait.mayChange(pool.transfer[slot], cycle);
  }

  /** Notes when the instructions that execute will be done, and let go of what they hold. */
  noteExecuting(cycle: number): void {
    const { executing, pool } = this;
    for (let i = 0; i < executing.length; i++) {
      const slot = executing.items[i];
      this.mayHappen(pool.done[slot], cycle);
      this.mayHappen(pool.issued[slot] + pool.occupancyCycles[slot], cycle);
      this.mayHappen(pool.issued[slot] + pool.readCycles[slot], cycle);
    }
  }
}
