/** A memory access: the blocks it touches, and what memory answers. */
import type { MemoryWork } from '../../../isa/work.ts';
import type { Cause } from '../causes.ts';

/** What an access asks for. */
export interface Request {
  readonly isWrite: boolean;
  /** Numbers of the blocks it touches, in order: address ÷ block size, rounded down. */
  readonly blocks: readonly number[];
  /** From the lowest byte to behind the highest, holes between rows included (UA-29). */
  readonly lowAddress: number;
  readonly endAddress: number;
}

/** What memory answers to a request, in cycles. */
export interface Answer {
  /** m: the request is made, the access enters MEM. */
  readonly requestCycle: number;
  /** All its data are there. */
  readonly doneCycle: number;
  /** The last part of MEM, in which data moves. */
  readonly transferCycles: number;
  /** For which no other access may issue. */
  readonly occupancyCycles: number;
  /** Whether the cache could not do without DRAM; false without a cache. */
  readonly misses: boolean;
}

/** What the work of an access asks for, in blocks of `blockBytes`. */
export function requestOf(work: MemoryWork, blockBytes: number): Request {
  const { direction, address, rows, rowBytes, strideBytes } = work;
  const last = address + (rows - 1) * strideBytes;
  return {
    isWrite: direction === 'write',
    blocks: blocksOf(work, blockBytes),
    lowAddress: Math.min(address, last),
    endAddress: Math.max(address, last) + rowBytes,
  };
}

/** Row by row, upwards in each; a block equal to the one before is not touched again. */
function blocksOf(work: MemoryWork, blockBytes: number): number[] {
  const { address, rows, rowBytes, strideBytes } = work;
  const blocks: number[] = [];
  for (let row = 0; row < rows; row++) {
    const low = address + row * strideBytes;
    const last = Math.floor((low + rowBytes - 1) / blockBytes);
    for (let block = Math.floor(low / blockBytes); block <= last; block++) {
      if (blocks.at(-1) !== block) blocks.push(block);
    }
  }
  return blocks;
}

/** Whether two accesses may touch the same bytes (UA-29). */
export function overlaps(a: Request, b: Request): boolean {
  return a.lowAddress < b.endAddress && b.lowAddress < a.endAddress;
}

/** UA-46: what an access is about in `cycle`; undefined when it is not in MEM, or done. */
export function phaseOf(answer: Answer, cycle: number): Cause | undefined {
  const { requestCycle, doneCycle, transferCycles, misses } = answer;
  if (cycle < requestCycle || cycle >= doneCycle) return undefined;
  if (cycle >= doneCycle - transferCycles) return 'memory.bandwidth';
  return misses ? 'memory.miss' : 'memory.latency';
}
