/** Cells: what an instruction does in a cycle, in at most four letters. */
import type { Cause } from '../timing/causes.ts';
import { CAUSES } from '../timing/causes.ts';
import type { Flight } from './flights.ts';
import { MEANING } from './sentences.ts';

/** How a waiting cell names its cause. */
const SHORT: Readonly<Record<Cause, string>> = {
  issue: '',
  fill: '',
  control: 'ctl',
  raw: 'raw',
  waw: 'waw',
  war: 'war',
  'structural.alu': 'alu',
  'structural.mxu': 'mxu',
  'structural.vec': 'vec',
  'structural.sfu': 'sfu',
  'structural.dma': 'dma',
  'structural.port': 'port',
  'structural.queue': 'queue',
  'structural.bank': 'bank',
  'memory.latency': 'lat',
  'memory.bandwidth': 'bw',
  'memory.miss': 'miss',
  'memory.order': 'ord',
  drain: '',
};

/** A stage that is over, held up by an older instruction. */
export const HELD = '·';

/** The cell of a cycle; empty before and behind the flight. */
export function cellAt(flight: Flight, cycle: number): string {
  if (cycle >= flight.retireCycle) return '';
  if (cycle >= flight.commitCycle) return 'CT';
  if (cycle >= flight.writeBackCycle) return 'WB';
  if (cycle >= flight.memoryCycle) return 'MEM';
  if (cycle >= flight.issueCycle) return 'EX';
  if (cycle === flight.dispatchCycle) return flight.dispatchStage!;
  if (cycle === flight.decodeCycle) return 'ID';
  if (cycle === flight.fetchCycle) return 'IF';
  const wait = flight.waits.find((w) => cycle >= w.cycle && cycle < w.cycle + w.cycles);
  if (wait) return SHORT[wait.cause];
  if (cycle > flight.dispatchCycle) return flight.dispatchStage!;
  return cycle > flight.fetchCycle ? HELD : '';
}

/** Every cycle in which the cell may differ from the one before; unreached stages are left out. */
export function changesOf(flight: Flight): number[] {
  const { fetchCycle, decodeCycle, dispatchCycle, issueCycle, memoryCycle } = flight;
  const { writeBackCycle, commitCycle, retireCycle } = flight;
  const stages = [issueCycle, memoryCycle, writeBackCycle, commitCycle, retireCycle];
  const single = [fetchCycle, decodeCycle, dispatchCycle].flatMap((cycle) => [cycle, cycle + 1]);
  const waits = flight.waits.flatMap(({ cycle, cycles }) => [cycle, cycle + cycles]);
  return [...single, ...stages, ...waits].filter((cycle) => cycle < Infinity);
}

/** `raw: an operand …` for each waiting cell in use. */
export function legend(used: ReadonlySet<string>): string[] {
  const causes = CAUSES.filter((cause) => used.has(SHORT[cause]) && SHORT[cause] !== '');
  return [
    ...causes.map((cause) => `${SHORT[cause].padEnd(5)} ${MEANING[cause]}`),
    ...(used.has(HELD) ? [`${HELD.padEnd(5)} held up behind an older instruction`] : []),
  ];
}
