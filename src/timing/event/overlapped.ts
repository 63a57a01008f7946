/** The overlapped machine: a way of its own through each unit (UA-20, UA-22, UA-24 to UA-29). */
import type { Machine } from '../../machine/machine.ts';
import { Accesses } from './accesses.ts';
import type { Issuer } from './in-order.ts';
import { MemoryModel } from './memory.ts';
import { CAUSE_NUMBER, NONE, UNIT_NUMBER } from './numbers.ts';
import { Ports } from './ports.ts';
import { Registers } from './registers.ts';
import type { Stream } from './stream.ts';
import { Units } from './units.ts';
import { Wait } from './wait.ts';

export class Overlapped implements Issuer {
  readonly wait = new Wait();
  mem = 0;
  written = 0;
  private ready = 0;
  occupancyCycles = 0;
  latencyCycles = 0;
  private readonly stream: Stream;
  private readonly memory: MemoryModel;
  private readonly units: Units;
  private readonly ports: Ports;
  private readonly accesses: Accesses;
  private readonly registers = new Registers();
  private readonly forwarding: boolean;
  private readonly chains: boolean;
  /** WB of an instruction that issues in cycle c is max(c + toWrite, notBefore). */
  private toWrite = 0;
  private notBefore = 0;
  private isSpread = false;

  constructor(machine: Machine, stream: Stream) {
    this.stream = stream;
    this.memory = new MemoryModel(machine);
    this.units = new Units(machine);
    this.ports = new Ports(machine.pipeline.writePorts);
    this.accesses = new Accesses(this.memory, machine.memory.requestsInFlight);
    this.forwarding = machine.pipeline.forwarding;
    this.chains = machine.mxu.accumulatorForwarding;
  }

  prepare(): void {
    const { access, executeCycles } = this.stream;
    if (access) this.memory.plan(access);
    this.toWrite = executeCycles + 1;
    this.notBefore = 0;
    this.isSpread = access === undefined;
  }

  isHeld(cycle: number): boolean {
    const { wait, stream } = this;
    wait.clear();
    const isChained = this.isChained(cycle);
    this.addRaw(cycle, isChained);
    if (!isChained && stream.writes >= 0) this.addOverwrite(stream.writes, cycle);
    if (stream.access) this.accesses.addHazards(stream.access, cycle, wait);
    else this.units.addHazard(stream.unit, this.wantedUnit(isChained), cycle, wait);
    if (stream.writes >= 0) this.addPort(cycle);
    return wait.causes !== 0;
  }

  /** UA-16: sums stay inside the array. */
  private isChained(cycle: number): boolean {
    const { accumulates, unit } = this.stream;
    if (!this.chains || accumulates < 0 || unit !== UNIT_NUMBER.mxu) return false;
    const { isProduct, ready } = this.registers;
    return isProduct[accumulates] === 1 && cycle < ready[accumulates];
  }

  private wantedUnit(isChained: boolean): number {
    return isChained ? this.registers.unitIndex[this.stream.accumulates] : NONE;
  }

  /** UA-22. */
  private addRaw(cycle: number, isChained: boolean): void {
    const { stream, registers, wait } = this;
    const { table, from, to, accumulates } = stream;
    let longest = cycle;
    let named = NONE;
    for (let k = from; k < to; k++) {
      const register = table.sources[k];
      const ready = registers.ready[register];
      if (ready <= longest || (isChained && register === accumulates)) continue;
      longest = ready;
      named = register;
    }
    if (isChained) wait.mayChange(registers.ready[accumulates], cycle);
    if (named < 0) return;
    wait.add(CAUSE_NUMBER.raw, registers.writer[named], named);
    wait.mayChange(longest, cycle);
    registers.addPhase(named, cycle, wait);
  }

  /** UA-24 and UA-25: the old value is not written yet, or still read. */
  private addOverwrite(register: number, cycle: number): void {
    const { registers, wait } = this;
    const { written, writer, readUntil, reader } = registers;
    if (written[register] > cycle + 1) {
      wait.add(CAUSE_NUMBER.waw, writer[register], register);
      wait.mayChange(written[register] - 1, cycle);
    }
    if (cycle < readUntil[register]) {
      wait.add(CAUSE_NUMBER.war, reader[register], register);
      wait.mayChange(readUntil[register], cycle);
    }
  }

  /** UA-27. */
  private addPort(cycle: number): void {
    const { ports, wait } = this;
    if (ports.nextAfter(cycle) === Infinity) return;
    if (!this.isSpread) this.spread();
    const written = Math.max(cycle + this.toWrite, this.notBefore);
    const youngest = ports.youngestOfFull(written);
    if (youngest >= 0) wait.add(CAUSE_NUMBER['structural.port'], youngest, NONE);
    const isBound = cycle + this.toWrite < this.notBefore;
    const next = isBound ? this.notBefore + 1 : ports.nextAfter(written);
    wait.mayChange(youngest >= 0 && !isBound ? cycle + 1 : next - this.toWrite, cycle);
  }

  /**
   * How the WB of an access depends on its issue: memory only adds and takes maxima (UA-40), so
   * two questions tell all, one before everything and one behind everything under way.
   */
  private spread(): void {
    const { memory } = this;
    const late = memory.idleAt();
    this.toWrite = 1 + memory.doneIf(late) - late;
    this.notBefore = memory.doneIf(-Infinity);
    this.isSpread = true;
  }

  issue(cycle: number, id: number): void {
    const { stream, memory, units } = this;
    this.mem = cycle + stream.executeCycles;
    this.written = this.mem + 1;
    let readCycles = stream.readCycles;
    this.occupancyCycles = stream.occupancyCycles;
    let unitIndex = 0;
    if (stream.access) {
      memory.request(this.mem, id);
      this.written = memory.doneCycle;
      this.occupancyCycles = readCycles = memory.occupancyCycles;
      this.accesses.add(stream.access, id, cycle);
    } else {
      const wanted = this.wantedUnit(this.isChained(cycle));
      unitIndex = wanted >= 0 ? wanted : units.lowestOpen(stream.unit, cycle);
      units.close(stream.unit, unitIndex, id, cycle + this.occupancyCycles);
    }
    const result = stream.access ? this.written : this.mem;
    this.ready = this.forwarding ? result : this.written + 1; // UA-21
    this.latencyCycles = (stream.writes >= 0 ? this.ready : this.written) - cycle;
    this.registers.read(stream, id, cycle + readCycles);
    if (stream.writes >= 0) this.noteWriter(stream.writes, unitIndex, cycle, id);
  }

  private noteWriter(register: number, unitIndex: number, cycle: number, id: number): void {
    const { registers, stream, memory } = this;
    registers.writer[register] = id;
    registers.ready[register] = this.ready;
    registers.mem[register] = this.mem;
    registers.written[register] = this.written;
    registers.isProduct[register] = stream.unit === UNIT_NUMBER.mxu ? 1 : 0;
    registers.unitIndex[register] = unitIndex;
    registers.isLoad[register] = stream.access ? 1 : 0;
    registers.transfer[register] = memory.transferCycle;
    registers.phase[register] = memory.phase;
    this.ports.add(this.written, id, cycle);
  }
}
