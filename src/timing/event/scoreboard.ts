/** The scoreboard: units reserved at dispatch, operands read together (UA-50 to UA-53). */
import { isTileRegister } from '../../../isa/registers.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Flow } from './flow.ts';
import type { IssueSlots } from './issue-slots.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, unitCounts } from './numbers.ts';
import type { Core } from './out-of-order.ts';
import { NEVER } from './pool.ts';
import { SlotList } from './slots.ts';
import { Wait } from './wait.ts';

export class Scoreboard implements Core {
  private readonly flow: Flow;
  /** Dispatched, up to and with WB, in program order: each of them keeps a unit reserved. */
  private readonly reserved: SlotList;
  private readonly counts: readonly number[];
  /** Of an instruction that is done but held by WAR in this cycle: the oldest that holds it. */
  private readonly heldBy: Int32Array;
  private readonly wait = new Wait();

  constructor(machine: Machine, flow: Flow) {
    this.flow = flow;
    this.counts = unitCounts(machine);
    this.reserved = new SlotList(scoreboardCapacity(machine));
    this.heldBy = new Int32Array(scoreboardCapacity(machine)).fill(NONE);
  }

  oldest(): number {
    return this.reserved.first();
  }

  isLeaving(cycle: number): boolean {
    const { reserved, flow } = this;
    for (let i = 0; i < reserved.length; i++) {
      if (flow.pool.written[reserved.items[i]] >= cycle) return false;
    }
    return true;
  }

  advance(cycle: number, slots: IssueSlots): void {
    this.retire(cycle);
    this.flow.enterMemory(cycle);
    this.write(cycle);
    this.issue(cycle, slots);
  }

  private retire(cycle: number): void {
    const { reserved, flow } = this;
    for (let i = 0; i < reserved.length;) {
      const slot = reserved.items[i];
      if (flow.pool.written[slot] < cycle) {
        reserved.removeAt(i);
        flow.retire(slot, cycle);
      } else i++;
    }
  }

  /** UA-52: a result waits until nobody needs the old value. */
  private write(cycle: number): void {
    const { pool, executing } = this.flow;
    for (let i = 0; i < executing.length;) {
      const slot = executing.items[i];
      const isDone = pool.done[slot] <= cycle;
      this.heldBy[slot] = isDone ? this.oldestHolder(slot, cycle) : NONE;
      if (!isDone || this.heldBy[slot] >= 0) {
        i++;
        continue;
      }
      pool.written[slot] = cycle;
      executing.removeAt(i);
      this.flow.enter(slot, cycle, 'WB');
    }
  }

  /** The oldest earlier instruction that still needs the old value of the register. */
  private oldestHolder(writer: number, cycle: number): number {
    const { pool } = this.flow;
    const register = pool.writes[writer];
    if (register < 0) return NONE;
    for (let i = 0; this.reserved.items[i] !== writer; i++) {
      const slot = this.reserved.items[i];
      if (!pool.readsRegister(slot, register)) continue;
      const issued = pool.issued[slot];
      if (issued === NEVER) return slot;
      const letsGo = isTileRegister(register) ? issued + pool.readCycles[slot] : issued + 1;
      if (cycle < letsGo) return slot;
    }
    return NONE;
  }

  /** UA-51: the oldest that is ready. */
  private issue(cycle: number, slots: IssueSlots): void {
    const { reserved, wait, flow } = this;
    const { pool } = flow;
    for (let i = 0; i < reserved.length; i++) {
      const slot = reserved.items[i];
      if (pool.issued[slot] !== NEVER) continue;
      wait.clear();
      this.addRaw(slot, cycle, wait);
      if (wait.causes === 0) {
        flow.issue(slot, cycle, 1);
        slots.addIssue(pool.id[slot]);
        return;
      }
      flow.mayHappen(wait.until, cycle);
      if (slots.hasRoom()) slots.addWait(pool.id[slot], wait);
    }
  }

  /** The first source whose writer is not behind WB; UA-53 says whose fault that is. */
  private addRaw(slot: number, cycle: number, wait: Wait): void {
    const { pool } = this.flow;
    for (let k = 0; k < pool.sourceCount[slot]; k++) {
      const writer = pool.producer(slot, k);
      if (writer < 0) continue;
      if (this.addWar(writer, wait)) return;
      const register = pool.sourceRegister[slot * pool.maxSources + k];
      wait.add(CAUSE_NUMBER.raw, pool.id[writer], register);
      if (cycle < pool.done[writer]) this.flow.addPhase(writer, cycle, wait);
      return;
    }
  }

  /** UA-53: a hazard because of an instruction that is held by WAR is a WAR hazard instead. */
  private addWar(slot: number, wait: Wait): boolean {
    const { pool } = this.flow;
    const holder = this.heldBy[slot];
    if (holder >= 0) wait.add(CAUSE_NUMBER.war, pool.id[holder], pool.writes[slot]);
    return holder >= 0;
  }

  /** UA-50. */
  dispatch(slot: number, cycle: number, wait: Wait): boolean {
    const { flow, reserved } = this;
    wait.clear();
    this.addStructural(flow.pool.unit[slot], wait);
    this.addWaw(flow.pool.writes[slot], wait);
    if (wait.causes !== 0) return false;
    flow.pool.dispatched[slot] = cycle;
    flow.rename(slot);
    this.heldBy[slot] = NONE;
    reserved.push(slot);
    flow.enter(slot, cycle, 'RO');
    return true;
  }

  private addStructural(unit: number, wait: Wait): void {
    const { pool } = this.flow;
    let oldest = NONE;
    let count = 0;
    for (let i = 0; i < this.reserved.length; i++) {
      if (pool.unit[this.reserved.items[i]] !== unit) continue;
      if (count++ === 0) oldest = this.reserved.items[i];
    }
    if (count < this.counts[unit] || this.addWar(oldest, wait)) return;
    wait.add(STRUCTURAL[unit], pool.id[oldest], NONE);
  }

  private addWaw(register: number, wait: Wait): void {
    const { pool } = this.flow;
    if (register < 0) return;
    for (let i = 0; i < this.reserved.length; i++) {
      const slot = this.reserved.items[i];
      if (pool.writes[slot] === register) wait.add(CAUSE_NUMBER.waw, pool.id[slot], register);
    }
  }
}

/** Instructions in flight at most: one for each unit, one in IF and one in ID. */
export function scoreboardCapacity(machine: Machine): number {
  return unitCounts(machine).reduce((sum, count) => sum + count, 2);
}
