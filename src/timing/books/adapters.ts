/** Steps as blocks and blocks as steps, for those who take the one and get the other. */
import { HALTED } from '../../../isa/instruction.ts';
import type { MatrixWork, ElementWork, MemoryWork, Work } from '../../../isa/work.ts';
import type { Step } from '../../vm/step.ts';
import type { BlockSource } from '../../vm/step-block.ts';
import { NO_NEXT, StepBlock, WorkTable, stepAt } from '../../vm/step-block.ts';
import type { StepSource } from '../engine.ts';
import type { Segments } from '../event/stream.ts';
import { NONE } from '../event/numbers.ts';

/**
 * Blocks of one step: whoever executes the steps has not executed more than was timed when a run
 * is cut off.
 */
export class SingleSteps implements BlockSource {
  readonly works = new WorkTable();
  readonly segmentCount: number;
  private readonly source: StepSource;
  private readonly segments: Segments | undefined;
  /** Of each code address: the work that came last, and its number. */
  private readonly latest: (Work | undefined)[];
  private readonly number: Int32Array;

  constructor(source: StepSource, codeSize: number, segments?: Segments) {
    this.source = source;
    this.segments = segments;
    this.segmentCount = segments?.count ?? 1;
    this.latest = new Array<Work | undefined>(codeSize).fill(undefined);
    this.number = new Int32Array(codeSize).fill(NONE);
  }

  fill(block: StepBlock): void {
    const step = this.source.next();
    block.count = step ? 1 : 0;
    if (!step) return;
    const { pc, nextPc, work } = step;
    if (this.latest[pc] !== work) this.update(pc, work);
    block.pc[0] = pc;
    block.nextPc[0] = nextPc === HALTED ? NO_NEXT : nextPc;
    block.work[0] = this.number[pc];
    block.address[0] = work.kind === 'memory' ? work.address : 0;
    if (this.segments) block.segment[0] = this.segments.current();
  }

  private update(pc: number, work: Work): void {
    const before = this.latest[pc];
    this.latest[pc] = work;
    if (before && isSameButForAddress(before, work)) return;
    this.number[pc] = this.works.numberOf(work);
  }
}

/** The steps of blocks, one by one. */
export class BlockSteps implements StepSource {
  readonly segments: Segments;
  private readonly source: BlockSource;
  private readonly block = new StepBlock();
  private at = 0;

  constructor(source: BlockSource) {
    this.source = source;
    const { block } = this;
    this.segments = { count: source.segmentCount, current: () => block.segment[this.at - 1] };
  }

  next(): Step | undefined {
    const { block } = this;
    if (this.at >= block.count) {
      this.source.fill(block);
      this.at = 0;
      if (block.count === 0) return undefined;
    }
    const i = this.at++;
    return stepAt(block, i, this.source.works);
  }
}

function isSameButForAddress(a: Work, b: Work): boolean {
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'scalar':
      return true;
    case 'memory':
      return isSameAccess(a, b as MemoryWork);
    case 'matrix':
      return isSameProduct(a, b as MatrixWork);
    case 'elements':
      return isSamePasses(a, b as ElementWork);
  }
  return a satisfies never;
}

function isSameAccess(a: MemoryWork, b: MemoryWork): boolean {
  const isSameShape = a.rows === b.rows && a.rowBytes === b.rowBytes;
  return isSameShape && a.strideBytes === b.strideBytes && a.direction === b.direction;
}

function isSameProduct(a: MatrixWork, b: MatrixWork): boolean {
  return a.m === b.m && a.k === b.k && a.n === b.n;
}

function isSamePasses({ operations: a }: ElementWork, { operations: b }: ElementWork): boolean {
  if (a.length !== b.length) return false;
  return a.every((pass, i) => pass.unit === b[i].unit && pass.elements === b[i].elements);
}
