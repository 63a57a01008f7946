/** Memory accesses under way on an overlapped machine (UA-28, UA-29). */
import type { MemoryWork } from '../../../isa/work.ts';
import { endByte, lowestByte } from './memory.ts';
import type { MemoryModel } from './memory.ts';
import { CAUSE_NUMBER, NONE } from './numbers.ts';
import type { Wait } from './wait.ts';

/** Struct of arrays, in program order; at most `requestsInFlight` of them are under way. */
export class Accesses {
  private readonly memory: MemoryModel;
  private readonly most: number;
  private count = 0;
  private readonly id: Float64Array;
  private readonly isWrite: Uint8Array;
  private readonly low: Float64Array;
  private readonly end: Float64Array;
  private readonly written: Float64Array;
  /** The latest access, and the first cycle in which the way to memory is open again. */
  private latest = NONE;
  private openAt = 0;

  constructor(memory: MemoryModel, requestsInFlight: number) {
    this.memory = memory;
    this.most = requestsInFlight;
    this.id = new Float64Array(requestsInFlight);
    this.isWrite = new Uint8Array(requestsInFlight);
    this.low = new Float64Array(requestsInFlight);
    this.end = new Float64Array(requestsInFlight);
    this.written = new Float64Array(requestsInFlight);
  }

  addHazards(access: MemoryWork, cycle: number, wait: Wait): void {
    this.addQueue(cycle, wait);
    if (cycle < this.openAt) {
      wait.add(CAUSE_NUMBER['memory.bandwidth'], this.latest, NONE);
      wait.mayChange(this.openAt, cycle);
    } else this.addBank(access, cycle, wait);
    if (access.direction === 'read') this.addOrder(access, cycle, wait);
  }

  private addQueue(cycle: number, wait: Wait): void {
    this.forgetWritten(cycle);
    if (this.count < this.most) return;
    wait.add(CAUSE_NUMBER['structural.queue'], this.id[0], NONE);
    for (let i = 0; i < this.count; i++) wait.mayChange(this.written[i], cycle);
  }

  private addBank(access: MemoryWork, cycle: number, wait: Wait): void {
    const { memory } = this;
    const bank = memory.firstBank(access);
    if (bank < 0 || memory.bankReadyAt(bank) <= cycle + 1) return;
    wait.add(CAUSE_NUMBER['structural.bank'], memory.bankUser(bank), NONE);
    wait.mayChange(memory.bankReadyAt(bank) - 1, cycle);
  }

  private addOrder(access: MemoryWork, cycle: number, wait: Wait): void {
    const low = lowestByte(access);
    const end = endByte(access);
    for (let i = this.count - 1; i >= 0; i--) {
      if (this.isWrite[i] === 0 || this.low[i] >= end || low >= this.end[i]) continue;
      wait.add(CAUSE_NUMBER['memory.order'], this.id[i], NONE);
      wait.mayChange(this.written[i], cycle);
      return;
    }
  }

  /** Leaves out the accesses that are in WB by a cycle. */
  private forgetWritten(cycle: number): void {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      if (this.written[i] > cycle) this.move(i, kept++);
    }
    this.count = kept;
  }

  private move(i: number, to: number): void {
    if (i === to) return;
    this.id[to] = this.id[i];
    this.isWrite[to] = this.isWrite[i];
    this.low[to] = this.low[i];
    this.end[to] = this.end[i];
    this.written[to] = this.written[i];
  }

  /** Notes the access that was requested last, by an instruction that issued in `cycle`. */
  add(access: MemoryWork, id: number, cycle: number): void {
    const { memory } = this;
    const i = this.count++;
    this.id[i] = id;
    this.isWrite[i] = access.direction === 'write' ? 1 : 0;
    this.low[i] = lowestByte(access);
    this.end[i] = endByte(access);
    this.written[i] = memory.doneCycle;
    this.latest = id;
    this.openAt = cycle + memory.occupancyCycles;
  }
}
