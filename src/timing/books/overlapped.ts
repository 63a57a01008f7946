/** Hazards of the overlapped machine, without names (UA-20, UA-22, UA-24 to UA-29). */
import { REGISTER_COUNT, isTileRegister } from '../../../isa/registers.ts';
import type { MemoryWork } from '../../../isa/work.ts';
import { MemoryModel } from '../event/memory.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL } from '../event/numbers.ts';
import { Ports } from '../event/ports.ts';
import type { Stream } from '../event/stream.ts';
import { Units } from '../event/units.ts';
import type { Machine } from '../../machine/machine.ts';
import { AccessWindow } from './accesses.ts';
import type { Holder } from './in-order.ts';
import { Results } from './results.ts';

/**
 * All hazards but one only end while an instruction waits, so the first that holds is charged until
 * it ends. The other is the write port: its turn comes and goes, and cuts short what ranks behind.
 */
export class OverlappedHolder implements Holder {
  cause = 0;
  until = 0;
  written = 0;
  occupancyCycles = 0;
  private readonly stream: Stream;
  private readonly memory: MemoryModel;
  private readonly results: Results;
  private readonly units: Units;
  private readonly ports: Ports;
  private readonly accesses: AccessWindow;
  private readonly forwarding: boolean;
  /** Of each register: the WB of the latest writer, its unit, and until when it is read. */
  private readonly writtenAt = new Float64Array(REGISTER_COUNT);
  private readonly unitIndex = new Uint8Array(REGISTER_COUNT);
  private readonly readUntil = new Float64Array(REGISTER_COUNT);
  /** The first cycle in which the way to memory is open again. */
  private openAt = 0;
  /** Until then no port hazard begins. */
  private portUntil = Infinity;

  constructor(machine: Machine, stream: Stream) {
    this.stream = stream;
    this.memory = new MemoryModel(machine);
    this.results = new Results(machine.mxu.accumulatorForwarding);
    this.units = new Units(machine);
    this.ports = new Ports(machine.pipeline.writePorts);
    this.accesses = new AccessWindow(machine.memory.requestsInFlight);
    this.forwarding = machine.pipeline.forwarding;
  }

  prepare(): void {
    const { access } = this.stream;
    if (access) this.memory.plan(access);
  }

  isHeld(cycle: number): boolean {
    const { stream, results } = this;
    const { writes, access } = stream;
    const chained = results.chainedOn(stream, cycle);
    const raw = results.rawUntil(stream, chained);
    if (cycle < raw) return this.hold(CAUSE_NUMBER.raw, raw);
    if (writes >= 0 && chained < 0) {
      const free = this.writtenAt[writes] - 1; // UA-24
      if (cycle < free) return this.hold(CAUSE_NUMBER.waw, free);
      const read = this.readUntil[writes]; // UA-25
      if (cycle < read) return this.hold(CAUSE_NUMBER.war, read);
    }
    if (!access) {
      const opens = this.unitUntil(chained);
      if (cycle < opens) return this.hold(STRUCTURAL[stream.unit], opens);
    }
    this.portUntil = Infinity;
    if (writes >= 0 && cycle < this.ports.latest && this.portHolds(cycle)) return true;
    return access !== undefined && this.isHeldByMemory(access, cycle);
  }

  private hold(cause: number, until: number): true {
    this.cause = cause;
    this.until = until;
    return true;
  }

  /** UA-26; a chain ends at the latest when its sum is ready. */
  private unitUntil(chained: number): number {
    const { units, stream, unitIndex, results } = this;
    if (chained < 0) return units.opensAt(stream.unit, NONE);
    return Math.min(units.opensAt(stream.unit, unitIndex[chained]), results.ready[chained]);
  }

