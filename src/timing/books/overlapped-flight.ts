/** Hazards of the overlapped machine (UA-20, UA-22, UA-24 to UA-29), each as the cycle it ends. */
import { REGISTER_COUNT, isTileRegister } from '../../../isa/registers.ts';
import type { MemoryWork } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { MemoryModel } from '../event/memory.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, UNIT_NUMBER } from '../event/numbers.ts';
import { Ports } from '../event/ports.ts';
import type { Stream } from '../event/stream.ts';
import { Units } from '../event/units.ts';
import { AccessWindow } from './accesses.ts';

/**
 * What is in flight, and the hazards of the instruction that the stream has come to. All hazards
 * but one only end while an instruction waits, so the first that holds is charged until it ends.
 * The other is the write port: its turn comes and goes, and cuts short what ranks behind it.
 */
export class OverlappedFlight {
  /** The cause that `holdsUntil` found. */
  cause = 0;
  /** Of the instruction that issued last. */
  written = 0;
  occupancyCycles = 0;
  private readonly stream: Stream;
  private readonly memory: MemoryModel;
  private readonly units: Units;
  private readonly ports: Ports;
  private readonly accesses: AccessWindow;
  private readonly forwarding: boolean;
  private readonly chains: boolean;
  /** Of each register: when the latest result is there (UA-21), whose WB is when, and where it was made. */
  private readonly ready = new Float64Array(REGISTER_COUNT);
  private readonly writtenAt = new Float64Array(REGISTER_COUNT);
  private readonly unitIndex = new Uint8Array(REGISTER_COUNT);
  private readonly isProduct = new Uint8Array(REGISTER_COUNT);
  /** Until when the old value is read. */
  private readonly readUntil = new Float64Array(REGISTER_COUNT);
  /** The first cycle in which the way to memory is open again. */
  private openAt = 0;
  /** Before then no port hazard begins. */
  private portUntil = Infinity;

  constructor(machine: Machine, stream: Stream) {
    this.stream = stream;
    this.memory = new MemoryModel(machine);
    this.units = new Units(machine);
    this.ports = new Ports(machine.pipeline.writePorts);
    this.accesses = new AccessWindow(machine.memory.requestsInFlight);
    this.forwarding = machine.pipeline.forwarding;
    this.chains = machine.mxu.accumulatorForwarding;
  }

  /** UA-22: the first cycle in which no source is pending but one it is chained on. */
  rawUntil(cycle: number): number {
    const { ready, stream } = this;
    const { sources } = stream.table;
    const exempt = stream.accumulates >= 0 ? this.chainedOn(cycle) : NONE;
    let until = cycle;
    for (let k = stream.from; k < stream.to; k++) {
      const register = sources[k];
      if (ready[register] > until && register !== exempt) until = ready[register];
    }
    return until;
  }

  /** UA-16: the register that is accumulated onto inside the array, or −1. */
  private chainedOn(cycle: number): number {
    const { accumulates, unit } = this.stream;
    if (accumulates < 0 || !this.chains || unit !== UNIT_NUMBER.mxu) return NONE;
    const isChained = this.isProduct[accumulates] === 1 && cycle < this.ready[accumulates];
    return isChained ? accumulates : NONE;
  }

  /**
   * The first hazard behind RAW that holds in `cycle`, as `cause`: the cycle until which it is the
   * one that is charged; `cycle` when none holds.
   */
  holdsUntil(cycle: number): number {
    const { stream } = this;
    const { writes } = stream;
    const chained = stream.accumulates >= 0 ? this.chainedOn(cycle) : NONE;
    if (writes >= 0 && chained < 0) {
      if (cycle < this.writtenAt[writes] - 1) {
        this.cause = CAUSE_NUMBER.waw; // UA-24
        return this.writtenAt[writes] - 1;
      }
      if (cycle < this.readUntil[writes]) {
        this.cause = CAUSE_NUMBER.war; // UA-25
        return this.readUntil[writes];
      }
    }
    if (!stream.isAccess) {
      const opens = this.unitUntil(chained);
      this.cause = STRUCTURAL[stream.unit];
      if (cycle < opens) return opens;
    }
    this.portUntil = Infinity;
    if (writes >= 0 && cycle < this.ports.latest && this.portHolds(cycle)) return this.portUntil;
    return stream.isAccess ? this.memoryUntil(cycle) : cycle;
  }

  /** UA-26; a chain ends at the latest when its sum is ready. */
  private unitUntil(chained: number): number {
    const { units, stream, unitIndex, ready } = this;
    if (chained < 0) return units.opensAt(stream.unit, NONE);
    return Math.min(units.opensAt(stream.unit, unitIndex[chained]), ready[chained]);
  }

