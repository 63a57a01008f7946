/** Scheduling: loads move in front of the work that hides them. */
import type { Item, Kernel, Operation } from '../kernel/kernel.ts';
import { arrange } from '../schedule/arrange.ts';
import { countUses, overlapRounds } from '../schedule/overlap.ts';

/**
 * The kernel with its instructions in a better order. Innermost loops load for the next round while
 * they work on this one; then each stretch without a loop is arranged by itself. No arithmetic is
 * added or reordered, so the values are the same. Loops around short loops are treated alike, unless
 * `innermost` is asked for: it takes more registers.
 */
export function schedule(kernel: Kernel, innermost = false): Kernel {
  const uses = countUses(kernel.body);
  const overlap = (items: readonly Item[]): Item[] =>
    items.flatMap((item): readonly Item[] => {
      if (item.kind === 'operation') return [item];
      const inner = { ...item, body: overlap(item.body) };
      if (innermost && item.body.some(({ kind }) => kind === 'loop')) return [inner];
      return overlapRounds(inner, uses, countUses(item.body)) ?? [inner];
    });
  return { ...kernel, body: arrangeAll(overlap(kernel.body)) };
}

/** Every stretch of operations between loops, arranged. */
function arrangeAll(items: readonly Item[]): Item[] {
  const result: Item[] = [];
  let stretch: Operation[] = [];
  const flush = () => {
    result.push(...arrange(stretch));
    stretch = [];
  };
  for (const item of items) {
    if (item.kind === 'operation') {
      stretch.push(item);
      continue;
    }
    flush();
    result.push({ ...item, body: arrangeAll(item.body) });
  }
  flush();
  return result;
}
