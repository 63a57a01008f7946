/** Memory as the pipeline sees it: requests go in, one at a time, and each is told when it is done. */
import type { MemoryWork } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { InstructionId } from '../events.ts';
import type { Answer, Request } from './access.ts';
import { requestOf } from './access.ts';
import { Cache } from './cache.ts';
import { Dram } from './dram.ts';

/** What an access with this work asks of the memory of a machine. */
export function requestFor({ cache, memory }: Machine, work: MemoryWork): Request {
  return requestOf(work, cache ? cache.lineBytes : memory.burstBytes);
}

/** A DRAM, and before it a data cache if the machine has one. */
export class MemorySystem {
  private readonly machine: Machine;
  private readonly dram: Dram;
  private readonly cache: Cache | undefined;

  constructor(machine: Machine) {
    this.machine = machine;
    this.dram = new Dram(machine.memory);
    this.cache = machine.cache ? new Cache(machine.cache) : undefined;
  }

  /** Makes a request in `cycle`. */
  request(request: Request, requester: InstructionId, cycle: number): Answer {
    const answer = this.serve(request, requester, cycle);
    this.dram.keep();
    this.cache?.keep();
    return answer;
  }

  /** What the answer to a request in `cycle` would be. */
  tryRequest(request: Request, requester: InstructionId, cycle: number): Answer {
    const answer = this.serve(request, requester, cycle);
    this.dram.undo();
    this.cache?.undo();
    return answer;
  }

  /** A cheap bound: no answer to a request in `cycle` has an earlier `doneCycle`. */
  earliestDoneCycle({ blocks }: Request, cycle: number): number {
    const { cache } = this.machine;
    if (cache) return cycle + blocks.length - 1 + cache.hitCycles;
    return this.dram.earliestDoneCycle(blocks.length, cycle);
  }

  /** UA-28: who keeps the bank of the first burst busy in `cycle`; −1 when nobody does. */
  bankHolder({ blocks }: Request, cycle: number): InstructionId {
    if (this.cache) return -1;
    const { readyCycle, requester } = this.dram.bankFor(blocks[0]!);
    return readyCycle > cycle ? requester : -1;
  }

  private serve(request: Request, requester: InstructionId, cycle: number): Answer {
    const { cache } = this;
    const answer = cache
      ? this.serveLines(cache, request, requester, cycle)
      : this.serveBursts(request, requester, cycle);
    if (this.machine.pipeline.execution !== 'blocking') return answer;
    return { ...answer, occupancyCycles: answer.doneCycle - cycle };
  }

  /** UA-41: every burst is requested at once. */
  private serveBursts({ blocks }: Request, requester: InstructionId, requestCycle: number): Answer {
    let doneCycle = 0;
    for (const burst of blocks) doneCycle = this.dram.request(burst, requester, requestCycle);
    const transferCycles = blocks.length * this.dram.burstCycles;
    const occupancyCycles = transferCycles;
    return { requestCycle, doneCycle, transferCycles, occupancyCycles, misses: false };
  }

  /** UA-42 to UA-45: a line is looked up in each cycle. */
  private serveLines(
    cache: Cache,
    { blocks, isWrite }: Request,
    requester: InstructionId,
    requestCycle: number,
  ): Answer {
    const { hitCycles } = this.machine.cache!;
    let doneCycle = 0;
    let bursts = 0;
    blocks.forEach((line, j) => {
      const hitCycle = requestCycle + j + hitCycles;
      const found = cache.lookUp(line, isWrite);
      const moved: number[] = [];
      if (found.kind === 'fill' && found.evicted >= 0) moved.push(...this.burstsOf(found.evicted));
      if (found.kind !== 'hit') moved.push(...this.burstsOf(line));
      let dataCycle = hitCycle;
      for (const burst of moved) dataCycle = this.dram.request(burst, requester, hitCycle);
      bursts += moved.length;
      doneCycle = Math.max(doneCycle, dataCycle);
    });
    const busCycles = bursts * this.dram.burstCycles;
    return {
      requestCycle,
      doneCycle,
      transferCycles: Math.min(busCycles, doneCycle - requestCycle - 1),
      occupancyCycles: Math.max(blocks.length, busCycles),
      misses: bursts > 0,
    };
  }

  /** The bursts of a cache line, lowest address first. */
  private burstsOf(line: number): number[] {
    const perLine = this.machine.cache!.lineBytes / this.machine.memory.burstBytes;
    return Array.from({ length: perLine }, (_, i) => line * perLine + i);
  }
}
