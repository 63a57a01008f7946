/** Memory as accesses see it: what they touch, and when they are done (UA-14, UA-40 to UA-46). */
import type { MemoryWork } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { Cache } from './cache.ts';
import { Dram } from './dram.ts';
import { CAUSE_NUMBER, NONE } from './numbers.ts';

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
  private readonly blockBytes: number;
  private readonly hitCycles: number;
  private readonly isBlocking: boolean;
  /** Blocks that the planned access touches. */
  private blocks = 0;

  constructor(machine: Machine) {
    const { memory, cache, pipeline } = machine;
    this.dram = new Dram(machine);
    this.cache = cache ? new Cache(cache, memory.burstBytes, this.dram) : undefined;
    this.blockBytes = cache ? cache.lineBytes : memory.burstBytes;
    this.hitCycles = cache ? cache.hitCycles : 0;
    this.isBlocking = pipeline.execution === 'blocking';
  }

  /**
   * Decides what the next access will ask of the cache and of DRAM. Both change only in the order
   * of plans, so nobody else may plan before it is requested.
   */
  plan({ address, rows, rowBytes, strideBytes, direction }: MemoryWork): void {
    const { blockBytes, dram } = this;
    const isWrite = direction === 'write';
    const isDense = strideBytes === rowBytes; // then all rows are as one
    const runBytes = isDense ? rows * rowBytes : rowBytes;
    const runs = isDense ? 1 : rows;
    dram.clear();
    this.blocks = 0;
    let before = NONE;
    for (let i = 0, start = address; i < runs; i++, start += strideBytes) {
      const block = Math.floor(start / blockBytes);
      const last = Math.floor((start + runBytes - 1) / blockBytes);
      this.touch(block === before ? block + 1 : block, last, isWrite);
      before = last;
    }
  }

  /** Touches the blocks from `first` up to and with `last`. */
  private touch(first: number, last: number, isWrite: boolean): void {
    const { cache, dram, hitCycles } = this;
    if (cache) {
      for (let block = first; block <= last; block++) {
        cache.touch(block, isWrite, this.blocks++ + hitCycles);
      }
      return;
    }
    if (last < first) return;
    dram.plan(first, last - first + 1, 0);
    this.blocks += last - first + 1;
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
    this.phase = CAUSE_NUMBER[this.cache && bursts > 0 ? 'memory.miss' : 'memory.latency'];
    this.occupancyCycles = this.cache ? Math.max(this.blocks, busCycles) : busCycles;
    if (this.isBlocking) this.occupancyCycles = memoryCycles;
  }

  /** The j-th line is looked up j cycles behind the request, and its data is there on a hit (UA-42). */
  private lookUpCycles(): number {
    return this.cache ? this.blocks - 1 + this.hitCycles : -Infinity;
  }

  /** The bank of the first burst of an access, or −1 where a cache stands before it (UA-28). */
  firstBank({ address }: MemoryWork): number {
    if (this.cache) return NONE;
    return this.dram.bankOf(Math.floor(address / this.blockBytes));
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
