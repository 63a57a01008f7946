/** Deadlock: a proof that rules contradict each other, told with the circle of waits. */
import type { Waiting } from './wait.ts';

/** An invariant error: in `cycle` nothing moves, and nothing ever will. */
export function deadlock(cycle: number, waiting: readonly Waiting[]): Error {
  const circle = circleOf(waiting);
  const told = (circle.length > 0 ? circle : waiting).map(
    ({ id, cause, producer }) => `#${id} waits for #${producer} (${cause})`,
  );
  const what = told.length > 0 ? told.join(', ') : 'nobody waits';
  return new Error(`invariant: deadlock in cycle ${cycle}: ${what}`);
}

/** Waits that lead back to where they began; empty when there are none. */
function circleOf(waiting: readonly Waiting[]): Waiting[] {
  const byId = new Map(waiting.map((wait) => [wait.id, wait]));
  for (const first of waiting) {
    const path: Waiting[] = [];
    let wait: Waiting | undefined = first;
    while (wait && !path.includes(wait)) {
      path.push(wait);
      wait = byId.get(wait.producer);
    }
    if (wait) return path.slice(path.indexOf(wait));
  }
  return [];
}
