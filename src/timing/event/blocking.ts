/** The blocking pipeline: EX and MEM hold one instruction each (UA-20, UA-22, UA-23). */
import type { Machine } from '../../machine/machine.ts';
import type { Issuer } from './in-order.ts';
import { MemoryModel } from './memory.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, UNIT_NUMBER } from './numbers.ts';
import { Registers } from './registers.ts';
import type { Stream } from './stream.ts';
import { Wait } from './wait.ts';

/** An instruction on its way through EX and MEM. */
interface Occupant {
  id: number;
  unit: number;
  /** Its executeCycles are over from this cycle on. */
  executed: number;
  mem: number;
  written: number;
  /** Of an access: see UA-46. */
  transfer: number;
  phase: number;
}

const nobody = (): Occupant => ({
  id: NONE,
  unit: 0,
  executed: 0,
  mem: 0,
  written: 0,
  transfer: 0,
  phase: 0,
});

export class Blocking implements Issuer {
  readonly wait = new Wait();
  mem = 0;
  written = 0;
  private ready = 0;
  occupancyCycles = 0;
  latencyCycles = 0;
  private readonly stream: Stream;
  private readonly memory: MemoryModel;
  private readonly registers = new Registers();
  private readonly forwarding: boolean;
  private readonly chains: boolean;
  /** The instruction issued last, and the one before it. */
  private last = nobody();
  private beforeLast = nobody();

  constructor(machine: Machine, stream: Stream) {
    this.stream = stream;
    this.memory = new MemoryModel(machine);
    this.forwarding = machine.pipeline.forwarding;
    this.chains = machine.mxu.accumulatorForwarding;
  }

  prepare(): void {
    // Nothing depends on the instruction alone.
  }

  isHeld(cycle: number): boolean {
    this.wait.clear();
    this.addRaw(cycle);
    this.addStructural(cycle);
    return this.wait.causes !== 0;
  }

  /** UA-22; the source that is pending longest, as far as can be known in this cycle. */
  private addRaw(cycle: number): void {
    const { stream, registers, wait } = this;
    const { table, from, to } = stream;
    const exempt = this.isChained(cycle) ? stream.accumulates : NONE;
    let longest = cycle;
    let named = NONE;
    for (let k = from; k < to; k++) {
      const register = table.sources[k];
      if (cycle >= registers.ready[register] || register === exempt) continue;
      const until = this.knownUntil(register, cycle);
      if (until > longest) {
        longest = until;
        named = register;
      }
      wait.mayChange(registers.ready[register] - 1, cycle); // then it is no longer than the unknown
      wait.mayChange(registers.ready[register], cycle);
      if (registers.isLoad[register]) wait.mayChange(registers.mem[register], cycle);
    }
    if (exempt >= 0) wait.mayChange(registers.ready[exempt], cycle);
    if (named < 0) return;
    wait.add(CAUSE_NUMBER.raw, registers.writer[named], named);
    registers.addPhase(named, cycle, wait);
  }

  /** How long a pending result is known to be pending. */
  private knownUntil(register: number, cycle: number): number {
    const { isLoad, mem, ready } = this.registers;
    const isUnknown = !this.forwarding || (isLoad[register] === 1 && mem[register] > cycle);
    return isUnknown ? cycle + 1 : ready[register];
  }

  /** UA-16: sums stay inside the array. */
  private isChained(cycle: number): boolean {
    const { accumulates, unit } = this.stream;
    if (!this.chains || accumulates < 0 || unit !== UNIT_NUMBER.mxu) return false;
    const { isProduct, ready } = this.registers;
    return isProduct[accumulates] === 1 && cycle < ready[accumulates];
  }

  /** UA-23: EX is occupied, by work or because MEM is. */
  private addStructural(cycle: number): void {
    const { last, beforeLast, wait } = this;
    if (cycle >= last.mem) return;
    if (cycle < last.executed) {
      wait.add(STRUCTURAL[last.unit], last.id, NONE);
    } else {
      const isTransfer = cycle >= beforeLast.transfer;
      const phase = isTransfer ? CAUSE_NUMBER['memory.bandwidth'] : beforeLast.phase;
      wait.add(phase, beforeLast.id, NONE);
      wait.mayChange(beforeLast.transfer, cycle);
    }
    wait.mayChange(last.executed, cycle);
    wait.mayChange(last.mem, cycle);
  }

  issue(cycle: number, id: number): void {
    const { stream, memory, last } = this;
    const executed = cycle + stream.executeCycles;
    this.mem = Math.max(executed, last.written); // UA-20
    this.written = this.mem + 1;
    this.occupancyCycles = stream.occupancyCycles;
    if (stream.access) {
      memory.plan(stream.access);
      memory.request(this.mem, id);
      this.written = memory.doneCycle;
      this.occupancyCycles = memory.occupancyCycles;
    }
    const result = stream.access ? this.written : executed;
    this.ready = this.forwarding ? result : this.written + 1; // UA-21
    this.latencyCycles = this.unobstructedCycles(cycle, executed);
    this.enterExecute(executed, id);
    if (stream.writes >= 0) this.noteWriter(stream.writes, id);
  }

  /** IssueEvent.latencyCycles: without the time for which MEM does not take it. */
  private unobstructedCycles(cycle: number, executed: number): number {
    const { stream, forwarding, mem, written } = this;
    if (stream.writes < 0) return executed - cycle + written - mem;
    if (forwarding && !stream.access) return executed - cycle;
    return executed - cycle + this.ready - mem;
  }

  private enterExecute(executed: number, id: number): void {
    const entering = this.beforeLast;
    this.beforeLast = this.last;
    this.last = entering;
    entering.id = id;
    entering.unit = this.stream.unit;
    entering.executed = executed;
    entering.mem = this.mem;
    entering.written = this.written;
    entering.transfer = this.memory.transferCycle;
    entering.phase = this.memory.phase;
  }

  private noteWriter(register: number, id: number): void {
    const { registers, stream, memory } = this;
    registers.writer[register] = id;
    registers.ready[register] = this.ready;
    registers.mem[register] = this.mem;
    registers.written[register] = this.written;
    registers.isProduct[register] = stream.unit === UNIT_NUMBER.mxu ? 1 : 0;
    registers.isLoad[register] = stream.access ? 1 : 0;
    registers.transfer[register] = memory.transferCycle;
    registers.phase[register] = memory.phase;
  }
}
