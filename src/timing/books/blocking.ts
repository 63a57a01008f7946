/** Hazards of the blocking pipeline, without names (UA-20, UA-22, UA-23). */
import { MemoryModel } from '../event/memory.ts';
import { CAUSE_NUMBER, STRUCTURAL } from '../event/numbers.ts';
import type { Stream } from '../event/stream.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Holder } from './in-order.ts';
import { Results } from './results.ts';

export class BlockingHolder implements Holder {
  cause = 0;
  until = 0;
  written = 0;
  occupancyCycles = 0;
  private readonly stream: Stream;
  private readonly memory: MemoryModel;
  private readonly results: Results;
  private readonly forwarding: boolean;
  /** The instruction in EX: its unit, when its executeCycles are over, and when MEM takes it. */
  private unit = 0;
  private executed = 0;
  private mem = 0;
  /** The access before it, which MEM may still hold: see UA-46. */
  private transfer = 0;
  private phase = 0;
  private lastTransfer = 0;
  private lastPhase = 0;

  constructor(machine: Machine, stream: Stream) {
    this.stream = stream;
    this.memory = new MemoryModel(machine);
    this.results = new Results(machine.mxu.accumulatorForwarding);
    this.forwarding = machine.pipeline.forwarding;
  }

  prepare(): void {
    // Nothing depends on the instruction alone.
  }

  isHeld(cycle: number): boolean {
    const { stream, results } = this;
    const raw = results.rawUntil(stream, results.chainedOn(stream, cycle));
    if (cycle < raw) return this.hold(CAUSE_NUMBER.raw, raw);
    if (cycle >= this.mem) return false; // UA-23: EX is empty
    if (cycle < this.executed) return this.hold(STRUCTURAL[this.unit], this.executed);
    if (cycle >= this.transfer) return this.hold(CAUSE_NUMBER['memory.bandwidth'], this.mem);
    return this.hold(this.phase, Math.min(this.transfer, this.mem));
  }

  private hold(cause: number, until: number): true {
    this.cause = cause;
    this.until = until;
    return true;
  }

  issue(cycle: number): void {
    const { stream, memory } = this;
    this.transfer = this.lastTransfer;
    this.phase = this.lastPhase;
    this.unit = stream.unit;
    this.executed = cycle + stream.executeCycles;
    this.mem = Math.max(this.executed, this.written); // UA-20
    this.written = this.mem + 1;
    this.occupancyCycles = stream.occupancyCycles;
    if (stream.access) {
      memory.plan(stream.access);
      memory.request(this.mem, 0);
      this.written = memory.doneCycle;
      this.occupancyCycles = memory.occupancyCycles;
      this.lastTransfer = memory.transferCycle;
      this.lastPhase = memory.phase;
    }
    if (stream.writes < 0) return;
    const result = stream.access ? this.written : this.executed;
    this.results.write(stream.writes, stream.unit, this.forwarding ? result : this.written + 1);
  }
}
