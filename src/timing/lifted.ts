/** Lifting: a wait that a run does without, so that what it cost can be measured. */
import type { RegisterNumber } from '../../isa/registers.ts';
import type { Cause } from './causes.ts';
import type { InFlight } from './in-flight.ts';

/**
 * Whether waits of instructions at one code address for those at another, for one cause and
 * register (−1 when none), do not count. Values do not depend on time, so nothing else changes:
 * the run computes what it always computes, and the next reason to wait shows.
 */
export type Lifted = (
  cause: Cause,
  consumerPc: number,
  producerPc: number,
  register: RegisterNumber,
) => boolean;

/** Whether `consumer` need not wait for `producer`; never without a `lifted`. */
export function isLifted(
  lifted: Lifted | undefined,
  cause: Cause,
  consumer: InFlight,
  producer: InFlight,
  register: RegisterNumber = -1,
): boolean {
  return lifted !== undefined && lifted(cause, consumer.pc, producer.pc, register);
}
