/** Perfetto: the rules of Chrome trace JSON, and the books on the tracks of the issue slots. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registerName } from '../../isa/registers.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import { runHeader } from '../../src/run/header.ts';
import type { RunHeader, TimingEvent } from '../../src/timing/events.ts';
import { WINDOW_CYCLES } from '../../src/traces/counters.ts';
import { writePerfetto } from '../../src/traces/perfetto.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleFixture, machineNamed, recordRun } from '../support/run.ts';
import { headerOf, line, madeHeader, madeRun, readsOf, textSink } from './synthetic.ts';

interface TraceEvent {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly name: string;
  readonly cat: string;
  readonly id: string | number;
  readonly bp?: string;
  readonly args: Readonly<Record<string, string | number>>;
}

interface Trace {
  readonly displayTimeUnit: string;
  readonly otherData: Readonly<Record<string, string>>;
  readonly traceEvents: readonly TraceEvent[];
}

function traceOf(header: RunHeader, events: Iterable<TimingEvent>): Trace {
  const sink = textSink();
  const listen = writePerfetto(header, sink);
  for (const event of events) listen(event);
  return JSON.parse(sink.text()) as Trace;
}

const ofPhase = ({ traceEvents }: Trace, ph: string) => traceEvents.filter((e) => e.ph === ph);
const endOf = (slice: TraceEvent) => slice.ts + slice.dur;

function group<T>(values: readonly T[], keyOf: (value: T) => string | number): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = String(keyOf(value));
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  return groups;
}

/** Slices of each track by time, none of which overlaps the next. */
function tracksOf(trace: Trace): Map<string, TraceEvent[]> {
  const tracks = group(ofPhase(trace, 'X'), ({ tid }) => tid);
  for (const slices of tracks.values()) {
    slices.sort((a, b) => a.ts - b.ts);
    slices.slice(1).forEach((slice, i) => assert(slice.ts >= endOf(slices[i]!)));
  }
  return tracks;
}

function checkForm(trace: Trace): void {
  expect(trace.displayTimeUnit).toBe('ns');
  const [process, ...others] = trace.traceEvents;
  expect([process!.ph, process!.name]).toEqual(['M', 'process_name']);
  expect(process!.args['name']).toContain('1 µs = 1 cycle');
  for (const event of others) {
    assert(event.pid === 1 && 'MXCbesf'.includes(event.ph));
    if (event.ph !== 'M') assert(Number.isInteger(event.ts) && event.ts >= 0);
    if (event.ph === 'X') assert(Number.isInteger(event.dur) && event.dur > 0);
    if (event.ph === 'f') assert.equal(event.bp, 'e');
  }
  const named = ofPhase(trace, 'M').filter(({ name }) => name === 'thread_name');
  expect(new Set(named.map(({ tid }) => tid)).size).toBe(named.length);
  const tids = named.map(({ tid }) => tid);
  for (const { tid } of ofPhase(trace, 'X')) assert(tids.includes(tid));
}

/** Every cycle of every slot once, charged as the events say. */
function checkSlots(trace: Trace, events: readonly TimingEvent[], width: number): void {
  const tracks = tracksOf(trace);
  const cycles = events.at(-1)!.cycle;
  for (let slot = 0; slot < width; slot++) {
    const slices = tracks.get(String(slot + 1)) ?? [];
    let next = 0;
    for (const { ts, dur } of slices) {
      assert.equal(ts, next);
      next += dur;
    }
    expect(next).toBe(cycles);
  }
}

/** One slice for each execution and each access, wherever it was put. */
function checkUnits(trace: Trace, events: readonly TimingEvent[]): void {
  const endCycle = events.at(-1)!.cycle;
  const expected: string[] = [];
  for (const event of events) {
    const after = (from: TimingEvent & { id: number }) =>
      events.find((e) => e.kind === 'stage' && e.id === from.id && e.cycle > from.cycle)?.cycle ??
      events.find((e) => e.kind === 'retire' && e.id === from.id)?.cycle ??
      endCycle;
    if (event.kind === 'issue' && event.cycle < endCycle) {
      expected.push(`${event.unit} #${event.id} ${event.cycle}–${after(event)}`);
    }
    if (event.kind !== 'stage' || event.stage !== 'MEM' || event.cycle >= endCycle) continue;
    const issue = events.find((e) => e.kind === 'issue' && e.id === event.id);
    if (issue?.kind !== 'issue' || issue.unit !== 'dma') continue;
    expected.push(`memory #${event.id} ${event.cycle}–${after(event)}`);
  }
  const found = ofPhase(trace, 'X').filter(({ cat }) => cat !== 'slot');
  const drawn = found.map((x) => `${x.cat} #${x.args['instruction']} ${x.ts}–${endOf(x)}`);
  expect(drawn.sort()).toEqual(expected.sort());
}

