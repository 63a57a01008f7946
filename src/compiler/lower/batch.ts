/** What lowering knows of several sequences in one pass; passes/batch.ts says how they lie in memory. */
import { idiv } from '../../../isa/instructions/idiv.ts';
import type { Size } from '../kernel/affine.ts';
import type { KernelBuilder } from '../kernel/builder.ts';
import type { Step } from '../step.ts';

/** Sequences that a step works on, each with a row of its own; 1 where rows are those of one. */
export function batchOf({ node }: Step): number {
  return (node.attributes.batch as number | undefined) ?? 1;
}

/** A count of positions of all sequences, for one of them. */
export function ofOneSequence(
  builder: KernelBuilder,
  count: Size,
  batch: number,
  name: string,
): Size {
  if (batch === 1) return count;
  if (typeof count === 'number') throw new Error(`invariant: ${name} of a batch is a number`);
  return builder.scalar(idiv, { ra: count, b: batch }, name, 'of one sequence');
}
