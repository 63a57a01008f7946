/** Puts together a machine that issues out of order. */
import type { Machine } from '../../machine/machine.ts';
import type { Tally } from '../books/tally.ts';
import type { Ledger } from './books.ts';
import { Flow } from './flow.ts';
import { FrontEnd } from './front-end.ts';
import { issueWidth } from './numbers.ts';
import { OutOfOrder } from './out-of-order.ts';
import type { Outlet } from './outlet.ts';
import { Scoreboard, scoreboardCapacity } from './scoreboard.ts';
import type { Stream } from './stream.ts';
import { Tomasulo, tomasuloCapacity } from './tomasulo.ts';

/** A scoreboard or Tomasulo's machine, which tells of its steps to an outlet or to a tally. */
export function outOfOrder(
  machine: Machine,
  stream: Stream,
  ledger: Ledger,
  listeners: { readonly outlet?: Outlet; readonly tally?: Tally },
  limit: number,
): OutOfOrder {
  const isScoreboard = machine.pipeline.execution === 'scoreboard';
  const width = issueWidth(machine);
  const flow = new Flow(machine, listeners, inFlight(machine), stream.table.maxSources);
  const core = isScoreboard ? new Scoreboard(machine, flow) : new Tomasulo(machine, flow);
  const front = new FrontEnd(stream, flow, width);
  return new OutOfOrder(core, flow, front, ledger, listeners.outlet, { limit, width });
}

/** Instructions in flight at most. */
export function inFlight(machine: Machine): number {
  const isScoreboard = machine.pipeline.execution === 'scoreboard';
  return isScoreboard ? scoreboardCapacity(machine) : tomasuloCapacity(machine);
}
