/** What the account of a generation says: plain data, and the small sums that it is made with. */
import type { Unit } from '../../isa/work.ts';
import type { Cause } from '../timing/causes.ts';
import { CAUSES } from '../timing/causes.ts';
import type { CauseCounts } from './by-cause.ts';
import type { Bound, ByCause } from './report.ts';

/** What something took, and what it did in that time. */
export interface Effort {
  /** Slots charged to it ÷ issue width: those of several parts sum to those of the whole. */
  readonly cycles: number;
  readonly instructions: number;
  /** Bytes moved to and from memory. */
  readonly bytes: number;
  /** Useful multiply-accumulates. */
  readonly macs: number;
  /** macs ÷ (processing elements × cycles). */
  readonly macUtilisation: number;
  /** The cause other than `issue` with the most slots; null when there is none. */
  readonly largestCause: Cause | null;
  /** Slots by cause, those above 0. */
  readonly slots: ByCause;
}

/** The unit that was occupied for the largest part of the time. */
export interface Busiest {
  readonly unit: Unit;
  /** Of one copy, on average. */
  readonly busyCycles: number;
  /** busyCycles ÷ cycles. */
  readonly utilisation: number;
}

/** No schedule of these instructions by themselves takes fewer cycles; see LowerBound. */
export type EffortBound = Pick<Bound, 'cycles' | 'setBy'>;

/** One pass over the model. */
export interface PassUse extends Effort {
  readonly busiest: Busiest | null;
  readonly bound: EffortBound;
  /** Cycles of each row. */
  readonly rowCycles: readonly number[];
}

/** All passes of one kind together. */
export interface PhaseUse extends Effort {
  readonly passes: number;
  readonly busiest: Busiest | null;
  /** The sum of those of the passes; `setBy` is what set the most of it. */
  readonly bound: EffortBound;
}

/** A layer, or what is beside the layers. */
export interface RowUse {
  readonly name: string;
  readonly prefill: Effort;
  readonly decode: Effort;
}

/** A generation by passes and by layers. */
export interface Phases {
  readonly cycles: number;
  readonly issueWidth: number;
  /** cycles × issueWidth. */
  readonly slotsTotal: number;
  readonly prefill: PhaseUse;
  readonly decode: PhaseUse;
  readonly rows: readonly RowUse[];
  /** The first is prefill. */
  readonly passes: readonly PassUse[];
}

/** The cause other than `issue` with the most slots; of equal ones the first. */
export function largestCause(slots: CauseCounts): Cause | null {
  let largest: Cause | null = null;
  let most = 0;
  CAUSES.forEach((cause, i) => {
    if (cause === 'issue' || slots[i]! <= most) return;
    largest = cause;
    most = slots[i]!;
  });
  return largest;
}

/** Of equal ones the first; null when nothing was occupied. */
export function busiestOf(
  busy: readonly (readonly [Unit, number])[],
  cycles: number,
): Busiest | null {
  const [unit, busyCycles] = busy.reduce((a, b) => (b[1] > a[1] ? b : a));
  if (busyCycles === 0) return null;
  return { unit, busyCycles, utilisation: cycles === 0 ? 0 : busyCycles / cycles };
}

/** The sum, and what set the most of it. */
export function sumBounds(bounds: readonly EffortBound[]): EffortBound {
  const byName = new Map<Bound['setBy'], number>();
  for (const { cycles, setBy } of bounds) byName.set(setBy, (byName.get(setBy) ?? 0) + cycles);
  const [setBy] = [...byName].reduce((a, b) => (b[1] > a[1] ? b : a), ['nothing', 0] as const);
  return { cycles: bounds.reduce((sum, { cycles }) => sum + cycles, 0), setBy };
}
