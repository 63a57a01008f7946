/** The tick engine: the pipeline moved by one cycle at a time, as hardware would be. */
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../machine/machine.ts';
import type { StepSource, TimingOptions, TimingResult } from './engine.ts';
import { DEFAULT_MAX_CYCLES } from './engine.ts';
import type { InstructionId, Listener } from './events.ts';
import type { Scene } from './hazards.ts';
import { findHazards, freeInstance, leavesStage } from './hazards.ts';
import type { InFlight } from './in-flight.ts';
import { fetched, issueEvent } from './in-flight.ts';
import { Ledger } from './ledger.ts';
import { Wait } from './wait.ts';

const NEXT_STAGE = { EX: 'MEM', MEM: 'WB' } as const;

/**
 * Runs the steps of a program through the pipeline of a machine.
 *
 * Each tick has two phases: everything is decided from the state as the last cycle left it, then
 * everything moves; so the order in which stages are visited does not matter.
 */
export class TickEngine {
  private readonly machine: Machine;
  private readonly code: readonly StaticInstruction[];
  private readonly source: StepSource;
  private readonly listener: Listener;
  private readonly ledger: Ledger;
  private readonly wait = new Wait();
  private cycle = 0;
  private instructions = 0;
  private inFetch: InFlight | undefined;
  private inDecode: InFlight | undefined;
  /** Issued and not retired, oldest first. */
  private inFlight: InFlight[] = [];
  /** The control instruction that fetch waits for. */
  private unresolved: InFlight | undefined;
  /** The control instruction behind which the pipeline ran empty, until something issues. */
  private bubbleOf: InstructionId = -1;
  private sourceEnded = false;

  constructor(
    machine: Machine,
    code: readonly StaticInstruction[],
    source: StepSource,
    listener: Listener,
  ) {
    this.machine = machine;
    this.code = code;
    this.source = source;
    this.listener = listener;
    this.ledger = new Ledger(listener);
  }

  /** Runs to the end, or to the cycle limit. */
  run({ maxCycles = DEFAULT_MAX_CYCLES }: TimingOptions = {}): TimingResult {
    let isRunning = true;
    while (isRunning && (this.cycle < maxCycles || this.isOver())) isRunning = this.tick();
    this.ledger.close();
    this.listener({ kind: 'end', cycle: this.cycle });
    const oldest = this.inFlight[0] ?? this.inDecode ?? this.inFetch;
    return {
      cycles: this.cycle,
      instructions: this.instructions,
      cutOffAt: isRunning ? (oldest?.pc ?? 0) : undefined,
    };
  }

  /** Whether nothing is left to do but to leave WB, which takes no further cycle (UA-2). */
  private isOver(): boolean {
    const { sourceEnded, inFetch, inDecode, inFlight } = this;
    return sourceEnded && !inFetch && !inDecode && inFlight.every(({ stage }) => stage === 'WB');
  }

  /** One cycle; false, and no cycle, when the pipeline is empty for good. */
  tick(): boolean {
    const { cycle, machine, inFlight } = this;
    const scene: Scene = { machine, inFlight, cycle };

    const issuing = this.decideIssue(scene);
    const moving = inFlight.filter((instruction) => leavesStage(scene, instruction));
    const decoding = this.inFetch && (!this.inDecode || issuing) ? this.inFetch : undefined;
    const fetching = !this.inFetch || decoding ? this.fetch() : undefined;

    if (!fetching && this.isOver()) {
      this.move(moving);
      return false;
    }
    this.charge(issuing);
    this.move(moving);
    if (issuing) this.issue(scene, issuing);
    if (decoding) this.decode(decoding);
    if (this.inFetch === decoding) this.inFetch = fetching;
    this.cycle++;
    return true;
  }

  /** The instruction in ID when nothing holds it; otherwise `wait` says what does. */
  private decideIssue(scene: Scene): InFlight | undefined {
    const head = this.inDecode;
    if (!head) return undefined;
    findHazards(scene, head, this.wait);
    return this.wait.causes === 0 ? head : undefined;
  }

  /** UA-5, UA-6: the next instruction, unless the way is not known yet or there is none. */
  private fetch(): InFlight | undefined {
    if (this.unresolved) {
      const { issueCycle, cost } = this.unresolved;
      if (issueCycle < 0 || this.cycle < issueCycle + cost.executeCycles) return undefined;
      this.unresolved = undefined;
    }
    if (this.sourceEnded) return undefined;
    const step = this.source.next();
    if (!step) {
      this.sourceEnded = true;
      return undefined;
    }
    const { cycle, machine } = this;
    const instruction = fetched(this.instructions++, step, this.code[step.pc]!, machine, cycle);
    if (this.endsFetch(instruction)) this.unresolved = instruction;
    this.listener({ kind: 'fetch', cycle, id: instruction.id, pc: instruction.pc });
    return instruction;
  }

  private endsFetch({ static: { control }, isTaken }: InFlight): boolean {
    if (control === 'next' || control === 'halt') return false;
    return isTaken || this.machine.pipeline.branch === 'stall';
  }

  /** Charges this cycle's issue slot (UA-30). */
  private charge(issuing: InFlight | undefined): void {
    if (issuing) {
      this.bubbleOf = this.unresolvedBehind(issuing);
      this.ledger.chargePlain('issue', issuing.id, -1);
    } else if (this.inDecode) {
      this.ledger.chargeWait(this.inDecode.id, this.wait);
    } else if (this.bubbleOf >= 0 && !(this.sourceEnded && !this.inFetch)) {
      this.ledger.chargePlain('control', this.bubbleOf + 1, this.bubbleOf);
    } else {
      this.ledger.chargePlain(this.inFlight.length > 0 ? 'drain' : 'fill', -1, -1);
    }
  }

  private unresolvedBehind(issuing: InFlight): InstructionId {
    return this.endsFetch(issuing) ? issuing.id : -1;
  }

  private move(moving: readonly InFlight[]): void {
    const { cycle, listener } = this;
    for (const instruction of moving) {
      const { id, stage } = instruction;
      if (stage === 'EX' || stage === 'MEM') {
        instruction.stage = NEXT_STAGE[stage];
        instruction.stageCycle = cycle;
        listener({ kind: 'stage', cycle, id, stage: NEXT_STAGE[stage] });
      } else {
        instruction.stageCycle = -1;
        listener({ kind: 'retire', cycle, id });
      }
    }
    if (moving.length > 0) this.inFlight = this.inFlight.filter((i) => i.stageCycle >= 0);
  }

  private issue(scene: Scene, instruction: InFlight): void {
    const { cycle } = this;
    instruction.instance = freeInstance(scene, instruction);
    instruction.stage = 'EX';
    instruction.stageCycle = cycle;
    instruction.issueCycle = cycle;
    this.inFlight.push(instruction);
    this.inDecode = undefined;
    this.listener(issueEvent(instruction, this.machine, cycle));
  }

  private decode(instruction: InFlight): void {
    instruction.stage = 'ID';
    instruction.stageCycle = this.cycle;
    this.inDecode = instruction;
    this.listener({ kind: 'stage', cycle: this.cycle, id: instruction.id, stage: 'ID' });
  }
}
