/** What came of the trial of a mutant. */

/** What a trial that came to its end says. */
export interface Verdict {
  /** Tests worked out by hand. */
  readonly tests: number;
  /** The title of the first that failed. */
  readonly failedTest: string | undefined;
  readonly trials: number;
  /** Number of the first trial on which the engines differ, or −1. */
  readonly failedTrial: number;
}

/** A verdict, or how the trial was broken off. */
export type Outcome = Verdict | 'hangs' | 'throws';

/** Whether anything at all noticed the mistake. */
export function isKilled(outcome: Outcome): boolean {
  if (typeof outcome === 'string') return true;
  return outcome.failedTest !== undefined || outcome.failedTrial >= 0;
}

/** Whether the tests worked out by hand noticed it; so did they if they broke off. */
export function isKilledByHand(outcome: Outcome): boolean {
  return typeof outcome === 'string' || outcome.failedTest !== undefined;
}

/** Whether the comparison with the event engine noticed it. */
export function isKilledByComparison(outcome: Outcome): boolean {
  return typeof outcome !== 'string' && outcome.failedTrial >= 0;
}
