/** Kanata: a log by hand, and the rules of the format on many runs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunHeader, TimingEvent } from '../../src/timing/events.ts';
import { writeKanata } from '../../src/traces/kanata.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import { CAUSE_BIT } from '../../src/timing/causes.ts';
import { runHeader } from '../../src/run/header.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleFixture, machineNamed, recordRun } from '../support/run.ts';
import { parseKanata } from './kanata-parser.ts';
import { headerOf, line, madeHeader, madeRun, readsOf, textSink } from './synthetic.ts';

function kanataOf(header: RunHeader, events: Iterable<TimingEvent>): string {
  const sink = textSink();
  const listen = writeKanata(header, sink);
  for (const event of events) listen(event);
  return sink.text();
}

const NAMES = { ID: 'D', RO: 'Ro', RS: 'Rs', MEM: 'M', WB: 'Wb', CT: 'Ct' } as const;

/** What the log must hold, from the events, each instruction on its own. */
function expectedOps(header: RunHeader, events: readonly TimingEvent[]) {
  const ops: {
    stages: [string, number][];
    waits: Map<number, string>;
    end: number;
    flushed: boolean;
    producers: number[];
  }[] = [];
  const endCycle = events.at(-1)!.cycle;
  for (const event of events) {
    if (event.kind === 'fetch') {
      const stages: [string, number][] = [['F', event.cycle]];
      ops[event.id] = { stages, waits: new Map(), end: endCycle, flushed: true, producers: [] };
    } else if (event.kind === 'stage') {
      ops[event.id]!.stages.push([NAMES[event.stage], event.cycle]);
    } else if (event.kind === 'issue') {
      ops[event.id]!.stages.push([`X${event.unit}`, event.cycle]);
    } else if (event.kind === 'retire') {
      Object.assign(ops[event.id]!, { end: event.cycle, flushed: false });
    }
  }
  for (const { consumer, producer } of readsOf(header, events)) {
    ops[consumer]!.producers.push(producer);
  }
  for (const event of events) {
    if (event.kind !== 'charge' || event.cause === 'issue') continue;
    const op = ops[event.id];
    for (let c = 0; op && c < event.cycles; c++) {
      const cycle = event.cycle + c;
      if (cycle >= op.stages[0]![1]) op.waits.set(cycle, event.cause);
    }
  }
  return ops;
}

/** Reads the log back and compares it with the events. */
function checkLog(header: RunHeader, events: readonly TimingEvent[]): void {
  const ops = parseKanata(kanataOf(header, events));
  const expected = expectedOps(header, events);
  expect(ops.length).toBe(expected.length);
  ops.forEach((op, id) => {
    const { stages, waits, end, flushed, producers } = expected[id]!;
    const ends = [...stages.slice(1).map(([, cycle]) => cycle), end];
    const lane = stages.map(([name, start], i) => ({ name, start, end: ends[i] }));
    expect(op.lanes[0]).toEqual(lane);
    expect([op.retireCycle, op.flushed]).toEqual([end, flushed]);
    const drawn = new Map<number, string>();
    for (const { name, start, end: last } of op.lanes[1]) {
      for (let cycle = start; cycle < last; cycle++) drawn.set(cycle, name);
    }
    expect([...drawn].sort(([a], [b]) => a - b)).toEqual([...waits].sort(([a], [b]) => a - b));
    const issueCycle = stages.find(([name]) => name.startsWith('X'))?.[1];
    const arrows = producers.map((producer) => ({ producer, cycle: issueCycle }));
    expect(op.producers).toEqual(issueCycle === undefined ? [] : arrows);
  });
}

