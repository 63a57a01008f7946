/** Blocks of steps, made ready for the loops: which variant each is, and whether fetching waits for it. */
import type { StaticInstruction } from '../../../isa/registers.ts';
import type { Machine } from '../../machine/machine.ts';
import type { BlockSource } from '../../vm/step-block.ts';
import { BLOCK_STEPS, StepBlock } from '../../vm/step-block.ts';
import { Branches } from '../event/branches.ts';
import { CONTROL_NUMBER, NONE } from '../event/numbers.ts';
import { Variants } from './variants.ts';

const { next: NEXT, halt: HALT } = CONTROL_NUMBER;

export class Feed {
  readonly block = new StepBlock();
  readonly variants: Variants;
  /** Of each step of the block: its variant or first pass, and whether fetching waits for it (UA-6). */
  readonly variant = new Int32Array(BLOCK_STEPS);
  readonly isWaitedFor = new Uint8Array(BLOCK_STEPS);
  /** Nothing is fetched behind the block. */
  isLast = false;
  private readonly source: BlockSource;
  private readonly branches: Branches;
  private segment = NONE;

  constructor(machine: Machine, code: readonly StaticInstruction[], source: BlockSource) {
    this.source = source;
    this.variants = new Variants(machine, code, source.works);
    this.branches = new Branches(machine);
  }

  /** Brings the next block; the number of its steps, 0 when nothing comes any more. */
  next(): number {
    if (this.isLast) return 0;
    const { block, variants, variant, isWaitedFor } = this;
    this.source.fill(block);
    const { table, latestWork, latest } = variants;
    const { count, pc, work, segment } = block;
    for (let i = 0; i < count; i++) {
      const at = pc[i];
      if (latestWork[at] !== work[i]) variants.update(at, work[i]);
      variant[i] = latest[at];
      if (segment[i] !== this.segment) this.enter(segment[i]);
      const control = table.control[at];
      isWaitedFor[i] = control === NEXT ? 0 : this.steer(control, at, block.nextPc[i]);
    }
    if (count === 0) this.isLast = true;
    return count;
  }

  private steer(control: number, pc: number, nextPc: number): number {
    if (control === HALT) this.isLast = true;
    const target = this.variants.table.target[pc];
    return this.branches.waitsFor(control, pc, nextPc, target) ? 1 : 0;
  }

  private enter(segment: number): void {
    const { segmentCount } = this.source;
    this.segment = segment;
    if (segment >= 0 && segment < segmentCount) return;
    throw new Error(`invariant: segment ${segment} is not one of ${segmentCount}`);
  }
}
