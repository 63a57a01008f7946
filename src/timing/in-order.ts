/** The back end that issues in program order: `blocking` and `overlapped` (UA-4, UA-20). */
import { REGISTER_COUNT } from '../../isa/registers.ts';
import type { Machine } from '../machine/machine.ts';
import type { BackEnd } from './back-end.ts';
import type { Listener } from './events.ts';
import type { InOrderScene } from './hazards.ts';
import { chainOf, findHazards } from './hazards.ts';
import type { InFlight } from './in-flight.ts';
import { issueEvent, start } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import type { Lifted } from './lifted.ts';
import { MemorySystem } from './memory/memory.ts';
import { Units } from './units.ts';
import type { Waiting } from './wait.ts';
import { Wait, waitingOf } from './wait.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** MEM of an instruction that is no memory access. */
const PASS_CYCLES = 1;

export class InOrder implements BackEnd {
  private readonly machine: Machine;
  private readonly listener: Listener;
  private readonly memory: MemorySystem;
  private readonly units: Units;
  private readonly writers = new Array<InFlight | undefined>(REGISTER_COUNT).fill(undefined);
  private readonly wait = new Wait();
  private readonly scene: Mutable<InOrderScene>;
  private issued: InFlight[] = [];
  private cycle = 0;
  /** In ID, and whether nothing holds it there. */
  private head: InFlight | undefined;
  private issues = false;

  constructor(machine: Machine, listener: Listener, lifted?: Lifted) {
    this.machine = machine;
    this.listener = listener;
    this.memory = new MemorySystem(machine);
    this.units = new Units(machine);
    const { memory, units, writers, issued: inFlight } = this;
    const state = { machine, memory, units, writers, inFlight, lifted };
    this.scene = { ...state, cycle: 0, chain: undefined };
  }

  get inFlight(): readonly InFlight[] {
    return this.issued;
  }

  isLeaving(cycle: number): boolean {
    return this.issued.every(({ writeBackCycle }) => writeBackCycle < cycle);
  }

  decide(cycle: number, decoded: readonly InFlight[]): number {
    this.cycle = cycle;
    this.head = decoded[0];
    this.issues = false;
    if (!this.head) return 0;
    const { scene } = this;
    scene.cycle = cycle;
    scene.inFlight = this.issued;
    scene.chain = chainOf(scene, this.head);
    findHazards(scene, this.head, this.wait);
    this.issues = this.wait.causes === 0;
    return this.issues ? 1 : 0;
  }

  /** UA-31. */
  charge(ledger: Ledger): number {
    const { head } = this;
    if (!head) return 0;
    if (this.issues) ledger.chargePlain(0, 'issue', head.id, -1);
    else ledger.chargeWait(0, head.id, this.wait);
    return 1;
  }

  commit(): boolean {
    const moved = this.advance();
    if (this.issues) this.issue(this.head!);
    return moved || this.issues;
  }

  waiting(): Waiting[] {
    return this.head && !this.issues ? [waitingOf(this.head.id, this.wait)] : [];
  }

  /** All times of an instruction are known from its issue on. */
  private advance(): boolean {
    const { cycle, listener, issued } = this;
    let moved = false;
    for (const { id, writeBackCycle } of issued) {
      if (writeBackCycle >= cycle) continue;
      listener({ kind: 'retire', cycle, id });
      moved = true;
    }
    if (moved) this.issued = issued.filter((i) => i.writeBackCycle >= cycle);
    for (const { id, writeBackCycle } of issued) {
      if (writeBackCycle !== cycle) continue;
      listener({ kind: 'stage', cycle, id, stage: 'WB' });
      moved = true;
    }
    for (const { id, memoryCycle } of issued) {
      if (memoryCycle !== cycle) continue;
      listener({ kind: 'stage', cycle, id, stage: 'MEM' });
      moved = true;
    }
    return moved;
  }

  private issue(head: InFlight): void {
    const { cycle, machine } = this;
    const { cost, request, id, static: fixed } = head;
    const executed = cycle + cost.executeCycles;
    const blocking = machine.pipeline.execution === 'blocking';
    // UA-20: on a blocking machine the instruction before may keep MEM for longer.
    const memoryCycle = blocking
      ? Math.max(executed, this.issued.at(-1)?.writeBackCycle ?? 0)
      : executed;
    const answer = request && this.memory.request(request, id, memoryCycle);
    head.instance = blocking ? 0 : this.units.instanceFor(fixed.unit, cycle, this.scene.chain);
    start(head, cycle, memoryCycle, PASS_CYCLES, answer);
    head.writeBackCycle = head.doneCycle;
    this.units.take(head);
    if (fixed.writes >= 0) this.writers[fixed.writes] = head;
    this.issued.push(head);
    this.listener(issueEvent(head, machine));
  }
}
