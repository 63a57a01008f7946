/** The pipeline as a table: who is in which stage, for how long, and what each waits for. */
import { registerName } from '../../isa/registers.ts';
import type { Column } from '../reports/format.ts';
import { clip, plural, table } from '../reports/format.ts';
import { causesIn } from '../timing/causes.ts';
import type { Charge } from './books.ts';
import type { Debugger } from './debugger.ts';
import type { Position } from './recording.ts';
import { chargeText } from './status.ts';

const COLUMNS: readonly Column[] = [
  { title: 'id', align: 'left' },
  { title: 'where', align: 'left' },
  { title: 'instruction', align: 'left' },
  { title: 'stage', align: 'left' },
  { title: 'for', align: 'right' },
  { title: 'waits for', align: 'left' },
];

const TEXT_WIDTH = 40;

/** Stages in which an instruction has not issued. */
const BEFORE_ISSUE: readonly string[] = ['IF', 'ID', 'RO', 'RS'];

/** The instructions in flight, oldest first, and the charges that concern none of them. */
export function pipelineText(debug: Debugger): string {
  const { recording, cycle } = debug;
  const positions = recording.inFlight(cycle);
  const charges = recording.books.at(cycle);
  const rows = positions.map((position) => rowOf(debug, position, charges));
  const others = charges.filter(
    ({ id, cause }) => cause !== 'issue' && !positions.some((position) => position.id === id),
  );
  const notes = [...new Set(others.map((charge) => `  ${chargeText(debug, charge)}`))];
  const body = rows.length > 0 ? table(COLUMNS, rows) : ['  nothing is in the pipeline'];
  const values = `values are those before #${debug.happened}`;
  return [`the pipeline at the end of cycle ${cycle}; ${values}`, ...body, ...notes].join('\n');
}

function rowOf(debug: Debugger, position: Position, charges: readonly Charge[]): string[] {
  const { id, stage, sinceCycle } = position;
  const { text } = debug.recording.line(id);
  const where = debug.where(id);
  const cycles = debug.cycle - sinceCycle + 1;
  const why = waitOf(debug, position, charges);
  return [`#${id}`, where, clip(text, TEXT_WIDTH), stage, String(cycles), why];
}

function waitOf(debug: Debugger, { id, stage, sinceCycle }: Position, charges: readonly Charge[]) {
  const charge = charges.find((c) => c.id === id && c.cause !== 'issue');
  if (charge) return waitText(debug, charge);
  const isHeld = BEFORE_ISSUE.includes(stage) && sinceCycle < debug.cycle;
  return isHeld ? 'its turn; no slot is charged for it' : '';
}

/** `raw: t0 of #1, 3 cycles; also structural.mxu`. */
function waitText(debug: Debugger, charge: Charge): string {
  const { cause, producer, register, causes } = charge;
  const cycles = debug.recording.books.waitedCycles(charge, debug.cycle);
  const parts = [
    register < 0 ? '' : registerName(register),
    producer < 0 ? '' : `#${producer}`,
  ].filter((part) => part !== '');
  const reason = parts.length > 0 ? `: ${parts.join(' of ')}` : '';
  const others = causesIn(causes).filter((other) => other !== cause);
  const also = others.length > 0 ? `; also ${others.join(', ')}` : '';
  return `${cause}${reason}, ${plural(cycles, 'cycle')}${also}`;
}
