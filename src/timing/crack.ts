/** Micro-operations: an instruction of several passes as one instruction for each pass (UA-7). */
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Work } from '../../isa/work.ts';
import type { Step } from '../vm/step.ts';

/** What is fetched: an instruction, or one pass of it. */
export interface Fetchable {
  readonly pc: number;
  readonly nextPc: number;
  readonly static: StaticInstruction;
  readonly work: Work;
}

/** The instructions that a step is fetched as, in order. */
export function crack(step: Step, whole: StaticInstruction, isCracked: boolean): Fetchable[] {
  const { pc, nextPc, work } = step;
  const passes = work.kind === 'elements' ? work.operations : [];
  if (!isCracked || passes.length < 2) return [{ pc, nextPc, static: whole, work }];
  const { reads, writes } = whole;
  const later = writes < 0 ? reads : [writes, ...reads.filter((register) => register !== writes)];
  return passes.map((pass, k) => ({
    pc,
    nextPc,
    static: { ...whole, unit: pass.unit, reads: k === 0 ? reads : later, accumulates: -1 },
    work: { kind: 'elements', operations: [pass] },
  }));
}
