/** How a side of a row is timed: warm, and as the fastest of a few pieces. */
import { CLOCK } from './clock.ts';

/** Work that is called as often as a timing needs, alone or with a preparation, or something that tells its time. */
export type Side = (() => void) | Prepared | Told;

/** Work on something that has to be put back before each call; putting it back is not timed. */
export interface Prepared {
  readonly before: () => void;
  readonly run: () => void;
}

/** Nanoseconds of one call, measured by the side itself. */
export interface Told {
  readonly nanoseconds: () => number | Promise<number>;
}

export interface Pieces {
  /** Timings of a side in a round, of which the fastest counts. */
  readonly pieces: number;
  readonly pieceMs: number;
}

/** A call that takes so many pieces is timed once in a round. */
const LONG_CALL_PIECES = 10;

/** A function that gives the nanoseconds of one call; warm when this returns. */
export function timer(side: Side, { pieces, pieceMs }: Pieces): () => number | Promise<number> {
  if ('nanoseconds' in side) return side.nanoseconds;
  const piece = pieceMs * 1e6;
  const each = warm(side, piece);
  const calls = Math.max(1, Math.round(piece / each));
  const count = each > LONG_CALL_PIECES * piece ? 1 : pieces;
  return () => Math.min(...Array.from({ length: count }, () => timed(side, calls) / calls));
}

/** Calls are compiled in the background, so some time has to pass before they are as fast as they will be. */
const WARM_NS = 15e6;
const LEAST_WARM_CALLS = 3;
/** Loops in calls as long as this are compiled while they run. */
const LONG_WARM_NS = 150e6;

/** Nanoseconds of one call when so many are made that they take `piece` nanoseconds, which compiles them as well. */
function warm(side: (() => void) | Prepared, piece: number): number {
  let sum = 0;
  for (let calls = 1; ; calls *= 2) {
    const time = timed(side, calls);
    sum += time;
    const isEnough = calls * 2 > LEAST_WARM_CALLS || sum >= LONG_WARM_NS;
    if (isEnough && time >= piece && sum >= WARM_NS) return time / calls;
  }
}

/** Nanoseconds of so many calls. */
function timed(side: (() => void) | Prepared, calls: number): number {
  if (typeof side === 'function') return once(side, calls);
  let sum = 0;
  for (let i = 0; i < calls; i++) {
    side.before();
    sum += once(side.run, 1);
  }
  return sum;
}

function once(run: () => void, calls: number): number {
  const start = CLOCK.nanoseconds();
  for (let i = 0; i < calls; i++) run();
  return CLOCK.nanoseconds() - start;
}
