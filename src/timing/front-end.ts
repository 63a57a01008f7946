/** IF and ID: how instructions arrive, in program order, W at a time (UA-3, UA-5, UA-6). */
import type { StaticInstruction } from '../../isa/registers.ts';
import { costOf } from '../machine/cost.ts';
import type { Machine } from '../machine/machine.ts';
import type { Fetchable } from './crack.ts';
import { crack } from './crack.ts';
import type { StepSource } from './engine.ts';
import type { InstructionId, Listener } from './events.ts';
import type { InFlight } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import type { Lifted } from './lifted.ts';
import { requestFor } from './memory/memory.ts';
import { Predictor } from './predictor.ts';

/** In each cycle asked to `decide`, to `charge` and to `commit`, in this order. */
export class FrontEnd {
  /** Instructions fetched. */
  fetched = 0;
  private readonly machine: Machine;
  private readonly code: readonly StaticInstruction[];
  private readonly source: StepSource;
  private readonly listener: Listener;
  private readonly lifted: Lifted | undefined;
  private readonly predictor: Predictor;
  private inFetch: InFlight[] = [];
  private inDecode: InFlight[] = [];
  /** How many leave IF and ID in this cycle, and who enters IF. */
  private decoding = 0;
  private leaving = 0;
  private fetching: InFlight[] = [];
  /** Instructions that left ID in earlier cycles. */
  private left = 0;
  /** What is still to be fetched of a cracked instruction. */
  private pieces: Fetchable[] = [];
  /** The control instruction that fetching waits for, and the last one that it waited for. */
  private unresolved: InFlight | undefined;
  private lastStop: InstructionId = -1;
  private sourceEnded = false;

  constructor(
    machine: Machine,
    code: readonly StaticInstruction[],
    source: StepSource,
    listener: Listener,
    lifted?: Lifted,
  ) {
    this.machine = machine;
    this.code = code;
    this.source = source;
    this.listener = listener;
    this.lifted = lifted;
    this.predictor = new Predictor(machine.pipeline);
  }

  /** In ID, oldest first. */
  get decoded(): readonly InFlight[] {
    return this.inDecode;
  }

  /** The oldest instruction in IF or ID. */
  get oldest(): InFlight | undefined {
    return this.inDecode[0] ?? this.inFetch[0];
  }

  /** Whether nothing is here and nothing will come. */
  get isEmpty(): boolean {
    const { sourceEnded, inFetch, inDecode, fetching } = this;
    return sourceEnded && inFetch.length + inDecode.length + fetching.length === 0;
  }

  /** UA-3, UA-5: as many move up as there is room when `leaving` instructions leave ID. */
  decide(cycle: number, leaving: number): void {
    const { width } = this.machine.pipeline;
    const { inFetch, inDecode } = this;
    this.leaving = leaving;
    this.decoding = Math.min(inFetch.length, width - (inDecode.length - leaving));
    if (this.fetching.length > 0) this.fetching = [];
    for (let room = width - (inFetch.length - this.decoding); room > 0; room--) {
      const fetched = this.fetch(cycle);
      if (!fetched) break;
      this.fetching.push(fetched);
    }
  }

  /** Charges the slots from `slot` on to what keeps instructions from coming (UA-31, UA-32). */
  charge(ledger: Ledger, slot: number): void {
    const next = this.left;
    const isFetched = next < this.fetched;
    const known = this.inDecode[0] ?? this.inFetch[0] ?? this.fetching[0];
    const behind = isFetched ? known!.fetchedBehind : this.behind(next);
    for (let i = slot; i < ledger.width; i++) {
      if (!isFetched && this.sourceEnded) ledger.chargePlain(i, 'drain', -1, -1);
      else if (behind >= 0) ledger.chargePlain(i, 'control', next, behind);
      else ledger.chargePlain(i, 'fill', -1, -1);
    }
  }

  /** Lets happen what was decided; returns whether anything moved. */
  commit(cycle: number): boolean {
    const { inFetch, inDecode, fetching, decoding, leaving } = this;
    if (decoding + leaving + fetching.length === 0) return false;
    const decoded = inFetch.slice(0, decoding);
    for (const { id } of decoded) this.listener({ kind: 'stage', cycle, id, stage: 'ID' });
    for (const { id, pc } of fetching) this.listener({ kind: 'fetch', cycle, id, pc });
    this.inDecode = [...inDecode.slice(leaving), ...decoded];
    this.inFetch = [...inFetch.slice(decoding), ...fetching];
    this.fetching = [];
    this.left += leaving;
    return true;
  }

  /** UA-6: the next instruction, unless the way is not known yet or there is none. */
  private fetch(cycle: number): InFlight | undefined {
    if (this.unresolved) {
      const { issueCycle, cost } = this.unresolved;
      if (cycle < issueCycle + cost.executeCycles) return undefined;
      this.unresolved = undefined;
    }
    const next = this.pieces.shift() ?? this.nextFromSource();
    if (!next) return undefined;
    const instruction = this.enter(next);
    if (instruction.stopsFetch) {
      this.unresolved = instruction;
      this.lastStop = instruction.id;
    }
    return instruction;
  }

  private nextFromSource(): Fetchable | undefined {
    const step = this.sourceEnded ? undefined : this.source.next();
    if (!step) {
      this.sourceEnded = true;
      return undefined;
    }
    const isCracked = this.machine.pipeline.microOperations === 'cracked';
    const [first, ...rest] = crack(step, this.code[step.pc]!, isCracked);
    this.pieces = rest;
    return first;
  }

  private enter({ pc, nextPc, static: fixed, work }: Fetchable): InFlight {
    const { machine, lifted } = this;
    const id = this.fetched++;
    const stopsFetch = this.predictor.stopsFetch(fixed, pc, nextPc);
    return {
      id,
      pc,
      static: fixed,
      work,
      cost: costOf(machine, fixed.unit, work),
      stopsFetch: stopsFetch && !lifted?.('control', nextPc, pc, -1),
      fetchedBehind: this.behind(id),
      request: work.kind === 'memory' ? requestFor(machine, work) : undefined,
      answer: undefined,
      producers: [],
      instance: -1,
      issueCycle: Infinity,
      memoryCycle: Infinity,
      doneCycle: Infinity,
      writeBackCycle: Infinity,
      commitCycle: Infinity,
      openCycle: Infinity,
      readEndCycle: Infinity,
    };
  }

  /** The branch or jump that instruction `id` is fetched late because of, or −1. */
  private behind(id: InstructionId): InstructionId {
    return this.lastStop >= 0 && this.lastStop === id - 1 ? this.lastStop : -1;
  }
}