describe('a Kanata log', () => {
  it('is the one written by hand', () => {
    const header = headerOf(machineNamed('multicycle'), [
      line(14, 'LOAD t0, [Wq]', 'dma', [], 0, 'layer 0'),
      line(15, 'MATMUL t2, t1, t0', 'mxu', [1, 0], 2),
    ]);
    const plain = { register: -1, slot: 0, id: -1, producer: -1, kind: 'charge' } as const;
    const costs = { latencyCycles: 5, occupancyCycles: 2, macs: 0, bytes: 0 };
    const events: TimingEvent[] = [
      { kind: 'fetch', cycle: 0, id: 0, pc: 0 },
      { kind: 'stage', cycle: 1, id: 0, stage: 'ID' },
      { kind: 'fetch', cycle: 1, id: 1, pc: 1 },
      { ...plain, cycle: 0, cycles: 2, cause: 'fill', causes: CAUSE_BIT.fill },
      { kind: 'issue', cycle: 2, id: 0, unit: 'dma', ...costs },
      { kind: 'stage', cycle: 2, id: 1, stage: 'ID' },
      { ...plain, cycle: 2, cycles: 1, cause: 'issue', id: 0, causes: CAUSE_BIT.issue },
      { kind: 'stage', cycle: 3, id: 0, stage: 'MEM' },
      {
        ...plain,
        cycle: 3,
        cycles: 4,
        cause: 'raw',
        id: 1,
        producer: 0,
        register: 0,
        causes: CAUSE_BIT.raw | CAUSE_BIT['memory.latency'],
      },
      { kind: 'stage', cycle: 7, id: 0, stage: 'WB' },
      { kind: 'issue', cycle: 7, id: 1, unit: 'mxu', ...costs },
      { ...plain, cycle: 7, cycles: 1, cause: 'issue', id: 1, causes: CAUSE_BIT.issue },
      { kind: 'retire', cycle: 8, id: 0 },
      { kind: 'stage', cycle: 19, id: 1, stage: 'MEM' },
      { kind: 'stage', cycle: 20, id: 1, stage: 'WB' },
      { kind: 'retire', cycle: 21, id: 1 },
      { ...plain, cycle: 8, cycles: 13, cause: 'drain', causes: CAUSE_BIT.drain },
      { kind: 'end', cycle: 21 },
    ];
    const byHand = `Kanata|0004
C=|0
I|0|0|0
L|0|0|0: LOAD t0, [Wq]
L|0|1|#0\\nmade.lasm:14\\nlayer 0
S|0|0|F
C|1
S|0|0|D
I|1|1|0
L|1|0|1: MATMUL t2, t1, t0
L|1|1|#1\\nmade.lasm:15
S|1|0|F
C|1
S|0|0|Xdma
S|1|0|D
C|1
S|0|0|M
S|1|1|raw
L|1|2|raw t0 <- #0 LOAD t0, [Wq] (made.lasm:14); also true: memory.latency
C|4
E|1|1|raw
S|0|0|Wb
S|1|0|Xmxu
W|1|0|0
C|1
R|0|0|0
C|11
S|1|0|M
C|1
S|1|0|Wb
C|1
R|1|1|0
`;
    expect(kanataOf(header, events)).toBe(byHand.replaceAll('|', '\t'));
  });

  it('keeps tabs, line feeds and backslashes out of its fields', () => {
    const text = 'ODD\tt1\nx';
    const odd = { ...line(1, text, 'alu', [], 1, 'part\tA'), file: 'C:\\new.lasm' };
    const header = headerOf(machineNamed('multicycle'), [odd]);
    const kanata = kanataOf(header, [{ kind: 'fetch', cycle: 0, id: 0, pc: 0 }, ...cutAt(1)]);
    expect(kanata).toContain('L\t0\t0\t0: ODD t1 x\n');
    expect(kanata).toContain('L\t0\t1\t#0\\nC:/new.lasm:1\\npart A\n');
  });

  it('flushes what a limit cut off', () => {
    const header = madeHeader();
    const ops = parseKanata(kanataOf(header, madeRun(3, 100, 2, 40)));
    expect(ops.some(({ flushed }) => flushed)).toBe(true);
    expect(ops.some(({ flushed }) => !flushed)).toBe(true);
  });

  it('follows the rules of the format, on made-up runs of any width', () => {
    const lengths = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 200 }));
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), lengths, (seed, width, [n, cycles]) => {
        checkLog(madeHeader(width), [...madeRun(seed, n, width, cycles)]);
      }),
      { seed: 21, numRuns: 300 },
    );
  });

  it.each(PRESETS.map(({ name }) => name))('follows them on random programs: %s', (name) => {
    const machine = machineNamed(name);
    fc.assert(
      fc.property(randomProgram({ length: 12 }), ({ program }) => {
        const { events } = recordRun(program, machine, { maxInstructions: 200 });
        checkLog(runHeader(program, machine), events);
      }),
      { seed: 22, numRuns: 25 },
    );
  });

  it('follows them on a program whose limit is in the middle', () => {
    const program = assembleFixture('programs/hazards/control.lasm');
    const machine = machineNamed('multicycle');
    for (let maxCycles = 1; maxCycles < 40; maxCycles++) {
      const { events } = recordRun(program, machine, { maxCycles });
      checkLog(runHeader(program, machine), events);
    }
  });
});

/** The end of a run in which nothing issued. */
function cutAt(cycles: number): TimingEvent[] {
  const nobody = { slot: 0, id: -1, producer: -1, register: -1 };
  const fill = { kind: 'charge', cycle: 0, cycles, cause: 'fill', causes: CAUSE_BIT.fill } as const;
  return [
    { ...fill, ...nobody },
    { kind: 'end', cycle: cycles },
  ];
}
