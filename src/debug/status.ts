/** The status: what the issue slots do in the cycle that is looked at, in one line each. */
import { registerName } from '../../isa/registers.ts';
import { plural } from '../reports/format.ts';
import { MEANING } from '../reports/sentences.ts';
import type { Charge } from './books.ts';
import type { Debugger, Stop } from './debugger.ts';

/**
 * `cycle 18 of 0–246: raw: #3 line 10 STORE [Y] waits for t1 of #2 line 9 MATMUL t1, 1 cycle now`;
 * on a machine with several slots a line for each, equal ones once.
 */
export function statusText(debug: Debugger): string {
  const { cycle, recording } = debug;
  if (recording.cycles === 0) return `no instruction was executed${endText(debug)}`;
  const charges = recording.books.at(cycle);
  const lines = [...new Set(charges.map((charge) => chargeText(debug, charge)))];
  const [first = ''] = lines;
  const what = lines.length === 1 ? ` ${first}` : lines.map((line) => `\n  ${line}`).join('');
  const end = debug.isAtEnd ? endText(debug) : '';
  return `cycle ${cycle} of 0–${recording.lastCycle}:${what}${end}`;
}

function endText({ run }: Debugger): string {
  const why = run.trap ? `the recording ends: ${run.trap.message}` : 'the program has halted';
  return `\n${why}`;
}

/** What a slot is charged to, for whom, because of whom. */
export function chargeText(debug: Debugger, charge: Charge): string {
  const { cause, id, producer, register } = charge;
  if (cause === 'issue') return `${debug.label(id)} issues`;
  if (cause === 'fill' || cause === 'drain') return `${cause}: ${MEANING[cause]}`;
  const cycles = debug.recording.books.waitedCycles(charge, debug.cycle);
  const what = register < 0 ? '' : `${registerName(register)}${producer < 0 ? '' : ' of '}`;
  const who = producer < 0 ? '' : debug.label(producer);
  const reason = what + who === '' ? '' : ` for ${what}${who}`;
  return `${cause}: ${debug.label(id)} waits${reason}, ${plural(cycles, 'cycle')} now`;
}

/** `breakpoint 1, line 14: #3 line 14 MATMUL t4 issues`, a line for each that was hit. */
export function stopText(debug: Debugger, stops: readonly Stop[]): string {
  return stops
    .map(({ number, target, ids }) => {
      const verb = target.kind === 'line' ? 'issues' : `writes ${target.text}`;
      const who = ids.map((id) => `${debug.label(id)} ${verb}`).join(', ');
      return `${number === undefined ? 'until' : `breakpoint ${number}`}, ${target.text}: ${who}\n`;
    })
    .join('');
}
