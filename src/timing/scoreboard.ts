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
import type { Lifted } from './lifted.ts';
import { isLifted } from './lifted.ts';
import { MemorySystem } from './memory/memory.ts';
import { UNIT_CAUSE, addPhase } from './structural.ts';
import type { Waiting } from './wait.ts';
import { Wait, waitingOf } from './wait.ts';

export class Scoreboard implements BackEnd {
  private readonly machine: Machine;
  private readonly listener: Listener;
  private readonly lifted: Lifted | undefined;
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

  constructor(machine: Machine, listener: Listener, lifted?: Lifted) {
    this.machine = machine;
    this.listener = listener;
    this.lifted = lifted;
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
    instruction.producers.forEach((producer, i) => {
      if (this.wait.causes !== 0 || !producer || this.cycle > producer.writeBackCycle) return;
      if (isLifted(this.lifted, 'raw', instruction, producer, reads[i]!)) return;
      const held = this.holderOf(producer);
      if (held) this.addHeld(instruction, producer, held, this.wait);
      else {
        this.wait.add('raw', producer.id, reads[i]!);
        addPhase(producer, this.cycle, this.wait);
      }
    });
    return this.wait.causes === 0;
  }

  /** UA-50. */
  private findDispatchHazards(instruction: InFlight, wait: Wait): void {
    const { writes, unit } = instruction.static;
    const writer = this.writers[writes];
    const isWritten = !writer || this.cycle > writer.writeBackCycle;
    if (!isWritten && !isLifted(this.lifted, 'waw', instruction, writer, writes)) {
      wait.add('waw', writer.id, writes);
    }
    if (this.freeInstance(unit) >= 0) return;
    const occupant = this.reserving(unit)[0]!;
    const cause = UNIT_CAUSE[unit];
    if (isLifted(this.lifted, cause, instruction, occupant)) return;
    const held = this.holderOf(occupant);
    if (held) this.addHeld(instruction, occupant, held, wait);
    else wait.add(cause, occupant.id);
  }

  /** UA-53: who holds a result that is there. */
  private holderOf(producer: InFlight): InFlight | undefined {
    return this.isDone(producer) ? this.readerOfOldValue(producer) : undefined;
  }

  /** UA-53: a result that is there, but held, is waited for because of who holds it. */
  private addHeld(waiting: InFlight, { static: s }: InFlight, reader: InFlight, wait: Wait): void {
    if (isLifted(this.lifted, 'war', waiting, reader, s.writes)) return;
    wait.add('war', reader.id, s.writes);
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
    const { cycle, listener, dispatched, writing } = this;
    const retiring = dispatched.filter(({ writeBackCycle }) => writeBackCycle < cycle);
    const accessing = dispatched.filter((i) => i.request && i.memoryCycle === cycle);
    for (const { id } of retiring) listener({ kind: 'retire', cycle, id });
    for (const instruction of writing) {
      instruction.writeBackCycle = cycle;
      listener({ kind: 'stage', cycle, id: instruction.id, stage: 'WB' });
    }
    for (const { id } of accessing) listener({ kind: 'stage', cycle, id, stage: 'MEM' });
    if (retiring.length > 0) this.dispatched = dispatched.filter((i) => i.writeBackCycle >= cycle);
    return retiring.length + writing.length + accessing.length > 0;
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
    const free = this.freeInstance(unit);
    instruction.instance = free >= 0 ? free : this.reserving(unit)[0]!.instance;
    instruction.producers = reads.map((register) => writers[register]);
    if (writes >= 0) writers[writes] = instruction;
    this.dispatched.push(instruction);
    this.listener({ kind: 'stage', cycle, id: instruction.id, stage: 'RO' });
  }
}
