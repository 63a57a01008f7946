/** The reservation stations: who waits there, for what, and who issues (UA-61 to UA-63). */
import type { MemoryWork } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Flow } from './flow.ts';
import type { IssueSlots } from './issue-slots.ts';
import { CAUSE_NUMBER, NONE, UNIT_NUMBER } from './numbers.ts';
import { NEVER } from './pool.ts';
import { SlotList } from './slots.ts';
import { Units } from './units.ts';
import { Wait } from './wait.ts';

/** What an instruction is charged to that waits for a value, where names do not matter. */
const SLEEP = new Wait();
SLEEP.add(CAUSE_NUMBER.raw, NONE, NONE);

export class Stations {
  private readonly flow: Flow;
  private readonly machine: Machine;
  private readonly units: Units;
  /** In RS, in program order. */
  private readonly waiting: SlotList;
  /** Accesses from dispatch to WB, in program order. */
  private readonly accesses: SlotList;
  /** The access that issued last, and the first cycle in which the way to memory is open again. */
  private latestAccess = NONE;
  private openAt = 0;
  /** From the WB of a result to the issue of a reader. */
  private readonly toReader: number;
  private readonly wait = new Wait();
  /** Of a slot: a writer that it waits for until its WB, by slot and number; −1 when not known. */
  private readonly sleepsOn: Int32Array;
  private readonly sleepsOnId: Float64Array;
  private readonly wakesAtIssue: Uint8Array;
  /** Kinds of units, as bits, of which nobody can issue in this cycle any more. */
  private closedKinds = 0;

  constructor(machine: Machine, flow: Flow) {
    const { forwarding, reorderBufferEntries } = machine.pipeline;
    this.machine = machine;
    this.flow = flow;
    this.units = new Units(machine);
    this.waiting = new SlotList(reorderBufferEntries);
    this.accesses = new SlotList(reorderBufferEntries);
    this.toReader = forwarding ? 0 : 1;
    this.sleepsOn = new Int32Array(flow.pool.capacity);
    this.sleepsOnId = new Float64Array(flow.pool.capacity);
    this.wakesAtIssue = new Uint8Array(flow.pool.capacity);
  }

  enter(slot: number): void {
    this.waiting.push(slot);
    this.sleepsOn[slot] = NONE;
    if (this.flow.pool.isAccess[slot] === 1) this.accesses.push(slot);
  }

  /** An access is in WB. */
  forgetAccess(slot: number): void {
    this.accesses.remove(slot);
  }

  /** UA-62: oldest first, until W have issued. */
  issue(cycle: number, slots: IssueSlots): void {
    const { waiting, flow, wait } = this;
    const { width } = this.machine.pipeline;
    let kept = 0;
    this.closedKinds = 0;
    for (let i = 0; i < waiting.length; i++) {
      const slot = waiting.items[i];
      if (this.sleeps(slot)) {
        waiting.items[kept++] = slot;
        if (slots.hasRoom()) slots.addWait(flow.pool.id[slot], SLEEP);
        continue;
      }
      if (slots.issued < width && this.isFree(slot, cycle, slots.hasRoom())) {
        this.start(slot, cycle);
        slots.addIssue(flow.pool.id[slot]);
        continue;
      }
      waiting.items[kept++] = slot;
      if (slots.issued < width) flow.mayHappen(wait.until, cycle);
      if (slots.hasRoom()) slots.addWait(flow.pool.id[slot], wait);
    }
    waiting.length = kept;
  }

  /**
   * Whether it is known that it waits for a value that is not in WB. Then, if nobody listens, there
   * is nothing more to ask: `raw` is what is charged first.
   */
  private sleeps(slot: number): boolean {
    const writer = this.sleepsOn[slot];
    if (writer < 0) return false;
    const { pool } = this.flow;
    const stage = this.wakesAtIssue[slot] === 1 ? pool.issued : pool.written;
    if (pool.id[writer] === this.sleepsOnId[slot] && stage[writer] === NEVER) return true;
    this.sleepsOn[slot] = NONE;
    return false;
  }

  private fallAsleep(slot: number, writer: number, register: number): void {
    const { pool } = this.flow;
    // What it accumulates onto it may get sooner, inside the array (UA-16).
    const wakesAtIssue = register === pool.accumulates[slot];
    if ((wakesAtIssue ? pool.issued : pool.written)[writer] !== NEVER) return;
    this.wakesAtIssue[slot] = wakesAtIssue ? 1 : 0;
    this.sleepsOn[slot] = writer;
    this.sleepsOnId[slot] = pool.id[writer];
  }

  /** Whether no hazard holds; with `isCharged`, `wait` has all of those that do. */
  private isFree(slot: number, cycle: number, isCharged: boolean): boolean {
    const { wait, flow, machine } = this;
    const unit = flow.pool.unit[slot];
    if (!isCharged && this.closedKinds & (1 << unit)) return false;
    wait.clear();
    const chained = this.chainedTo(slot, cycle);
    if (machine.pipeline.dependencies) this.addRaw(slot, cycle, chained);
    if (wait.causes !== 0 && !(isCharged && flow.isHeard)) return false;
    if (flow.pool.isAccess[slot] === 1) this.addMemory(slot, cycle);
    else if (this.units.addHazard(unit, this.wantedUnit(chained), cycle, wait) && chained < 0) {
      this.closedKinds |= 1 << unit;
    }
    return wait.causes === 0;
  }

