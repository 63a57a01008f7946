/** Checks the first line of a log. */
import { REGISTER_COUNT } from '../../isa/registers.ts';
import type { Unit } from '../../isa/work.ts';
import { UNITS } from '../../isa/work.ts';
import type { Pipeline } from '../machine/machine.ts';
import type { RunHeader } from '../timing/events.ts';
import { LogError, isRecord, parseJson, shown } from './jsonl.ts';

const SCHEMA: RunHeader['schema'] = 'lasm-log/1';
const EXECUTIONS: readonly Pipeline['execution'][] = [
  'blocking',
  'overlapped',
  'scoreboard',
  'tomasulo',
];
const ENGINES: readonly RunHeader['engine'][] = ['tick', 'event'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * The header of a log; throws a LogError where it is none. That the machine is a valid one is for
 * whoever reads machines to say; here it has a name, a width
 * and a kind of pipeline.
 */
export function parseHeader(text: string): RunHeader {
  const value = text.startsWith('{') ? parseJson(text, 1) : undefined;
  if (!isRecord(value) || typeof value['schema'] !== 'string') {
    throw new LogError(1, 'is not the header of an event log');
  }
  if (value['schema'] !== SCHEMA) {
    throw new LogError(1, `has the schema ${shown(value['schema'])}; this reads "${SCHEMA}"`);
  }
  const problem = problemOf(value);
  if (problem !== '') throw new LogError(1, `the header's ${problem}`);
  return value as unknown as RunHeader;
}

function problemOf({ program, machine, machineHash, engine }: Fields): string {
  if (!isRecord(program)) return 'program is missing';
  if (typeof program['name'] !== 'string') return 'program has no name';
  if (typeof program['hash'] !== 'string') return 'program has no hash';
  if (!Array.isArray(program['listing'])) return 'program has no listing';
  const wrong = program['listing'].findIndex((line) => !isListingLine(line));
  if (wrong >= 0) return `listing is wrong at code address ${wrong}`;
  if (!isRecord(machine) || typeof machine['name'] !== 'string') return 'machine is missing';
  const { pipeline } = machine;
  if (!isRecord(pipeline) || !isWhole(pipeline['width'], 1, 64)) return 'machine has no width';
  const isKnown = EXECUTIONS.some((known) => known === pipeline['execution']);
  if (!isKnown) return `machine has the execution ${shown(pipeline['execution'])}`;
  if (typeof machineHash !== 'string') return 'machineHash is missing';
  return ENGINES.some((known) => known === engine) ? '' : `engine is ${shown(engine)}`;
}

function isListingLine(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { text, file, line, part, unit, reads, writes, accumulates } = value;
  const isText = [text, file, part].every((field) => typeof field === 'string');
  const isUnit = UNITS.includes(unit as Unit);
  if (!isText || !isUnit || !isWhole(line, 1, Number.MAX_SAFE_INTEGER)) return false;
  const last = REGISTER_COUNT - 1;
  const isRead = Array.isArray(reads) && reads.every((register) => isWhole(register, 0, last));
  return isRead && isWhole(writes, -1, last) && isWhole(accumulates, -1, last);
}

function isWhole(value: unknown, low: number, high: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= low && Number(value) <= high;
}
