/** The books of the overlapped machine: in order, and every wait a stair of causes. */
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE } from '../event/numbers.ts';
import type { Stream } from '../event/stream.ts';
import { OverlappedFlight } from './overlapped-flight.ts';
import { Progress } from './progress.ts';
import type { Sums } from './sums.ts';

const { control: CONTROL, fill: FILL, raw: RAW, issue: ISSUE } = CAUSE_NUMBER;

/** Runs to the end of the stream or to the limit. */
export function runOverlapped(
  machine: Machine,
  stream: Stream,
  sums: Sums,
  limit: number,
): TimingResult {
  const flight = new OverlappedFlight(machine, stream);
  const progress = new Progress(stream, sums, limit);
  let [fetched, issued, isLate] = [0, NONE, false];
  while (fetched < limit && stream.advance()) {
    const { pc, segment } = stream;
    const decoded = fetched + 1 > issued ? fetched + 1 : issued; // UA-3
    if (isLate)
      sums.charge(pc, segment, CONTROL, issued + 1, decoded + 1); // UA-31
    else if (decoded > issued) sums.chargeNobody(FILL, issued + 1, decoded + 1);
    flight.prepare();
    let cycle = flight.rawUntil(decoded + 1);
    if (cycle > decoded + 1) sums.charge(pc, segment, RAW, decoded + 1, cycle);
    for (;;) {
      const until = flight.holdsUntil(cycle);
      if (until <= cycle) break;
      sums.charge(pc, segment, flight.cause, cycle, until);
      cycle = until;
    }
    flight.issue(cycle);
    sums.charge(pc, segment, ISSUE, cycle, cycle + 1);
    progress.note(cycle, flight.occupancyCycles, flight.written);
    issued = cycle;
    isLate = stream.isWaitedFor;
    fetched = isLate ? cycle + stream.executeCycles : decoded; // UA-5, UA-6
  }
  return progress.finish(issued, isLate ? fetched : 0);
}