/** Each instruction begins and ends, once. */
function checkInstructions(trace: Trace, events: readonly TimingEvent[]): void {
  const begins = ofPhase(trace, 'b').map(({ id, ts }) => [id, ts]);
  const fetches = events.filter((e) => e.kind === 'fetch');
  expect(begins).toEqual(fetches.map(({ id, cycle }) => [`0x${id.toString(16)}`, cycle]));
  const endCycle = events.at(-1)!.cycle;
  const ends = new Map(ofPhase(trace, 'e').map(({ id, ts }) => [id, ts]));
  expect(ends.size).toBe(begins.length);
  const retires = new Map(events.flatMap((e) => (e.kind === 'retire' ? [[e.id, e.cycle]] : [])));
  for (const { id } of fetches) {
    assert.equal(ends.get(`0x${id.toString(16)}`), retires.get(id) ?? endCycle);
  }
}

/** Arrows begin and end within slices, forward in time, from each writer to each reader. */
function checkArrows(header: RunHeader, trace: Trace, events: readonly TimingEvent[]): void {
  const slices = ofPhase(trace, 'X');
  const written = new Map<string, number>();
  trace.traceEvents.forEach((e, i) => {
    if (e.ph === 'X') written.set(`${e.tid} ${e.ts}`, i);
  });
  const sliceAt = ({ tid, ts }: TraceEvent) =>
    slices.find((x) => x.tid === tid && x.ts <= ts && ts < endOf(x))!;
  const ends = new Map(ofPhase(trace, 'f').map((f) => [f.id, f]));
  const starts = ofPhase(trace, 's');
  const drawn = starts.map((start) => {
    const end = ends.get(start.id)!;
    const [from, to] = [sliceAt(start), sliceAt(end)];
    assert(end.ts === to.ts && start.ts <= end.ts);
    // An importer that sorts by time keeps the order of the file where times are equal.
    assert(written.get(`${to.tid} ${to.ts}`)! < trace.traceEvents.indexOf(end));
    assert(written.get(`${from.tid} ${from.ts}`)! < trace.traceEvents.indexOf(start));
    return `${start.name} #${from.args['instruction']} → #${to.args['instruction']}`;
  });
  expect(drawn.sort()).toEqual(arrowsOf(header, events).sort());
  expect(new Set(starts.map(({ id }) => id)).size).toBe(ends.size);
}

/** From each result to each execution that reads it, if both began before the run was cut off. */
function arrowsOf(header: RunHeader, events: readonly TimingEvent[]): string[] {
  const endCycle = events.at(-1)!.cycle;
  const issues = events.flatMap((e) => (e.kind === 'issue' && e.cycle < endCycle ? [e] : []));
  const issueCycles = new Map(issues.map(({ id, cycle }) => [id, cycle]));
  return readsOf(header, events).flatMap(({ consumer, producer, register }) => {
    const [from = Infinity, to = -1] = [issueCycles.get(producer), issueCycles.get(consumer)];
    return from <= to ? [`RAW ${registerName(register)} #${producer} → #${consumer}`] : [];
  });
}