  /** UA-27. The later an instruction issues, the later its WB: behind the latest nothing holds. */
  private portHolds(cycle: number): boolean {
    const { ports, stream, memory } = this;
    const written = stream.access ? memory.doneIf(cycle + 1) : cycle + stream.executeCycles + 1;
    if (written > ports.latest) return false;
    const isFull = ports.youngestOfFull(written) >= 0;
    this.portUntil = this.portChange(cycle, written, isFull);
    return isFull && this.hold(CAUSE_NUMBER['structural.port'], this.portUntil);
  }

  /**
   * The next cycle in which the answer may be another. WB of an instruction that issues in cycle c
   * is max(c + toWrite, notBefore): memory only adds and takes maxima (UA-40), so two questions
   * tell all, one before everything and one behind everything under way.
   */
  private portChange(cycle: number, written: number, isFull: boolean): number {
    const { memory, stream, ports } = this;
    let toWrite = stream.executeCycles + 1;
    if (stream.access) {
      const late = memory.idleAt();
      toWrite = 1 + memory.doneIf(late) - late;
      const notBefore = memory.doneIf(-Infinity);
      if (cycle + toWrite < notBefore) return notBefore + 1 - toWrite;
    }
    return isFull ? cycle + 1 : ports.nextAfter(written) - toWrite;
  }

  /** UA-28 and UA-29. */
  private isHeldByMemory(access: MemoryWork, cycle: number): boolean {
    const { accesses, memory, portUntil } = this;
    const queue = accesses.queueUntil(cycle);
    if (cycle < queue) return this.hold(CAUSE_NUMBER['structural.queue'], Math.min(queue, portUntil));
    if (cycle < this.openAt) {
      return this.hold(CAUSE_NUMBER['memory.bandwidth'], Math.min(this.openAt, portUntil));
    }
    const bank = memory.firstBank(access);
    const ready = bank < 0 ? 0 : memory.bankReadyAt(bank) - 1;
    if (cycle < ready) return this.hold(CAUSE_NUMBER['structural.bank'], Math.min(ready, portUntil));
    const order = accesses.orderUntil(access, cycle);
    return cycle < order && this.hold(CAUSE_NUMBER['memory.order'], Math.min(order, portUntil));
  }

  issue(cycle: number): void {
    const { stream } = this;
    const mem = cycle + stream.executeCycles;
    let readUntil = cycle + stream.readCycles;
    let ready = mem;
    if (stream.access) {
      this.request(stream.access, cycle);
      readUntil = cycle + this.occupancyCycles;
      ready = this.written;
    } else {
      this.written = mem + 1;
      this.occupy(cycle);
    }
    this.noteSources(readUntil);
    if (stream.writes >= 0) this.noteWriter(stream.writes, cycle, ready);
  }

  private request(access: MemoryWork, cycle: number): void {
    const { memory, accesses } = this;
    memory.request(cycle + 1, 0); // UA-14
    this.written = memory.doneCycle;
    this.occupancyCycles = memory.occupancyCycles;
    this.openAt = cycle + memory.occupancyCycles;
    accesses.add(access, this.written);
  }

  private occupy(cycle: number): void {
    const { stream, units, unitIndex, results } = this;
    const chained = results.chainedOn(stream, cycle);
    const index = chained >= 0 ? unitIndex[chained] : units.lowestOpen(stream.unit, cycle);
    this.occupancyCycles = stream.occupancyCycles;
    units.close(stream.unit, index, 0, cycle + stream.occupancyCycles);
    if (stream.writes >= 0) unitIndex[stream.writes] = index;
  }

  private noteSources(end: number): void {
    const { readUntil } = this;
    const { table, from, to } = this.stream;
    for (let k = from; k < to; k++) {
      const register = table.sources[k];
      if (end > readUntil[register] && isTileRegister(register)) readUntil[register] = end;
    }
  }

  private noteWriter(register: number, cycle: number, ready: number): void {
    const { results, stream, ports, written } = this;
    results.write(register, stream.unit, this.forwarding ? ready : written + 1); // UA-21
    this.writtenAt[register] = written;
    ports.add(written, 0, cycle);
  }
}
