/** The back end with a scoreboard: units reserved at dispatch, results held for readers (UA-50 to UA-53). */
import { REGISTER_COUNT, isTileRegister } from '../../isa/registers.ts';
import type { Unit } from '../../isa/work.ts';
import type { Machine } from '../machine/machine.ts';
import type { BackEnd } from './back-end.ts';
import { DispatchStall } from './dispatch.ts';
import type { Listener } from './events.ts';
import type { InFlight } from './in-flight.ts';
import { issueEvent, start } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import { MemorySystem } from './memory/memory.ts';
import { UNIT_CAUSE, addPhase } from './structural.ts';
import type { Waiting } from './wait.ts';
import { Wait, waitingOf } from './wait.ts';

export class Scoreboard implements BackEnd {
  private readonly machine: Machine;
  private readonly listener: Listener;
  private readonly memory: MemorySystem;
  private readonly stall = new DispatchStall();
  private readonly wait = new Wait();
  /** The latest dispatched writer of each register. */
  private readonly writers = new Array<InFlight | undefined>(REGISTER_COUNT).fill(undefined);
  /** Dispatched and not retired, oldest first. */
  private dispatched: InFlight[] = [];
  private cycle = 0;
  /** What was decided. */
  private oldest: InFlight | undefined;
  private writing: readonly InFlight[] = [];
  private issuing: InFlight | undefined;
  private dispatching: InFlight | undefined;

  constructor(machine: Machine, listener: Listener) {
    this.machine = machine;
    this.listener = listener;
    this.memory = new MemorySystem(machine);
  }

  get inFlight(): readonly InFlight[] {
    return this.dispatched;
  }

  isLeaving(cycle: number): boolean {
    return this.dispatched.every(({ writeBackCycle }) => writeBackCycle < cycle);
  }

  decide(cycle: number, decoded: readonly InFlight[]): number {
    this.cycle = cycle;
    this.oldest = decoded[0];
    this.writing = this.dispatched.filter((i) => this.isDone(i) && !this.readerOfOldValue(i));
    this.issuing = this.waitingForOperands().find((i) => this.hasOperands(i));
    this.stall.begin();
    const isHeld =
      this.oldest && this.stall.holds(this.oldest, (i, wait) => this.findDispatchHazards(i, wait));
    this.dispatching = isHeld ? undefined : this.oldest;
    return this.dispatching ? 1 : 0;
  }

  /** UA-32 for one slot. */
  charge(ledger: Ledger): number {
    const [waiting] = this.waitingForOperands();
    if (this.issuing) {
      ledger.chargePlain(0, 'issue', this.issuing.id, -1);
      return 1;
    }
    if (waiting) {
      this.hasOperands(waiting);
      ledger.chargeWait(0, waiting.id, this.wait);
      return 1;
    }
    return this.stall.charge(ledger, 0, this.oldest);
  }

  commit(): boolean {
    const moved = this.advance();
    if (this.issuing) this.issue(this.issuing);
    if (this.dispatching) this.dispatch(this.dispatching);
    return moved || this.issuing !== undefined || this.dispatching !== undefined;
  }

  waiting(): Waiting[] {
    const { stalled } = this.stall;
    const operands = this.waitingForOperands().filter((i) => !this.hasOperands(i));
    const held = this.dispatched.filter((i) => this.isDone(i) && this.readerOfOldValue(i));
    return [
      ...operands.map((i) => (this.hasOperands(i), waitingOf(i.id, this.wait))),
      ...held.map(
        (i) => ({ id: i.id, cause: 'war', producer: this.readerOfOldValue(i)!.id }) as const,
      ),
      ...(stalled ? [waitingOf(stalled.instruction.id, stalled.wait)] : []),
    ];
  }

  /** In RO: dispatched in an earlier cycle, and not issued. */
  private waitingForOperands(): readonly InFlight[] {
    return this.dispatched.filter(({ issueCycle }) => issueCycle === Infinity);
  }

