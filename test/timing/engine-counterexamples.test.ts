/** Where the engines once disagreed, and where chance seldom leads: small cases, with their rules. */
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import { causesIn } from '../../src/timing/causes.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import type { CompareOptions } from '../support/compare-engines.ts';
import { compareEngines } from '../support/compare-engines.ts';
import { assembleText, recordRun } from '../support/run.ts';
import { machineWith } from './event-support.ts';

interface Case {
  readonly title: string;
  readonly machine: Machine;
  readonly lines: string;
  readonly limits?: CompareOptions;
  /** A run of charges that the rule asks for. */
  readonly charge: string;
}

/** Everything takes as long as it can: one lane, a byte in each cycle. */
const SLOW_MEMORY = { latencyCycles: 1, bytesPerCycle: 1, burstBytes: 4, rowBytes: 4 };
const NARROW = { lanes: 1, depthCycles: 1, intervalCycles: 1 };

const CASES: readonly Case[] = [
  {
    title: 'UA-22: of two loads that are pending as long as is known, the first source is named',
    machine: machineWith('classic5-fwd', { memory: SLOW_MEMORY }),
    lines: `LOAD t4, [X], rows=2, cols=1, stride=16
            LOAD t0, [X], rows=4, cols=1, stride=16
            MATMUL.T t5, t0, t4`,
    charge: '11+1 slot 0 raw 2<-1 r0 {raw, memory.bandwidth}',
  },
  {
    title: 'UA-28: a bank that is not ready does not hold beside the bandwidth (overlapped)',
    machine: machineWith('gemmini16'),
    lines: 'ILOAD r1, [N]\nISTORE [N + 16], r0',
    limits: { maxCycles: 4 },
    charge: '3+1 slot 0 memory.bandwidth 1<-0 r-1 {memory.bandwidth}',
  },
  {
    title: 'UA-28: a bank that is not ready does not hold beside the bandwidth (tomasulo)',
    machine: machineWith('tomasulo1', { memory: { ...SLOW_MEMORY, requestsInFlight: 1 } }),
    lines: `LOAD t0, [X], rows=4, cols=1, stride=16
            LOAD t1, [X], rows=4, cols=1, stride=16`,
    charge: '4+1 slot 0 structural.queue 1<-0 r-1 {structural.queue, memory.bandwidth}',
  },
  {
    title: 'UA-32: the second in ID that was held takes the slots when it is the first',
    machine: machineWith('ideal', {
      pipeline: { width: 2, forwarding: false, stations: 1, reorderBufferEntries: 2 },
      vec: { ...NARROW, count: 1 },
    }),
    lines: `FILL t0, 0, rows=1, cols=1
            FILL t1, 0, rows=2, cols=1
            FILL t2, 0, rows=1, cols=2
            FILL t3, 0, rows=2, cols=2
            LOAD t0, [X], rows=1, cols=1, stride=16`,
    charge: '14+1 slot 1 structural.queue 4<-2 r-1 {structural.queue}',
  },
  {
    title: 'UA-46: an access that is done is in no phase while it waits for a result bus',
    machine: machineWith('tomasulo', { pipeline: { writePorts: 1 }, alu: { latencyCycles: 14 } }),
    lines: `ISUB r1, r0, 1
            LOAD t0, [X], rows=1, cols=4, stride=16
            ADD t1, t0, t0`,
    charge: '17+1 slot 0 raw 2<-1 r0 {raw}',
  },
  {
    title: 'UA-6: a branch to itself is not ahead, so it is predicted taken',
    machine: machineWith('gemmini16'),
    lines: 'L: BLT r0, r0, L\nLI r1, 1',
    charge: '3+2 slot 0 control 1<-0 r-1 {control}',
  },
  {
    title: 'UA-25: of two readers that let go in the same cycle the oldest is named',
    machine: machineWith('multicycle', {
      pipeline: { writePorts: 4 },
      vec: NARROW,
      sfu: { lanes: 2, depthCycles: 1, intervalCycles: 1 },
    }),
    lines: `FILL t0, 1, rows=2, cols=2
            ADD t1, t0, t0
            LI r1, 1
            EXP t2, t0
            LOAD t0, [X], rows=1, cols=1, stride=16`,
    charge: 'war 4<-1 r0 {war',
  },
  {
    title: 'UA-26: of two units that open in the same cycle the oldest occupant is named',
    machine: machineWith('multicycle', {
      pipeline: { writePorts: 4 },
      vec: { ...NARROW, count: 2 },
    }),
    lines: `FILL t0, 0, rows=1, cols=2
            FILL t1, 0, rows=2, cols=2
            FILL t2, 0, rows=1, cols=3
            FILL t3, 0, rows=1, cols=1`,
    charge: '5+2 slot 0 structural.vec 3<-1 r-1 {structural.vec}',
  },
];

function chargesOf(events: readonly TimingEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind !== 'charge') return [];
    const { cycle, cycles, slot, cause, id, producer, register, causes } = event;
    const set = causesIn(causes).join(', ');
    return [`${cycle}+${cycles} slot ${slot} ${cause} ${id}<-${producer} r${register} {${set}}`];
  });
}

const programOf = (lines: string) =>
  assembleText(
    `.tile 4\n.data\nX: .f32 16, 4 = zeros()\nN: .i32 16, 4 = zeros()\n.text\n${lines}\nHALT`,
  );

describe('the engines agree that', () => {
  it.each(CASES)('$title', ({ machine, lines, limits = {}, charge }) => {
    const program = programOf(lines);
    expect(compareEngines(program, machine, limits).divergence).toBeUndefined();
    expect(chargesOf(recordRun(program, machine, limits).events).join('\n')).toContain(charge);
  });

  it('nothing is told of what happens behind the limit', () => {
    const program = programOf('IMAX r4, r0, 4\nISUB r6, r4, r4');
    for (const engine of ['tick', 'event'] as const) {
      const { events } = recordRun(program, machineWith('classic5'), { engine, maxCycles: 3 });
      expect(events.map(({ cycle }) => cycle)).toEqual([0, 1, 1, 0, 2, 2, 2, 2, 3]);
    }
  });

  it('a run that is cut off has as many instructions as were fetched', () => {
    const program = programOf('IMAX r4, r0, 4\nISUB r6, r4, r4');
    for (const engine of ['tick', 'event'] as const) {
      const { trap } = recordRun(program, machineWith('classic5'), { engine, maxCycles: 2 });
      expect(trap).toMatchObject({ code: 'cycle-limit', index: 2, pc: 0 });
    }
  });

  it('latencyCycles leaves out the time in EX for which MEM is not free (UA-20)', () => {
    const program = programOf('ILOAD r1, [N]\nILOAD r2, [N]\nLI r3, 1');
    for (const name of ['classic5', 'classic5-fwd']) {
      expect(compareEngines(program, machineWith(name)).divergence).toBeUndefined();
      const { events } = recordRun(program, machineWith(name));
      const latencies = events.flatMap((e) => (e.kind === 'issue' ? [e.latencyCycles] : []));
      const passes = name === 'classic5' ? [3, 2] : [1, 2];
      expect(latencies).toEqual([latencies[0], latencies[0], ...passes]);
    }
  });
});
