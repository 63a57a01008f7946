/** Recorded or executed steps in columns, for timing that takes them in blocks. */
import type { Work } from '../../isa/work.ts';
import type { Segments } from '../../src/timing/books/index.ts';
import type { StepSource } from '../../src/timing/engine.ts';
import type { BlockSource } from '../../src/vm/step-block.ts';
import { BLOCK_STEPS, WorkTable } from '../../src/vm/step-block.ts';

/** Steps in blocks of at most `most`; the source is read ahead by as many. */
export function inBlocks(
  source: StepSource,
  { count, current }: Segments,
  most = BLOCK_STEPS,
): BlockSource {
  const works = new WorkTable();
  const numbers = new Map<Work, number>();
  const numberOf = (work: Work): number => {
    const number = numbers.get(work) ?? works.numberOf(work);
    numbers.set(work, number);
    return number;
  };
  return {
    works,
    segmentCount: count,
    fill(block) {
      block.count = 0;
      while (block.count < most) {
        const step = source.next();
        if (!step) return;
        const i = block.count++;
        block.pc[i] = step.pc;
        block.nextPc[i] = step.nextPc;
        block.work[i] = numberOf(step.work);
        block.address[i] = step.work.kind === 'memory' ? step.work.address : NaN;
        block.segment[i] = current();
      }
    },
  };
}
