/** The event log: what is written is read again, and what is wrong is refused with its line. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/machine/presets.ts';
import { createReport } from '../../src/reports/fold.ts';
import type { RunHeader, TimingEvent } from '../../src/timing/events.ts';
import { LogError, writeLog } from '../../src/traces/jsonl.ts';
import { createLogReader } from '../../src/traces/log-reader.ts';
import { runHeader } from '../../src/run/header.ts';
import { randomProgram } from '../support/random-program.ts';
import { recordRun } from '../support/run.ts';
import { madeHeader, madeRun, textSink } from './synthetic.ts';

function logOf(header: RunHeader, events: Iterable<TimingEvent>): string {
  const sink = textSink();
  const listen = writeLog(header, sink);
  for (const event of events) listen(event);
  return sink.text();
}

/** Feeds a log in pieces of some length; what it held. */
function read(log: string, pieceLength = 50): { header: RunHeader; events: TimingEvent[] } {
  const events: TimingEvent[] = [];
  let header: RunHeader | undefined;
  const reader = createLogReader((first) => {
    header = first;
    return (event) => void events.push(event);
  });
  for (let at = 0; at < log.length; at += pieceLength) {
    reader.feed(log.slice(at, at + pieceLength));
  }
  reader.finish();
  return { header: header!, events };
}

const problemOf = (log: string): string => {
  try {
    read(log);
  } catch (error) {
    if (error instanceof LogError) return error.message;
    throw error;
  }
  return '';
};

const HEADER = madeHeader();
const EVENTS = [...madeRun(1, 12)];
const LOG = logOf(HEADER, EVENTS);
const LINES = LOG.trimEnd().split('\n');

/** The log with one line replaced; lines count from 1. */
const withLine = (number: number, text: string) =>
  [...LINES.slice(0, number - 1), text, ...LINES.slice(number)].join('\n');
const find = (kind: string) => LINES.findIndex((text) => text.startsWith(`{"kind":"${kind}"`)) + 1;

describe('a log', () => {
  it('is read as it was written, cut into pieces anywhere', () => {
    const runs = fc.tuple(
      fc.nat(),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 4 }),
    );
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 300 }), ([seed, length, width], piece) => {
        const header = madeHeader(width);
        const events = [...madeRun(seed, length, width)];
        expect(read(logOf(header, events), piece)).toEqual({ header, events });
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('may leave out its last line feed, and may end its lines in the other way', () => {
    expect(read(LOG.trimEnd()).events).toEqual(EVENTS);
    expect(read(LOG.replaceAll('\n', '\r\n')).events).toEqual(EVENTS);
  });

  it('is one of a run that was cut off, too', () => {
    const events = [...madeRun(5, 40, 2, 30)];
    expect(read(logOf(HEADER, events)).events).toEqual(events);
  });

  it('is refused when it is cut, at whichever character', () => {
    for (let length = 0; length < LOG.length - 1; length++) {
      expect(problemOf(LOG.slice(0, length))).toMatch(/^line \d+: /);
    }
  });

  it('says where it was cut', () => {
    expect(problemOf('')).toBe('line 1: is missing: the log is empty');
    expect(problemOf(LINES.slice(0, 7).join('\n'))).toBe(
      'line 8: is missing: the log was cut off before the end of the run',
    );
    expect(problemOf(LOG.slice(0, -4))).toBe(
      `line ${LINES.length}: is not JSON; was the log cut off or changed?`,
    );
  });

  // Without a retirement in its last cycle a log is that of a run which was cut off just then.
  const { cycle: endCycle } = EVENTS.at(-1)!;
  const mayBeMissing = (text: string) => text.startsWith(`{"kind":"retire","cycle":${endCycle},`);

  it('is refused when a line is missing or doubled', () => {
    for (let i = 1; i < LINES.length; i++) {
      const without = [...LINES.slice(0, i), ...LINES.slice(i + 1)];
      const problem = problemOf(without.join('\n'));
      if (!mayBeMissing(LINES[i]!)) expect(problem).toMatch(/^line \d+: /);
      const doubled = [...LINES.slice(0, i + 1), ...LINES.slice(i)];
      expect(problemOf(doubled.join('\n'))).toMatch(/^line \d+: /);
    }
  });

  it('of a real run is read on every machine', () => {
    const program = fc.tuple(randomProgram({ length: 8 }), fc.constantFrom(...PRESETS));
    fc.assert(
      fc.property(
        program,
        fc.integer({ min: 1, max: 200 }),
        ([{ program }, machine], maxCycles) => {
          const { events } = recordRun(program, machine, { maxCycles });
          const header = runHeader(program, machine);
          expect(read(logOf(header, events), 1000)).toEqual({ header, events });
        },
      ),
      { seed: 13, numRuns: 300 },
    );
  });

  it('never breaks the report, whatever a line is changed to', () => {
    const places = fc.nat(LINES.length - 1);
    const changes = fc.record({ line: places, from: fc.nat(120), digit: fc.nat(99) });
    fc.assert(
      fc.property(changes, ({ line, from, digit }) => {
        const text = LINES[line]!;
        const at = text.slice(from).search(/\d/) + from;
        const changed = `${text.slice(0, at)}${digit}${text.slice(at + 1)}`;
        const reader = createLogReader((header) => createReport(header).listen);
        const feed = () => {
          reader.feed(withLine(line + 1, changed));
          reader.finish();
        };
        try {
          feed();
        } catch (error) {
          expect(error).toBeInstanceOf(LogError);
        }
      }),
      { seed: 12, numRuns: 1000 },
    );
  });
});