  /** UA-61: the first source that is not there. */
  private addRaw(slot: number, cycle: number, chained: number): void {
    const { flow, wait } = this;
    const { pool } = flow;
    for (let k = 0; k < pool.sourceCount[slot]; k++) {
      const writer = pool.producer(slot, k);
      if (writer < 0 || cycle >= pool.written[writer] + this.toReader) continue;
      const register = pool.sourceRegister[slot * pool.maxSources + k];
      if (chained >= 0 && register === pool.accumulates[slot]) continue;
      wait.add(CAUSE_NUMBER.raw, pool.id[writer], register);
      if (flow.isHeard) flow.addPhase(writer, cycle, wait);
      else this.fallAsleep(slot, writer, register);
      return;
    }
  }

  /** UA-16: the product whose sums stay inside the array, or −1. */
  private chainedTo(slot: number, cycle: number): number {
    const { pool } = this.flow;
    const { mxu, pipeline } = this.machine;
    const register = pool.accumulates[slot];
    if (register < 0 || !mxu.accumulatorForwarding || !pipeline.dependencies) return NONE;
    const last = pool.sourceCount[slot] - 1; // an accumulator is the last source
    const writer = pool.producer(slot, last);
    if (writer < 0 || pool.unit[writer] !== UNIT_NUMBER.mxu) return NONE;
    const isPending = cycle < pool.written[writer] + this.toReader;
    return pool.issued[writer] !== NEVER && isPending ? writer : NONE;
  }

  private wantedUnit(chained: number): number {
    return chained >= 0 ? this.flow.pool.unitIndex[chained] : NONE;
  }

  /** UA-28 and UA-63. */
  private addMemory(slot: number, cycle: number): void {
    const { flow, wait, machine } = this;
    const { pool } = flow;
    this.addQueue();
    if (cycle < this.openAt) {
      this.closedKinds |= 1 << UNIT_NUMBER.dma;
      wait.add(CAUSE_NUMBER['memory.bandwidth'], this.latestAccess, NONE);
      wait.mayChange(this.openAt, cycle);
    } else this.addBank(pool.access[slot]!, cycle);
    if (machine.pipeline.dependencies) this.addOrder(slot, cycle);
  }

  private addBank(access: MemoryWork, cycle: number): void {
    const { wait } = this;
    const { memory } = this.flow;
    const bank = memory.firstBank(access);
    if (bank < 0 || memory.bankReadyAt(bank) <= cycle + 1) return;
    wait.add(CAUSE_NUMBER['structural.bank'], memory.bankUser(bank), NONE);
    wait.mayChange(memory.bankReadyAt(bank) - 1, cycle);
  }

  private addQueue(): void {
    const { accesses, flow, wait, machine } = this;
    let oldest = NONE;
    let count = 0;
    for (let i = 0; i < accesses.length; i++) {
      if (flow.pool.issued[accesses.items[i]] === NEVER) continue;
      if (count++ === 0) oldest = flow.pool.id[accesses.items[i]];
    }
    if (count < machine.memory.requestsInFlight) return;
    this.closedKinds |= 1 << UNIT_NUMBER.dma;
    wait.add(CAUSE_NUMBER['structural.queue'], oldest, NONE);
  }

  /** UA-63: a read waits until earlier writes are done, a write until earlier accesses have issued. */
  private addOrder(slot: number, cycle: number): void {
    const { accesses, flow, wait } = this;
    const { pool } = flow;
    const isWrite = pool.isWrite[slot] === 1;
    let latest = NONE;
    for (let i = 0; accesses.items[i] !== slot; i++) {
      const earlier = accesses.items[i];
      if (!pool.overlap(earlier, slot)) continue;
      const isOver = isWrite
        ? pool.issued[earlier] < cycle
        : pool.isWrite[earlier] === 0 || pool.done[earlier] <= cycle;
      if (!isOver) latest = pool.id[earlier];
    }
    if (latest >= 0) wait.add(CAUSE_NUMBER['memory.order'], latest, NONE);
  }

  private start(slot: number, cycle: number): void {
    const { flow, units } = this;
    const { pool } = flow;
    const id = pool.id[slot];
    const wanted = this.wantedUnit(this.chainedTo(slot, cycle));
    flow.issue(slot, cycle, this.toReader);
    if (pool.isAccess[slot] === 1) {
      this.latestAccess = id;
      this.openAt = cycle + pool.occupancyCycles[slot];
      return;
    }
    const unit = pool.unit[slot];
    pool.unitIndex[slot] = wanted >= 0 ? wanted : units.lowestOpen(unit, cycle);
    units.close(unit, pool.unitIndex[slot], id, cycle + pool.occupancyCycles[slot]);
  }
}