  /** UA-27. The later an instruction issues, the later its WB: behind the latest nothing holds. */
  private portHolds(cycle: number): boolean {
    const { ports, stream, memory } = this;
    const written = stream.isAccess ? memory.doneIf(cycle + 1) : cycle + stream.executeCycles + 1;
    if (written > ports.latest) return false;
    const isFull = ports.youngestOfFull(written) >= 0;
    this.portUntil = this.portChange(cycle, written, isFull);
    this.cause = CAUSE_NUMBER['structural.port'];
    return isFull;
  }

  /**
   * The next cycle in which the answer may be another. WB of an instruction that issues in cycle c
   * is max(c + toWrite, notBefore): memory only adds and takes maxima (UA-40), so two questions
   * tell all, one before everything and one behind everything under way.
   */
  private portChange(cycle: number, written: number, isFull: boolean): number {
    const { memory, stream, ports } = this;
    let toWrite = stream.executeCycles + 1;
    if (stream.isAccess) {
      const late = memory.idleAt();
      toWrite = 1 + memory.doneIf(late) - late;
      const notBefore = memory.doneIf(-Infinity);
      if (cycle + toWrite < notBefore) return notBefore + 1 - toWrite;
    }
    return isFull ? cycle + 1 : ports.nextAfter(written) - toWrite;
  }

  /** UA-28 and UA-29; what is charged first is asked first. */
  private memoryUntil(cycle: number): number {
    const { accesses, memory } = this;
    const access = this.stream.work as MemoryWork;
    this.cause = CAUSE_NUMBER['structural.queue'];
    let until = accesses.queueUntil(cycle);
    if (until <= cycle) {
      this.cause = CAUSE_NUMBER['memory.bandwidth'];
      until = this.openAt;
    }
    if (until <= cycle) {
      const bank = memory.firstBank(access);
      this.cause = CAUSE_NUMBER['structural.bank'];
      until = bank < 0 ? 0 : memory.bankReadyAt(bank) - 1;
    }
    if (until <= cycle) {
      this.cause = CAUSE_NUMBER['memory.order'];
      until = accesses.orderUntil(access, cycle);
    }
    return Math.max(cycle, Math.min(until, this.portUntil));
  }

  /** Plans the access that comes next; nobody plans another before it is issued. */
  prepare(): void {
    if (this.stream.isAccess) this.memory.plan(this.stream.work as MemoryWork);
  }

  issue(cycle: number): void {
    const { stream } = this;
    const mem = cycle + stream.executeCycles;
    let ready = mem;
    let readUntil = cycle + stream.readCycles;
    if (stream.isAccess) {
      this.request(stream.work as MemoryWork, cycle);
      ready = this.written;
      readUntil = cycle + this.occupancyCycles;
    } else {
      this.written = mem + 1;
      this.occupy(cycle);
    }
    this.noteSources(readUntil);
    if (stream.writes >= 0) this.noteWriter(stream.writes, cycle, ready);
  }

  private request(access: MemoryWork, cycle: number): void {
    const { memory } = this;
    memory.request(cycle + 1, NONE); // UA-14
    this.written = memory.doneCycle;
    this.occupancyCycles = memory.occupancyCycles;
    this.openAt = cycle + memory.occupancyCycles;
    this.accesses.add(access, this.written);
  }

  private occupy(cycle: number): void {
    const { stream, units, unitIndex } = this;
    const chained = this.chainedOn(cycle);
    const index = chained >= 0 ? unitIndex[chained] : units.lowestOpen(stream.unit, cycle);
    this.occupancyCycles = stream.occupancyCycles;
    units.close(stream.unit, index, NONE, cycle + stream.occupancyCycles);
    if (stream.writes >= 0) unitIndex[stream.writes] = index;
  }

  private noteSources(end: number): void {
    const { readUntil, stream } = this;
    const { sources } = stream.table;
    for (let k = stream.from; k < stream.to; k++) {
      const register = sources[k];
      if (end > readUntil[register] && isTileRegister(register)) readUntil[register] = end;
    }
  }

  private noteWriter(register: number, cycle: number, ready: number): void {
    const { stream, ports, written } = this;
    this.ready[register] = this.forwarding ? ready : written + 1; // UA-21
    this.writtenAt[register] = written;
    this.isProduct[register] = stream.unit === UNIT_NUMBER.mxu ? 1 : 0;
    ports.add(written, 0, cycle);
  }
}