  /** UA-51: fills `wait` with what an instruction in RO waits for. */
  private hasOperands(instruction: InFlight): boolean {
    this.wait.clear();
    const { reads } = instruction.static;
    const missing = instruction.producers.findIndex((p) => p && this.cycle <= p.writeBackCycle);
    if (missing < 0) return true;
    const producer = instruction.producers[missing]!;
    if (!this.addHeldResult(producer, this.wait)) {
      this.wait.add('raw', producer.id, reads[missing]!);
      addPhase(producer, this.cycle, this.wait);
    }
    return false;
  }

  /** UA-50. */
  private findDispatchHazards(instruction: InFlight, wait: Wait): void {
    const { writes, unit } = instruction.static;
    const writer = this.writers[writes];
    if (writer && this.cycle <= writer.writeBackCycle) wait.add('waw', writer.id, writes);
    if (this.freeInstance(unit) >= 0) return;
    const occupant = this.reserving(unit)[0]!;
    if (!this.addHeldResult(occupant, wait)) wait.add(UNIT_CAUSE[unit], occupant.id);
  }

  /** UA-53: a result that is there, but held, is waited for because of who holds it. */
  private addHeldResult(producer: InFlight, wait: Wait): boolean {
    const reader = this.isDone(producer) ? this.readerOfOldValue(producer) : undefined;
    if (reader) wait.add('war', reader.id, producer.static.writes);
    return reader !== undefined;
  }

  /** Whether its result is there and not written yet. */
  private isDone({ doneCycle, writeBackCycle }: InFlight): boolean {
    return doneCycle <= this.cycle && writeBackCycle === Infinity;
  }

  /** UA-52: the oldest instruction that still has to read what `writer` would overwrite. */
  private readerOfOldValue(writer: InFlight): InFlight | undefined {
    const { writes } = writer.static;
    const isTile = isTileRegister(writes);
    const reads = ({ readEndCycle, issueCycle }: InFlight) =>
      isTile ? this.cycle < readEndCycle : this.cycle <= issueCycle;
    return this.dispatched.find(
      (q) => q.id < writer.id && q.static.reads.includes(writes) && reads(q),
    );
  }

  /** Who keeps units of a kind reserved, oldest first. */
  private reserving(unit: Unit): readonly InFlight[] {
    return this.dispatched.filter((p) => p.static.unit === unit && this.cycle <= p.writeBackCycle);
  }

  /** The lowest-numbered unit of a kind that nobody has reserved, or −1. */
  private freeInstance(unit: Unit): number {
    const count = unit === 'dma' ? 1 : this.machine[unit].count;
    const taken = new Set(this.reserving(unit).map(({ instance }) => instance));
    for (let instance = 0; instance < count; instance++) if (!taken.has(instance)) return instance;
    return -1;
  }

  private advance(): boolean {
    const { cycle, listener } = this;
    let moved = this.writing.length > 0;
    for (const { id, request, memoryCycle, writeBackCycle } of this.dispatched) {
      const retires = writeBackCycle < cycle;
      const accesses = request !== undefined && memoryCycle === cycle;
      if (retires) listener({ kind: 'retire', cycle, id });
      if (accesses) listener({ kind: 'stage', cycle, id, stage: 'MEM' });
      moved ||= retires || accesses;
    }
    for (const instruction of this.writing) {
      instruction.writeBackCycle = cycle;
      listener({ kind: 'stage', cycle, id: instruction.id, stage: 'WB' });
    }
    this.dispatched = this.dispatched.filter((i) => i.writeBackCycle >= cycle);
    return moved;
  }

  private issue(instruction: InFlight): void {
    const memoryCycle = this.cycle + instruction.cost.executeCycles;
    const { request, id } = instruction;
    const answer = request && this.memory.request(request, id, memoryCycle);
    start(instruction, this.cycle, memoryCycle, 0, answer);
    this.listener(issueEvent(instruction, this.machine));
  }

  private dispatch(instruction: InFlight): void {
    const { cycle, writers } = this;
    const { reads, writes, unit } = instruction.static;
    instruction.instance = this.freeInstance(unit);
    instruction.producers = reads.map((register) => writers[register]);
    if (writes >= 0) writers[writes] = instruction;
    this.dispatched.push(instruction);
    this.listener({ kind: 'stage', cycle, id: instruction.id, stage: 'RO' });
  }
}