describe('a line of a log', () => {
  const edited = (kind: string, edit: object) => {
    const number = find(kind);
    const event = JSON.parse(LINES[number - 1]!) as object;
    return [number, withLine(number, JSON.stringify({ ...event, ...edit }))] as const;
  };

  it.each([
    ['fetch', { kind: 'flush' }, 'has the kind "flush"; known: fetch, stage, issue'],
    ['fetch', { id: 3 }, '#3 is fetched where #0 is next'],
    ['fetch', { pc: 8 }, 'the listing has no code address 8'],
    ['fetch', { cycle: 0.5 }, 'fetch.cycle is 0.5, not a whole number from 0 up'],
    ['stage', { stage: 'MEM' }, '#0 enters MEM from IF'],
    ['stage', { stage: 'EX' }, 'stage.stage is "EX", not one of ID, RO'],
    ['stage', { id: 99 }, '#99 is not in flight'],
    ['stage', { colour: 1 }, 'stage has no field "colour"'],
    ['issue', { unit: 'fpu' }, 'issue.unit is "fpu", not one of alu'],
    ['issue', { macs: undefined }, 'issue.macs is missing, not a whole number from 0 up'],
    ['retire', { cycle: 0 }, 'cycle 0 comes behind'],
    ['charge', { slot: 2 }, 'there is no issue slot 2'],
    ['charge', { cycle: 1 }, 'is charged from cycle 1, not from 0'],
    ['charge', { causes: 1 << 10 }, 'the causes of the charge leave out'],
    ['charge', { producer: 99 }, '#99 has not been fetched'],
    [
      'end',
      { cycle: 1_000_000 },
      'the run ends behind 1000000 cycles, but slot 0 is charged up to',
    ],
  ])('%s with %j is refused', (kind, edit, message) => {
    const [number, log] = edited(kind, edit);
    expect(problemOf(log)).toMatch(new RegExp(`^line ${number}: `));
    expect(problemOf(log)).toContain(message);
  });

  it('is refused when it is too long, before it is kept', () => {
    expect(problemOf(withLine(4, ' '.repeat(1025)))).toBe('line 4: is longer than 1024 characters');
  });

  it('is refused behind the end', () => {
    const number = LINES.length + 1;
    expect(problemOf(`${LOG}{}`)).toBe(`line ${number}: follows the end of the run`);
  });
});

describe('the header of a log', () => {
  it.each([
    ['a tensor', '\x93NUMPY', 'is not the header of an event log'],
    ['another JSON file', '{"displayTimeUnit":"ns"}', 'is not the header of an event log'],
    ['another version', '{"schema":"lasm-log/2"}', 'has the schema "lasm-log/2"'],
    ['no program', '{"schema":"lasm-log/1"}', "the header's program is missing"],
    ['no machine', JSON.stringify({ ...HEADER, machine: {} }), "the header's machine is missing"],
    ['no engine', JSON.stringify({ ...HEADER, engine: 'steam' }), 'engine is "steam"'],
  ])('is refused with %s', (_what, text, message) => {
    const problem = problemOf(withLine(1, text));
    expect(problem).toContain('line 1: ');
    expect(problem).toContain(message);
  });

  it('names the instruction whose listing is wrong', () => {
    const listing = HEADER.program.listing.map((line, pc) =>
      pc === 3 ? { ...line, line: 0 } : line,
    );
    const text = JSON.stringify({ ...HEADER, program: { ...HEADER.program, listing } });
    expect(problemOf(withLine(1, text))).toBe(
      "line 1: the header's listing is wrong at code address 3",
    );
  });
});