function checkTrace(header: RunHeader, events: readonly TimingEvent[]): Trace {
  const trace = traceOf(header, events);
  checkForm(trace);
  checkSlots(trace, events, header.machine.pipeline.width);
  checkUnits(trace, events);
  checkInstructions(trace, events);
  checkArrows(header, trace, events);
  return trace;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('a trace', () => {
  it('follows the rules of the format, on made-up runs of any width', () => {
    const lengths = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 200 }));
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), lengths, (seed, width, [n, cycles]) => {
        checkTrace(madeHeader(width), [...madeRun(seed, n, width, cycles)]);
      }),
      { seed: 31, numRuns: 300 },
    );
  });

  it.each(PRESETS.map(({ name }) => name))('follows them on random programs: %s', (name) => {
    const machine = machineNamed(name);
    fc.assert(
      fc.property(randomProgram({ length: 8 }), ({ program }) => {
        const { events } = recordRun(program, machine, { maxInstructions: 60 });
        checkTrace(runHeader(program, machine), events);
      }),
      { seed: 32, numRuns: 25 },
    );
  });

  it('charges the slots as the report does', () => {
    const program = assembleFixture('programs/hazards/war.lasm');
    const machine = machineNamed('multicycle');
    const { report, events } = recordRun(program, machine);
    const slots = ofPhase(traceOf(runHeader(program, machine), events), 'X');
    const byCause = group(
      slots.filter(({ cat }) => cat === 'slot'),
      ({ name }) => name,
    );
    const flat = Object.entries(report.slots).flatMap(([cause, value]) =>
      typeof value === 'number'
        ? [[cause, value] as const]
        : Object.entries(value as Record<string, number>).map(
            ([rest, cycles]) => [`${cause}.${rest}`, cycles] as const,
          ),
    );
    expect(sum(flat.map(([, cycles]) => cycles))).toBe(report.cycles);
    for (const [cause, cycles] of flat) {
      expect([cause, sum((byCause.get(cause) ?? []).map(({ dur }) => dur))]).toEqual([
        cause,
        cycles,
      ]);
    }
  });

  it('draws no arrow back in time, where nobody waits for operands', () => {
    const header = headerOf(machineNamed('ideal'), [
      line(1, 'MUL t0, t9, t9', 'vec', [9], 0),
      line(2, 'ADD t1, t0, t0', 'alu', [0], 1),
    ]);
    const costs = { latencyCycles: 2, occupancyCycles: 1, macs: 0, bytes: 0 } as const;
    const trace = traceOf(header, [
      { kind: 'fetch', cycle: 0, id: 0, pc: 0 },
      { kind: 'fetch', cycle: 0, id: 1, pc: 1 },
      { kind: 'issue', cycle: 3, id: 1, unit: 'alu', ...costs },
      { kind: 'issue', cycle: 4, id: 0, unit: 'vec', ...costs },
      { kind: 'stage', cycle: 5, id: 0, stage: 'WB' },
      { kind: 'stage', cycle: 5, id: 1, stage: 'WB' },
      { kind: 'end', cycle: 6 },
    ]);
    expect(ofPhase(trace, 'X')).toHaveLength(2);
    expect(ofPhase(trace, 's')).toEqual([]);
  });

  it('puts executions that overlap on tracks of their own', () => {
    const program = assembleFixture('programs/hazards/structural-queue.lasm');
    const machine = machineNamed('multicycle');
    const { events } = recordRun(program, machine);
    const trace = checkTrace(runHeader(program, machine), events);
    const names = ofPhase(trace, 'M').map(({ args }) => args['name']);
    expect(names).toContain('memory');
    expect(names).toContain('memory (2)');
  });
});

describe('the counters of a trace', () => {
  const header = madeHeader();
  const events = [...madeRun(9, 400)];
  const trace = traceOf(header, events);
  const counter = (name: string) => ofPhase(trace, 'C').filter((event) => event.name === name);

  it('of bytes in flight are those of the accesses in MEM, and end at 0', () => {
    const memory = ofPhase(trace, 'X').filter(({ cat }) => cat === 'memory');
    for (const { ts, args } of counter('bytes in flight')) {
      const open = memory.filter((access) => access.ts <= ts && ts < endOf(access));
      expect(args['bytes']).toBe(sum(open.map((access) => Number(access.args['bytes']))));
    }
    expect(counter('bytes in flight').at(-1)!.args['bytes']).toBe(0);
  });

  it('of MAC utilisation add up to the MACs of the run', () => {
    const cycles = events.at(-1)!.cycle;
    const { count, rows, columns } = header.machine.mxu;
    const changes = counter('MAC utilisation');
    let macs = 0;
    for (let start = 0; start < cycles; start += WINDOW_CYCLES) {
      const percent = Number(changes.findLast(({ ts }) => ts <= start)!.args['percent']);
      const length = Math.min(WINDOW_CYCLES, cycles - start);
      macs += (percent / 100) * count * rows * columns * length;
    }
    const useful = sum(events.map((event) => (event.kind === 'issue' ? event.macs : 0)));
    // Each window is rounded to a hundredth of a per cent.
    const tolerance = 0.5e-4 * count * rows * columns * (cycles + WINDOW_CYCLES);
    expect(Math.abs(macs - useful)).toBeLessThanOrEqual(tolerance);
    expect(useful).toBeGreaterThan(10 * tolerance);
  });
});
