/** Trace files are there whole or not at all, and a saved log gives the report of the live run. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/cli/failure.ts';
import { jsonText } from '../../src/cli/output.ts';
import { readLog } from '../../src/cli/report.ts';
import type { TraceSpec } from '../../src/cli/trace-files.ts';
import { FileSink, openTraces, parseTrace } from '../../src/cli/trace-files.ts';
import { createDiagram } from '../../src/reports/diagram.ts';
import { createReport } from '../../src/reports/fold.ts';
import { renderReport } from '../../src/reports/text.ts';
import { runHeader } from '../../src/run/header.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import { lasm as runLasm } from '../support/cli.ts';
import { assembleFixture, machineNamed, recordRun } from '../support/run.ts';
import { MADE_LISTING, headerOf, madeHeader, madeRun } from './synthetic.ts';

const root = mkdtempSync(join(tmpdir(), 'lasm-traces-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'test-'));
});

const inFolder = (name: string) => join(folder, name);
const read = (path: string) => readFileSync(path, 'utf8');

function failureOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    return (error as Failure).message;
  }
  return '';
}

function writeTraces(specs: readonly TraceSpec[], events: Iterable<TimingEvent>): void {
  const traces = openTraces(madeHeader(), specs);
  for (const event of events) traces.listeners.forEach((listen) => listen(event));
  traces.close();
}

describe('--trace', () => {
  it('collects kinds and paths', () => {
    const specs = parseTrace('konata=a=b.log', parseTrace('jsonl=c.jsonl', undefined));
    expect(specs).toEqual([
      { kind: 'jsonl', path: 'c.jsonl' },
      { kind: 'konata', path: 'a=b.log' },
    ]);
  });

  it.each(['konata', 'konata=', 'vcd=a', 'toString=a', '=a'])('refuses %s', (text) => {
    expect(() => parseTrace(text, [])).toThrow('write KIND=PATH; kinds: konata, perfetto, jsonl');
  });

  it('refuses two traces in one file', () => {
    const before = parseTrace('konata=a', []);
    expect(() => parseTrace('jsonl=a', before)).toThrow('a is to hold another trace already');
  });
});

describe('trace files', () => {
  const specs = (): TraceSpec[] => [
    { kind: 'konata', path: inFolder('run.kanata') },
    { kind: 'perfetto', path: inFolder('run.json') },
    { kind: 'jsonl', path: inFolder('run.jsonl') },
  ];
  const events = [...madeRun(2, 3000)];

  it('are whole, and replace those of their own kind', () => {
    const firstEvents = [...madeRun(1, 5)];
    writeTraces(specs(), firstEvents);
    writeTraces(specs(), events);
    expect(readdirSync(folder).sort()).toEqual(['run.json', 'run.jsonl', 'run.kanata']);
    expect(read(inFolder('run.kanata'))).toMatch(/^Kanata\t0004\n[^]*\nR\t2999\t2999\t0\n$/);
    expect(() => JSON.parse(read(inFolder('run.json'))) as unknown).not.toThrow();
    const replayed: TimingEvent[] = [];
    readLog(inFolder('run.jsonl'), () => (event) => void replayed.push(event));
    expect(replayed).toEqual(events);
  });

  it('are not seen before they are closed', () => {
    const traces = openTraces(madeHeader(), specs());
    for (const event of events) traces.listeners.forEach((listen) => listen(event));
    expect(readdirSync(folder).every((name) => name.endsWith('.tmp'))).toBe(true);
    traces.abort();
    traces.abort();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leave a file alone that is not of their kind', () => {
    writeFileSync(inFolder('run.json'), 'a letter');
    expect(failureOf(() => writeTraces(specs(), events))).toBe(
      `${inFolder('run.json')}: is there already and is not a trace; nothing was written`,
    );
    expect(readdirSync(folder)).toEqual(['run.json']);
    expect(read(inFolder('run.json'))).toBe('a letter');
  });

  it('leave a folder alone', () => {
    mkdirSync(inFolder('run.json'));
    expect(failureOf(() => writeTraces(specs(), events))).toContain('is not a trace');
    expect(readdirSync(folder)).toEqual(['run.json']);
  });

  it('need a folder to be in', () => {
    const path = join(folder, 'nowhere', 'run.kanata');
    const failure = failureOf(() => openTraces(madeHeader(), [{ kind: 'konata', path }]));
    expect(failure).toBe(`${path}: cannot be written: there is no such file`);
  });
});

describe('a full disk', () => {
  const KIND = { name: 'trace', magic: '{' };
  const full = (): number => {
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  };

  it('leaves nothing behind, nor spoils what was there', () => {
    const path = inFolder('run.json');
    writeFileSync(path, '{"old":1}');
    const sink = new FileSink(path, KIND, full);
    sink.write('{');
    expect(failureOf(() => sink.write(' '.repeat(1 << 16)))).toBe(
      `${path}: cannot be written: the disk is full`,
    );
    expect(readdirSync(folder)).toEqual(['run.json']);
    expect(read(path)).toBe('{"old":1}');
  });

  it('may show only when the file is closed', () => {
    const sink = new FileSink(inFolder('run.json'), KIND, full);
    sink.write('{');
    expect(failureOf(() => sink.close())).toContain('the disk is full');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not assumed where the system writes a part only', () => {
    const path = inFolder('run.json');
    const three = (file: number, bytes: Uint8Array) => writeSync(file, bytes.subarray(0, 3));
    const sink = new FileSink(path, KIND, three);
    sink.write('{"text":"µs, not ms"}');
    sink.close();
    expect(read(path)).toBe('{"text":"µs, not ms"}');
  });
});

describe('lasm report', () => {
  const program = assembleFixture('programs/hazards/raw.lasm');
  const machine = machineNamed('multicycle');
  const header = runHeader(program, machine);
  const { report, events } = recordRun(program, machine);

  function saveLog(): string {
    const path = inFolder('run.jsonl');
    const traces = openTraces(header, [{ kind: 'jsonl', path }]);
    for (const event of events) traces.listeners[0]!(event);
    traces.close();
    return path;
  }

  function lasm(...args: string[]): string {
    const { code, out, err } = runLasm(['report', ...args]);
    if (code !== 0) throw new Failure(code as 1 | 2, err.replace(/^lasm: /, '').trimEnd());
    return out;
  }

  it('gives the report of the live run', () => {
    const path = saveLog();
    let fold: ReturnType<typeof createReport> | undefined;
    readLog(path, (first) => {
      expect(first).toEqual(header);
      fold = createReport(first);
      return fold.listen;
    });
    expect(fold!.finish()).toEqual(report);
    const width = process.stdout.columns ?? 100;
    expect(lasm(path)).toBe(renderReport(report, { width, colour: false }));
  });

  it('gives it as JSON, to the screen or to a file', () => {
    const path = saveLog();
    expect(lasm(path, '--json')).toBe(`${jsonText(report)}\n`);
    lasm(path, '--json', inFolder('report.json'));
    expect(read(inFolder('report.json'))).toBe(`${jsonText(report)}\n`);
  });

  it('draws the diagram of the live run', () => {
    const diagram = createDiagram(header, { from: 2, to: 12 });
    events.forEach(diagram.listen);
    expect(lasm(saveLog(), '--diagram', '2:12').endsWith(`\n${diagram.render()}\n`)).toBe(true);
  });

  it('names the file and the line where a log is wrong', () => {
    const path = saveLog();
    const lines = read(path).split('\n');
    writeFileSync(path, lines.slice(0, 9).join('\n'));
    expect(failureOf(() => lasm(path))).toBe(
      `${path}: line 10: is missing: the log was cut off before the end of the run`,
    );
  });

  it('refuses a machine that is none', () => {
    const path = inFolder('run.jsonl');
    const broken = { ...machine, mxu: { ...machine.mxu, rows: 0 } };
    writeFileSync(path, JSON.stringify(headerOf(broken, MADE_LISTING)) + '\n');
    expect(failureOf(() => lasm(path))).toContain(`${path}: line 1: the machine's mxu.rows is 0`);
  });

  it('refuses what is not there and what is a folder', () => {
    expect(failureOf(() => lasm(inFolder('none')))).toContain('none: there is no such file');
    expect(failureOf(() => lasm(folder))).toBe(`${folder}: is a folder`);
    expect(existsSync(inFolder('none'))).toBe(false);
  });
});
