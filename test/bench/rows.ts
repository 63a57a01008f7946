/** A row of the benchmark: two ways to do the same work, timed in turn, and the ratio of their times. */
import { medianOf } from './measure.ts';

/** Work that is called as often as a timing needs, or something that tells its own nanoseconds. */
export type Side = (() => void) | { readonly nanoseconds: () => number | Promise<number> };

export interface Row {
  readonly name: string;
  readonly mine: Side;
  /** What it is compared with; a row without one has no ratio. */
  readonly other?: { readonly name: string; readonly side: Side; readonly share?: number };
  /** The absolute figure, from the nanoseconds of one call of `mine`. */
  readonly figure: (nanoseconds: number) => string;
  /** The least ratio of the short form, where a row without one is left out. */
  readonly floor?: number;
}

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** Timings of a side in a round, of which the fastest counts. */
  readonly pieces: number;
  readonly pieceMs: number;
}

export const LONG: Effort = { rounds: 9, pieces: 3, pieceMs: 10 };
const SHORT: Effort = { rounds: 5, pieces: 3, pieceMs: 2 };
/** For a row that was below its floor. */
const AGAIN: Effort = { rounds: 15, pieces: 5, pieceMs: 5 };

export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Result {
  readonly group: string;
  readonly name: string;
  readonly against: string | undefined;
  /** Time of the other ÷ time of mine, round by round. */
  readonly ratio: Spread | undefined;
  /** The same of the fastest times of all rounds: what else the host does only makes times longer. */
  readonly fastestRatio: number | undefined;
  readonly figure: string;
  /** Nanoseconds of one call of mine. */
  readonly nanoseconds: Spread;
  readonly floor: number | undefined;
}

/**
 * Both sides take turns, so that what else the host does hits them alike, and each round gives one ratio. Code is
 * compiled while the number of calls is found, before the first round.
 */
export async function measureRow(group: string, row: Row, effort: Effort): Promise<Result> {
  const { other } = row;
  const mine = timer(row.mine, effort);
  const theirs = other && timer(other.side, effort);
  const share = other?.share ?? 1;
  const rounds: { mine: number; theirs: number }[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    rounds.push({ mine: await mine(), theirs: theirs ? (await theirs()) / share : 0 });
  }
  return {
    group,
    name: row.name,
    against: other?.name,
    ratio: other && spreadOf(rounds.map((round) => round.theirs / round.mine)),
    fastestRatio: other && least(rounds.map((round) => round.theirs)) / least(rounds.map((round) => round.mine)), // prettier-ignore
    figure: row.figure(medianOf(rounds.map((round) => round.mine))),
    nanoseconds: spreadOf(rounds.map((round) => round.mine)),
    floor: row.floor,
  };
}

/** The short form: a row below its floor is measured once more, with more rounds. */
export async function judgeRow(group: string, row: Row): Promise<Result> {
  const result = await measureRow(group, row, SHORT);
  return isAboveFloor(result) ? result : measureRow(group, row, AGAIN);
}

/** Whether the ratio is where it should be; a regression shows in the median and in the fastest times alike. */
export function isAboveFloor({ ratio, fastestRatio, floor }: Result): boolean {
  if (ratio === undefined || fastestRatio === undefined || floor === undefined) return true;
  return Math.max(ratio.median, fastestRatio) >= floor;
}

const least = (values: readonly number[]): number => Math.min(...values);

function spreadOf(values: readonly number[]): Spread {
  return { median: medianOf(values), low: least(values), high: Math.max(...values) };
}

/** A call that takes so many pieces is timed once in a round. */
const LONG_CALL_PIECES = 10;

/** A function that gives the nanoseconds of one call; warm when this returns. */
function timer(side: Side, { pieces, pieceMs }: Effort): () => number | Promise<number> {
  if (typeof side !== 'function') return side.nanoseconds;
  const each = warm(side, pieceMs * 1e6);
  const calls = Math.max(1, Math.round((pieceMs * 1e6) / each));
  const count = each > LONG_CALL_PIECES * pieceMs * 1e6 ? 1 : pieces;
  return () => Math.min(...Array.from({ length: count }, () => timed(side, calls) / calls));
}

/** Nanoseconds of one call when so many are made that they take `piece` nanoseconds, which compiles them as well. */
function warm(side: () => void, piece: number): number {
  for (let calls = 1; ; calls *= 2) {
    const time = timed(side, calls);
    if (time > LONG_CALL_PIECES * piece) return time / calls;
    if (time >= piece) return timed(side, calls) / calls;
  }
}

/** Nanoseconds of so many calls. */
function timed(side: () => void, calls: number): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) side();
  return (performance.now() - start) * 1e6;
}

/** `3.21 M instructions/s`: so many of a thing in each call. */
export function rateOf(amount: number, unit: string): Row['figure'] {
  return (nanoseconds) => {
    const perSecond = (amount / nanoseconds) * 1e9;
    const [scale, prefix] =
      perSecond >= 1e9 ? [1e9, 'G'] : perSecond >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
    return `${(perSecond / scale).toPrecision(3)} ${prefix} ${unit}/s`;
  };
}

/** `123 ns`, `4.56 µs`, `7.89 ms`. */
export function duration(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toPrecision(3)} µs`;
  return `${(nanoseconds / 1e6).toPrecision(3)} ms`;
}
