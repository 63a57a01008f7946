/** The event log as lines of JSON: the header, then one event on each line, the last one the end. */
import type { Cause } from '../timing/causes.ts';
import { CAUSES, CAUSE_BIT } from '../timing/causes.ts';
import { REGISTER_COUNT } from '../../isa/registers.ts';
import { UNITS } from '../../isa/work.ts';
import type { Listener, RunHeader, TimingEvent } from '../timing/events.ts';
import { STAGES } from '../timing/events.ts';
import type { Sink } from './sink.ts';

/** A listener that writes the log. */
export function writeLog(header: RunHeader, sink: Sink): Listener {
  sink.write(`${JSON.stringify(header)}\n`);
  return (event) => sink.write(`${JSON.stringify(event)}\n`);
}

/** What is wrong with a log, and on which line; lines count from 1. */
export class LogError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.name = 'LogError';
    this.line = line;
  }
}

interface Check {
  readonly what: string;
  readonly holds: (value: unknown) => boolean;
}

type EventKind = TimingEvent['kind'];
type FieldsOf<K extends EventKind> = Exclude<keyof Extract<TimingEvent, { kind: K }>, 'kind'>;

const whole = (low: number, high = Number.MAX_SAFE_INTEGER): Check => ({
  what: high === Number.MAX_SAFE_INTEGER ? `a whole number from ${low} up` : `${low} to ${high}`,
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= low && Number(value) <= high,
});
const oneOf = (names: readonly string[]): Check => ({
  what: `one of ${names.join(', ')}`,
  holds: (value) => names.includes(value as string),
});

const COUNT = whole(0);
const OR_NOBODY = whole(-1);
const ALL_CAUSES = CAUSES.reduce((set, cause) => set | CAUSE_BIT[cause], 0);

const CHECKS: { readonly [K in EventKind]: Readonly<Record<FieldsOf<K>, Check>> } = {
  fetch: { cycle: COUNT, id: COUNT, pc: COUNT },
  stage: {
    cycle: COUNT,
    id: COUNT,
    stage: oneOf(STAGES.filter((stage) => stage !== 'IF' && stage !== 'EX')),
  },
  issue: {
    cycle: COUNT,
    id: COUNT,
    unit: oneOf(UNITS),
    latencyCycles: COUNT,
    occupancyCycles: whole(1),
    macs: COUNT,
    bytes: COUNT,
  },
  retire: { cycle: COUNT, id: COUNT },
  charge: {
    cycle: COUNT,
    cycles: whole(1),
    slot: COUNT,
    cause: oneOf(CAUSES),
    id: OR_NOBODY,
    producer: OR_NOBODY,
    register: whole(-1, REGISTER_COUNT - 1),
    causes: whole(1, ALL_CAUSES),
  },
  end: { cycle: COUNT },
};

/** CHECKS as lists, because every line of a log goes through one. */
const CHECK_LISTS = new Map<unknown, readonly (readonly [string, Check])[]>(
  Object.entries(CHECKS).map(([kind, checks]) => [kind, Object.entries<Check>(checks)]),
);

/** The event on a line of a log; throws a LogError where there is none. */
export function parseEvent(text: string, line: number): TimingEvent {
  const value = parseJson(text, line);
  if (!isRecord(value)) throw new LogError(line, 'is not an event');
  const kind = value['kind'] as EventKind;
  const checks = CHECK_LISTS.get(kind);
  if (!checks) {
    const known = Object.keys(CHECKS).join(', ');
    throw new LogError(line, `has the kind ${shown(kind)}; known: ${known}`);
  }
  for (const [name, { what, holds }] of checks) {
    if (holds(value[name])) continue;
    throw new LogError(line, `${kind}.${name} is ${shown(value[name])}, not ${what}`);
  }
  for (const key in value) {
    if (key === 'kind' || Object.hasOwn(CHECKS[kind], key)) continue;
    throw new LogError(line, `${kind} has no field ${shown(key)}`);
  }
  return value as unknown as TimingEvent;
}

/** Whether a set of causes has a cause in it. */
export function hasCause(set: number, cause: Cause): boolean {
  return (set & CAUSE_BIT[cause]) !== 0;
}

export function parseJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new LogError(line, 'is not JSON; was the log cut off or changed?');
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as messages show it. */
export function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 40);
}
