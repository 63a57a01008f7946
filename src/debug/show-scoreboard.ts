/** The scoreboard: which registers and units instructions in flight still write, read and occupy. */
import { REGISTER_COUNT, registerName } from '../../isa/registers.ts';
import { UNITS } from '../../isa/work.ts';
import type { Column } from '../reports/format.ts';
import { table } from '../reports/format.ts';
import { unitCount } from '../reports/units.ts';
import type { Debugger } from './debugger.ts';
import type { Position } from './recording.ts';
import { NEVER } from './recording.ts';

const REGISTERS: readonly Column[] = [
  { title: 'register', align: 'left' },
  { title: 'to be written by', align: 'left' },
  { title: 'to be read by', align: 'left' },
];

const UNIT_COLUMNS: readonly Column[] = [
  { title: 'unit', align: 'left' },
  { title: 'closed', align: 'right' },
  { title: 'by', align: 'left' },
];

/** Writers are pending until they enter WB, readers until they issue. */
export function scoreboardText(debug: Debugger): string {
  const registers = registerRows(debug);
  return [
    `pending at the end of cycle ${debug.cycle}`,
    ...(registers.length > 0 ? table(REGISTERS, registers) : ['  no register is pending']),
    '',
    ...table(UNIT_COLUMNS, unitRows(debug)),
  ].join('\n');
}

function registerRows({ recording, cycle }: Debugger): string[][] {
  const positions = recording.inFlight(cycle);
  const show = (list: readonly Position[]) =>
    list.map(({ id, stage }) => `#${id} (${stage})`).join(', ');
  return Array.from({ length: REGISTER_COUNT }, (_, register) => {
    const isWriter = ({ id }: Position) =>
      recording.line(id).writes === register && recording.entered(id, 'WB') > cycle;
    const isReader = ({ id }: Position) =>
      recording.line(id).reads.includes(register) && recording.entered(id, 'EX') > cycle;
    const [writers, readers] = [positions.filter(isWriter), positions.filter(isReader)];
    return [registerName(register), show(writers), show(readers)];
  }).filter(([, writers, readers]) => writers !== '' || readers !== '');
}

function unitRows({ recording, cycle }: Debugger): string[][] {
  const occupied = recording.occupied(cycle);
  return UNITS.map((unit) => {
    const here = occupied.filter((occupant) => occupant.unit === unit);
    const count = unitCount(recording.header.machine, unit);
    const by = here.map(({ id, openCycle }) => {
      const until = openCycle === NEVER ? 'until its WB' : `through cycle ${openCycle - 1}`;
      return `#${id} ${until}`;
    });
    return [unit, `${here.length} of ${count}`, by.join(', ')];
  });
}
