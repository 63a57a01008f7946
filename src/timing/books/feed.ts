/** Blocks of steps, made ready for the loops: which variant each is, and whether fetching waits for it. */
import type { StaticInstruction } from '../../../isa/registers.ts';
import type { Machine } from '../../machine/machine.ts';
import type { BlockSource, Clock } from '../../vm/step-block.ts';
import { StepBlock } from '../../vm/step-block.ts';
import { Branches } from '../event/branches.ts';
import { CONTROL_NUMBER, NONE } from '../event/numbers.ts';
import type { Sums } from './sums.ts';
import { Variants } from './variants.ts';

/** Steps at a time. Between blocks of steps nothing is learned of what comes again, so they are long. */
const FEED_STEPS = 2048;

const { next: NEXT, halt: HALT } = CONTROL_NUMBER;

/** Steps are handed out in runs: those of a block that follow one another in one segment. */
export class Feed {
  readonly block = new StepBlock(FEED_STEPS);
  readonly variants: Variants;
  /** Of each step: twice its variant, or its first pass; and one more if fetching waits for it (UA-6). */
  readonly entry = new Int32Array(FEED_STEPS);
  /** The run: its segment, its first step, and the one behind its last. */
  segment = NONE;
  from = 0;
  to = 0;
  /** Told to the source, where there is one. */
  clock: Clock | undefined;
  readonly branches: Branches;
  private readonly source: BlockSource;
  private hasHalted = false;

  constructor(machine: Machine, code: readonly StaticInstruction[], source: BlockSource) {
    this.source = source;
    this.variants = new Variants(machine, code, source.works);
    this.branches = new Branches(machine);
  }

  /** Nothing is fetched behind the run. */
  get isLast(): boolean {
    return this.hasHalted && this.to === this.block.count;
  }

  /** Goes on to the next run; false when nothing comes any more. Tells `sums` of another segment. */
  next(sums: Sums): boolean {
    const { block } = this;
    if (this.to === block.count) {
      if (this.hasHalted) return false;
      this.source.fill(block, this.clock);
      if (block.count === 0) this.hasHalted = true;
      this.to = 0;
      this.enterAll();
    }
    this.from = this.to;
    if (block.count === 0) return false;
    this.findRun(sums);
    return true;
  }

  /** As if the latest step had been so many segments further on. */
  skipSegments(segments: number, sums: Sums): void {
    this.segment += segments;
    sums.beginSegment(this.segment);
  }

  private findRun(sums: Sums): void {
    const { block, source } = this;
    const segment = block.segment[this.from];
    let to = this.from + 1;
    while (to < block.count && block.segment[to] === segment) to++;
    this.to = to;
    if (segment === this.segment) return;
    if (!(segment >= 0 && segment < source.segmentCount)) {
      throw new Error(`invariant: segment ${segment} is not one of ${source.segmentCount}`);
    }
    this.segment = segment;
    sums.beginSegment(segment);
  }

  private enterAll(): void {
    const { variants, entry } = this;
    const { count, pc, work, nextPc } = this.block;
    const { table, latestWork, latest } = variants;
    for (let i = 0; i < count; i++) {
      const at = pc[i];
      if (latestWork[at] !== work[i]) variants.update(at, work[i]);
      const control = table.control[at];
      const isWaitedFor = control !== NEXT && this.steer(control, at, nextPc[i]);
      entry[i] = 2 * latest[at] + (isWaitedFor ? 1 : 0);
    }
  }

  private steer(control: number, pc: number, nextPc: number): boolean {
    if (control === HALT) this.hasHalted = true;
    return this.branches.waitsFor(control, pc, nextPc, this.variants.table.target[pc]);
  }
}
