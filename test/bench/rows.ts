/** A row of the benchmark: two ways to do the same work, timed in turn, and the ratio of their times. */
import type { Pieces, Side } from './timer.ts';
import { timer } from './timer.ts';

export interface Other {
  readonly name: string;
  readonly side: Side;
  /** How much of the work it does, where that is not all. */
  readonly share?: number;
  /**
   * The other is only a part of what mine has to do: the ratio then tells how many times as long mine takes, and
   * less is better. Otherwise it tells how many times as fast mine is.
   */
  readonly isPart?: true;
}

export interface Row {
  readonly name: string;
  readonly mine: Side;
  /** What it is compared with; a row without one has no ratio. */
  readonly other?: Other;
  /** The absolute figure, from the nanoseconds of one call of `mine`. */
  readonly figure: (nanoseconds: number) => string;
  /** For the short form, where a row without one is left out: the least ratio, or the largest beside a part. */
  readonly limit?: number;
}

/** What a group says where it cannot measure, or what one should know of it. */
export type Note = string;

/** How long to measure. */
export interface Effort extends Pieces {
  readonly rounds: number;
}

export const LONG: Effort = { rounds: 9, pieces: 3, pieceMs: 10 };
const SHORT: Effort = { rounds: 5, pieces: 3, pieceMs: 1 };
/** For a row that was outside its limit. */
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
  /** The ratio is time of mine ÷ time of the other; it is the inverse where this is false. */
  readonly isPart: boolean;
  /** Round by round. */
  readonly ratio: Spread | undefined;
  /** The same of the fastest times of all rounds: what else the host does only makes times longer. */
  readonly fastestRatio: number | undefined;
  readonly figure: string;
  /** Nanoseconds of one call of mine. */
  readonly nanoseconds: Spread;
  readonly limit: number | undefined;
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
  const [mineTimes, theirTimes]: [number[], number[]] = [[], []];
  for (let round = 0; round < effort.rounds; round++) {
    mineTimes.push(await mine());
    if (theirs) theirTimes.push((await theirs()) / share);
  }
  const isPart = other?.isPart ?? false;
  const ratioOf = (my: number, their: number) => (isPart ? my / their : their / my);
  return {
    group,
    name: row.name,
    against: other?.name,
    isPart,
    ratio: other && spreadOf(mineTimes.map((time, round) => ratioOf(time, theirTimes[round]!))),
    fastestRatio: other && ratioOf(Math.min(...mineTimes), Math.min(...theirTimes)),
    figure: row.figure(medianOf(mineTimes)),
    nanoseconds: spreadOf(mineTimes),
    limit: row.limit,
  };
}

/** The short form: a row outside its limit is measured once more, with more rounds. */
export async function judgeRow(group: string, row: Row): Promise<Result> {
  const result = await measureRow(group, row, SHORT);
  return isWithinLimit(result) ? result : measureRow(group, row, AGAIN);
}

/** Whether the ratio is where it should be; a regression shows in the median and in the fastest times alike. */
export function isWithinLimit({ isPart, ratio, fastestRatio, limit }: Result): boolean {
  if (ratio === undefined || fastestRatio === undefined || limit === undefined) return true;
  if (isPart) return Math.min(ratio.median, fastestRatio) <= limit;
  return Math.max(ratio.median, fastestRatio) >= limit;
}

function medianOf(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

function spreadOf(values: readonly number[]): Spread {
  return { median: medianOf(values), low: Math.min(...values), high: Math.max(...values) };
}

/** `3.21 M instr/s`: so many of a thing in each call. */
export function rateOf(amount: number, unit: string): Row['figure'] {
  return (nanoseconds) => {
    const perSecond = (amount / nanoseconds) * 1e9;
    if (perSecond < 1e3) return `${perSecond.toPrecision(3)} ${unit}/s`;
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
