/** What is behind ID: the part of the engine in which kinds of machine differ. */
import type { InFlight } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import type { Waiting } from './wait.ts';

/** In each cycle asked to `decide`, to `charge` and to `commit`, in this order. */
export interface BackEnd {
  /**
   * Decides what happens in `cycle`, from the state in which the cycle before left the machine.
   * `decoded` are in ID, oldest first; the result is how many of them leave it.
   */
  decide(cycle: number, decoded: readonly InFlight[]): number;
  /** Charges the slots that it can account for, from the first; returns how many these are. */
  charge(ledger: Ledger): number;
  /** Lets happen what was decided; returns whether anything moved. */
  commit(): boolean;
  /** Whether all that is left in `cycle` is to leave the last stage. */
  isLeaving(cycle: number): boolean;
  /** Everything that has left ID and has not retired, oldest first. */
  readonly inFlight: readonly InFlight[];
  /** What each instruction that does not move waits for. */
  waiting(): Waiting[];
}
