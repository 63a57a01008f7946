/** Memory as accesses see it: what they touch, and when they are done (UA-14, UA-40 to UA-46). */
import type { MemoryWork } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { Cache } from './cache.ts';
import { Dram } from './dram.ts';
import { CAUSE_NUMBER, NONE } from './numbers.ts';

const { 'memory.miss': MISS, 'memory.latency': LATENCY } = CAUSE_NUMBER;

/** Plan an access, then request it; the fields are about the access requested last. */
export class MemoryModel {
  /** The cycle in which it is done. */
  doneCycle = 0;
  occupancyCycles = 0;
  /** From this cycle on its phase is `memory.bandwidth` (UA-46) … */
  transferCycle = 0;
  /** … and until then this one: the number of `memory.miss` or `memory.latency`. */
  phase = 0;
  private readonly dram: Dram;
  private readonly cache: Cache | undefined;
  private readonly lineBytes: number;
  private readonly burstBytes: number;
  private readonly hitCycles: number;
  private readonly isBlocking: boolean;
  /** Cache lines that the planned access touches. */
  private lines = 0;

  constructor(machine: Machine) {
    const { memory, cache, pipeline } = machine;
    this.dram = new Dram(machine);
    this.cache = cache ? new Cache(cache, memory.burstBytes, this.dram) : undefined;
    this.lineBytes = cache ? cache.lineBytes : 0;
    this.burstBytes = memory.burstBytes;
    this.hitCycles = cache ? cache.hitCycles : 0;
    this.isBlocking = pipeline.execution === 'blocking';
  }

  /**
   * Decides what the next access will ask of the cache and of DRAM. Both change only in the order
   * of plans, so nobody else may plan before it is requested.
   */
  plan(access: MemoryWork): void {
    if (this.cache) this.lookUp(this.cache, access);
    else this.dram.planAccess(access);
  }

  private lookUp(cache: Cache, access: MemoryWork): void {
    const { address, rows, rowBytes, strideBytes, direction } = access;
    const { lineBytes, hitCycles } = this;
    const isWrite = direction === 'write';
    let before = NONE;
    let lines = 0;
    this.dram.clear();
    for (let row = 0; row < rows; row++) {
      const start = address + row * strideBytes;
      const last = Math.floor((start + rowBytes - 1) / lineBytes);
      for (let line = Math.floor(start / lineBytes); line <= last; line++) {
        if (line !== before) cache.touch(line, isWrite, lines++ + hitCycles);
        before = line;
      }
    }
    this.lines = lines;
  }

  /** When the planned access is done if it is requested in `cycle`. */
  doneIf(cycle: number): number {
    return Math.max(this.dram.doneIf(cycle), cycle + this.lookUpCycles());
  }

  /** From this cycle on `doneIf(cycle) − cycle` is the same for each cycle. */
  idleAt(): number {
    return this.dram.idleAt();
  }

  /** Requests the planned access in `cycle`, for the instruction `id`. */
  request(cycle: number, id: number): void {
    const { bursts, burstCycles } = this.dram;
    this.doneCycle = Math.max(this.dram.request(cycle, id), cycle + this.lookUpCycles());
    const memoryCycles = this.doneCycle - cycle;
    const busCycles = bursts * burstCycles;
    const transferCycles = this.cache ? Math.min(busCycles, memoryCycles - 1) : busCycles;
    this.transferCycle = this.doneCycle - transferCycles;
    this.phase = this.cache && bursts > 0 ? MISS : LATENCY;
    this.occupancyCycles = this.cache ? Math.max(this.lines, busCycles) : busCycles;
    if (this.isBlocking) this.occupancyCycles = memoryCycles;
  }

  /** The j-th line is looked up j cycles behind the request, and its data is there on a hit (UA-42). */
  private lookUpCycles(): number {
    return this.cache ? this.lines - 1 + this.hitCycles : -Infinity;
  }

  /** The bank of the first burst of an access, or −1 where a cache stands before it (UA-28). */
  firstBank({ address }: MemoryWork): number {
    if (this.cache) return NONE;
    return this.dram.bankOf(Math.floor(address / this.burstBytes));
  }

  bankReadyAt(bank: number): number {
    return this.dram.readyAt(bank);
  }

  bankUser(bank: number): number {
    return this.dram.userOf(bank);
  }
}

/** The lowest byte that an access touches. */
export function lowestByte({ address, rows, strideBytes }: MemoryWork): number {
  return Math.min(address, address + (rows - 1) * strideBytes);
}

/** The first byte behind the highest that an access touches. */
export function endByte({ address, rows, rowBytes, strideBytes }: MemoryWork): number {
  return Math.max(address, address + (rows - 1) * strideBytes) + rowBytes;
}
