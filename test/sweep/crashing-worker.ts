/** A worker for tests: it answers, throws, or dies in the middle of a task. */
import type { Task } from '../../src/sweep/worker.ts';

/** Program 1 throws, program 2 ends the thread, and all others fail with their number. */
export function runTask({ program }: Task): Promise<unknown> {
  if (program === 1) throw new Error('cannot do this');
  if (program !== 2) return Promise.resolve({ status: 'failed', problem: String(program) });
  return new Promise(() => {
    setImmediate(() => {
      throw new Error('out of luck');
    });
  });
}
