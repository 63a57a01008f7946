/** Tomasulo's algorithm with a reorder buffer: everything behind ID (UA-60 to UA-66). */
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Flow } from './flow.ts';
import type { IssueSlots } from './issue-slots.ts';
import { CAUSE_NUMBER, NONE } from './numbers.ts';
import type { Core } from './out-of-order.ts';
import { NEVER } from './pool.ts';
import { SlotList } from './slots.ts';
import { Stations } from './stations.ts';
import type { Wait } from './wait.ts';

export class Tomasulo implements Core {
  private readonly flow: Flow;
  private readonly machine: Machine;
  /** The reorder buffer: dispatched and not retired, in program order. */
  private readonly buffer: SlotList;
  private readonly stations: Stations;
  /** Reservation stations in use, for each kind of unit; those of the last WBs free up next. */
  private readonly inUse = UNITS.map(() => 0);
  private readonly leaving: SlotList;

  constructor(machine: Machine, flow: Flow) {
    this.machine = machine;
    this.flow = flow;
    this.buffer = new SlotList(machine.pipeline.reorderBufferEntries);
    this.leaving = new SlotList(machine.pipeline.reorderBufferEntries);
    this.stations = new Stations(machine, flow);
  }

  oldest(): number {
    return this.buffer.first();
  }

  isLeaving(cycle: number): boolean {
    const { buffer, flow } = this;
    const last = buffer.length - 1;
    return last < 0 || flow.pool.committed[buffer.items[last]] < cycle;
  }

  advance(cycle: number, slots: IssueSlots): void {
    this.retire(cycle);
    this.freeStations();
    this.commit(cycle);
    this.flow.enterMemory(cycle);
    this.write(cycle);
    this.stations.issue(cycle, slots);
  }

  private retire(cycle: number): void {
    const { buffer, flow } = this;
    let count = 0;
    while (count < buffer.length && flow.pool.committed[buffer.items[count]] < cycle) {
      flow.retire(buffer.items[count++], cycle);
    }
    if (count > 0) buffer.removeFirst(count);
  }

  private freeStations(): void {
    const { leaving, flow } = this;
    for (let i = 0; i < leaving.length; i++) this.inUse[flow.pool.unit[leaving.items[i]]]--;
    leaving.length = 0;
  }

  /** UA-65: up to W in program order, each behind its WB. */
  private commit(cycle: number): void {
    const { buffer, flow } = this;
    const { pool } = flow;
    for (let i = 0; i < Math.min(buffer.length, this.machine.pipeline.width); i++) {
      const slot = buffer.items[i];
      if (pool.written[slot] >= cycle) return;
      pool.committed[slot] = cycle;
      flow.enter(slot, cycle, 'CT');
    }
  }

  /** UA-64: results need a bus, the oldest first; the others enter WB when they are done. */
  private write(cycle: number): void {
    if (cycle < this.flow.nextDone) return;
    const { pool, executing } = this.flow;
    for (let i = executing.length - 1; i >= 0; i--) {
      const slot = executing.items[i];
      if (pool.done[slot] <= cycle && pool.writes[slot] < 0) this.enterWrite(i, cycle);
    }
    for (let bus = 0; bus < this.machine.pipeline.writePorts; bus++) {
      const index = this.oldestResult(cycle);
      if (index < 0) break;
      this.enterWrite(index, cycle);
    }
    this.flow.nextDone = this.earliestDone();
  }

  private earliestDone(): number {
    const { pool, executing } = this.flow;
    let earliest = Infinity;
    for (let i = 0; i < executing.length; i++) {
      const done = pool.done[executing.items[i]];
      if (done < earliest) earliest = done;
    }
    return earliest;
  }

  /** The place in the list of the oldest result that is done and waits. */
  private oldestResult(cycle: number): number {
    const { pool, executing } = this.flow;
    let oldest = NONE;
    for (let i = 0; i < executing.length; i++) {
      const slot = executing.items[i];
      if (pool.done[slot] > cycle || pool.writes[slot] < 0) continue;
      if (oldest < 0 || pool.id[slot] < pool.id[executing.items[oldest]]) oldest = i;
    }
    return oldest;
  }

  private enterWrite(index: number, cycle: number): void {
    const { flow, leaving } = this;
    const slot = flow.executing.items[index];
    flow.executing.removeAt(index);
    flow.pool.written[slot] = cycle;
    flow.enter(slot, cycle, 'WB');
    leaving.push(slot);
    if (flow.pool.isAccess[slot] === 1) this.stations.forgetAccess(slot);
  }

  /** UA-60. */
  dispatch(slot: number, cycle: number, wait: Wait): boolean {
    const { flow, buffer, machine, inUse } = this;
    const { pool } = flow;
    const unit = pool.unit[slot];
    wait.clear();
    if (buffer.length === machine.pipeline.reorderBufferEntries) {
      wait.add(CAUSE_NUMBER['structural.queue'], pool.id[buffer.first()], NONE);
    }
    if (inUse[unit] >= machine.pipeline.stations) {
      wait.add(CAUSE_NUMBER['structural.queue'], this.oldestInStation(unit, cycle), NONE);
    }
    if (wait.causes !== 0) return false;
    pool.dispatched[slot] = cycle;
    flow.rename(slot);
    buffer.push(slot);
    inUse[unit]++;
    this.stations.enter(slot);
    flow.enter(slot, cycle, 'RS');
    return true;
  }

  private oldestInStation(unit: number, cycle: number): number {
    const { pool } = this.flow;
    for (let i = 0; i < this.buffer.length; i++) {
      const slot = this.buffer.items[i];
      const written = pool.written[slot];
      if (pool.unit[slot] === unit && (written === NEVER || cycle <= written)) return pool.id[slot];
    }
    throw new Error(`invariant: no station for ${UNITS[unit]} is in use`);
  }
}

/** Instructions in flight at most: the reorder buffer, IF and ID. */
export function tomasuloCapacity({ pipeline }: Machine): number {
  return pipeline.reorderBufferEntries + 2 * pipeline.width;
}
