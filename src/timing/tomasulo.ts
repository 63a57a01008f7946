/** The back end after Tomasulo, with a reorder buffer: renamed registers, stations, result buses (UA-60 to UA-66). */
import { REGISTER_COUNT } from '../../isa/registers.ts';
import type { Machine } from '../machine/machine.ts';
import type { BackEnd } from './back-end.ts';
import { DispatchStall } from './dispatch.ts';
import type { Listener } from './events.ts';
import type { InFlight } from './in-flight.ts';
import { issueEvent, start } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import type { Lifted } from './lifted.ts';
import { MemorySystem } from './memory/memory.ts';
import type { Scene } from './structural.ts';
import { chainOf, findDispatchHazards, findIssueHazards, isHeld } from './tomasulo-hazards.ts';
import { Units } from './units.ts';
import type { Waiting } from './wait.ts';
import { Wait, waitingOf } from './wait.ts';

/** An instruction in RS, and everything that it waits for. */
interface Held {
  instruction: InFlight | undefined;
  readonly wait: Wait;
}

export class Tomasulo implements BackEnd {
  private readonly machine: Machine;
  private readonly listener: Listener;
  private readonly lifted: Lifted | undefined;
  private readonly memory: MemorySystem;
  private readonly units: Units;
  private readonly stall = new DispatchStall();
  private readonly scratch = new Wait();
  /** Where the value of each register will come from. */
  private readonly renaming = new Array<InFlight | undefined>(REGISTER_COUNT).fill(undefined);
  /** The reorder buffer: dispatched and not retired, oldest first. */
  private buffer: InFlight[] = [];
  /** In RS, oldest first. */
  private stations: InFlight[] = [];
  private cycle = 0;
  /** What was decided. */
  private oldest: InFlight | undefined;
  private writing: InFlight[] = [];
  private committing: InFlight[] = [];
  private issuing: InFlight[] = [];
  private dispatching: InFlight[] = [];
  /** The oldest that wait in RS, as many as there are slots. */
  private readonly held: readonly Held[];
  private heldCount = 0;

  constructor(machine: Machine, listener: Listener, lifted?: Lifted) {
    this.machine = machine;
    this.listener = listener;
    this.lifted = lifted;
    this.memory = new MemorySystem(machine);
    this.units = new Units(machine);
    const { width } = machine.pipeline;
    this.held = Array.from({ length: width }, () => ({ instruction: undefined, wait: new Wait() }));
  }

  get inFlight(): readonly InFlight[] {
    return this.buffer;
  }

  isLeaving(cycle: number): boolean {
    return this.buffer.every(({ commitCycle }) => commitCycle < cycle);
  }

  decide(cycle: number, decoded: readonly InFlight[]): number {
    this.cycle = cycle;
    this.oldest = decoded[0];
    this.decideResults();
    this.decideCommits();
    this.decideIssues();
    this.decideDispatches(decoded);
    return this.dispatching.length;
  }

  /** UA-32. */
  charge(ledger: Ledger): number {
    const { width } = ledger;
    let slot = 0;
    for (const { id } of this.issuing) ledger.chargePlain(slot++, 'issue', id, -1);
    for (let i = 0; i < this.heldCount && slot < width; i++) {
      const { instruction, wait } = this.held[i]!;
      ledger.chargeWait(slot++, instruction!.id, wait);
    }
    return slot < width ? this.stall.charge(ledger, slot, this.oldest) : slot;
  }

  commit(): boolean {
    const { issuing, dispatching } = this;
    const moved = this.advance();
    for (const instruction of issuing) this.listener(issueEvent(instruction, this.machine));
    if (issuing.length > 0) {
      this.stations = this.stations.filter(({ issueCycle }) => issueCycle === Infinity);
    }
    for (const instruction of dispatching) this.dispatch(instruction);
    return moved || issuing.length > 0 || dispatching.length > 0;
  }

  waiting(): Waiting[] {
    const { stalled } = this.stall;
    const held = this.stations.map((instruction) => {
      isHeld(this.sceneOf(instruction), instruction, this.scratch);
      return waitingOf(instruction.id, this.scratch);
    });
    return [...held, ...(stalled ? [waitingOf(stalled.instruction.id, stalled.wait)] : [])];
  }

