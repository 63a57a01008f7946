/** Integer arithmetic and branches: what they do as a function of two numbers, and `execute` derived from it. */
import type { Results, ScalarCondition, ScalarFunction } from './instruction.ts';

/** What arithmetic and branches read. */
interface Sides {
  readonly ra: number;
  readonly b: number;
}

/** rd ← compute(ra, b). */
export function computes(compute: ScalarFunction) {
  return {
    compute,
    execute({ ra, b }: Sides, results: Results): void {
      results.scalar = compute(ra, b);
    },
  };
}

/** Goes to target if holds(ra, b). */
export function branchesIf(holds: ScalarCondition) {
  return {
    holds,
    execute({ ra, b, target }: Sides & { readonly target: number }, results: Results): void {
      if (holds(ra, b)) results.nextPc = target;
    },
  };
}