  /** UA-64: the oldest results take the buses; a result can be used in the cycle it is on one. */
  private decideResults(): void {
    const { cycle } = this;
    let buses = this.machine.pipeline.writePorts;
    this.writing = this.buffer.filter(
      (i) =>
        i.doneCycle <= cycle &&
        i.writeBackCycle === Infinity &&
        (i.static.writes < 0 || buses-- > 0),
    );
    for (const instruction of this.writing) instruction.writeBackCycle = cycle;
  }

  /** UA-65: in program order, W at most. */
  private decideCommits(): void {
    const { cycle, machine } = this;
    this.committing = [];
    for (const instruction of this.buffer) {
      if (instruction.commitCycle < cycle) continue;
      if (instruction.writeBackCycle >= cycle) return;
      if (this.committing.length === machine.pipeline.width) return;
      instruction.commitCycle = cycle;
      this.committing.push(instruction);
    }
  }

  /** UA-62: one after the other, so each takes its unit before the next is considered. */
  private decideIssues(): void {
    const { width } = this.machine.pipeline;
    this.issuing = [];
    this.heldCount = 0;
    for (const instruction of this.stations) {
      if (this.issuing.length === width) return;
      const scene = this.sceneOf(instruction);
      if (this.isNotedAsHeld(scene, instruction)) continue;
      this.issue(scene, instruction);
      this.issuing.push(instruction);
    }
  }

  /** All is noted of as many as may be charged; of the others only whether they are held. */
  private isNotedAsHeld(scene: Scene, instruction: InFlight): boolean {
    const note = this.held[this.heldCount];
    if (!note) return isHeld(scene, instruction, this.scratch);
    note.wait.clear();
    findIssueHazards(scene, instruction, note.wait);
    if (note.wait.causes === 0) return false;
    note.instruction = instruction;
    this.heldCount++;
    return true;
  }

  /** UA-60: those that get through in the same cycle count for the ones behind them. */
  private decideDispatches(decoded: readonly InFlight[]): void {
    const { machine, memory, units, cycle, lifted } = this;
    this.stall.begin();
    this.dispatching = [];
    for (const instruction of decoded) {
      const inFlight = [...this.buffer, ...this.dispatching];
      const scene = { machine, memory, units, cycle, inFlight, chain: undefined, lifted };
      const find = (i: InFlight, wait: Wait) => {
        findDispatchHazards(scene, i, wait);
      };
      if (this.stall.holds(instruction, find)) return;
      this.dispatching.push(instruction);
    }
  }

  private sceneOf(instruction: InFlight): Scene {
    const { machine, memory, units, cycle, buffer, lifted } = this;
    const scene = { machine, memory, units, cycle, inFlight: buffer, chain: undefined, lifted };
    const chain = chainOf(scene, instruction);
    return chain ? { ...scene, chain } : scene;
  }

  private issue({ cycle, chain }: Scene, instruction: InFlight): void {
    const { request, id, cost, static: fixed } = instruction;
    const memoryCycle = cycle + cost.executeCycles;
    const answer = request && this.memory.request(request, id, memoryCycle);
    instruction.instance = this.units.instanceFor(fixed.unit, cycle, chain);
    start(instruction, cycle, memoryCycle, 0, answer);
    this.units.take(instruction);
  }

  private advance(): boolean {
    const { cycle, listener, buffer } = this;
    const stage = (instructions: readonly InFlight[], name: 'MEM' | 'WB' | 'CT') => {
      for (const { id } of instructions) listener({ kind: 'stage', cycle, id, stage: name });
    };
    const retiring = buffer.filter(({ commitCycle }) => commitCycle < cycle);
    const accessing = buffer.filter((i) => i.request && i.memoryCycle === cycle);
    for (const { id } of retiring) listener({ kind: 'retire', cycle, id });
    stage(this.committing, 'CT');
    stage(this.writing, 'WB');
    stage(accessing, 'MEM');
    if (retiring.length > 0) this.buffer = buffer.slice(retiring.length);
    const moving = [retiring, this.committing, this.writing, accessing];
    return moving.some(({ length }) => length > 0);
  }

  private dispatch(instruction: InFlight): void {
    const { cycle, renaming } = this;
    const { reads, writes } = instruction.static;
    instruction.producers = reads.map((register) => renaming[register]);
    if (writes >= 0) renaming[writes] = instruction;
    this.buffer.push(instruction);
    this.stations.push(instruction);
    this.listener({ kind: 'stage', cycle, id: instruction.id, stage: 'RS' });
  }
}
