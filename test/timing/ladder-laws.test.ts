/** Laws of every machine, on random legal programs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { CAUSE_BIT, possibleCauses } from '../../src/timing/causes.ts';
import type { ChargeEvent, IssueEvent, TimingEvent } from '../../src/timing/events.ts';
import { randomProgram } from '../support/random-program.ts';
import { recordRun } from '../support/run.ts';

const RUNS = { seed: 20240707, numRuns: 300 };

/** Presets, and the same with instructions in pieces, few entries, or a cache. */
const CACHE = PRESETS.find((machine) => machine.cache !== null)!.cache;
const MACHINES: readonly Machine[] = PRESETS.flatMap((machine) => [
  machine,
  {
    ...machine,
    cache: CACHE,
    pipeline: {
      ...machine.pipeline,
      microOperations: 'cracked',
      stations: 2,
      reorderBufferEntries: 6,
      writePorts: 1,
    },
  },
]);

/** The cycles in which an instruction enters its stages. */
type Times = Partial<
  Record<'IF' | 'ID' | 'RO' | 'RS' | 'EX' | 'MEM' | 'WB' | 'CT' | 'end', number>
>;

interface Flight extends Times {
  readonly pc: number;
  issue?: IssueEvent;
}

function flightsOf(events: readonly TimingEvent[]): Flight[] {
  const flights: Flight[] = [];
  for (const event of events) {
    if (event.kind === 'fetch') flights.push({ pc: event.pc, IF: event.cycle });
    if (event.kind === 'stage') flights[event.id]![event.stage] = event.cycle;
    if (event.kind === 'retire') flights[event.id]!.end = event.cycle;
    if (event.kind !== 'issue') continue;
    flights[event.id]!.EX = event.cycle;
    flights[event.id]!.issue = event;
  }
  return flights;
}

/** The most intervals [from, to) that share a cycle. */
function mostAtOnce(intervals: readonly (readonly [number, number])[]): number {
  const changes = intervals
    .filter(([from, to]) => from < to)
    .flatMap(([from, to]) => [[from, 1] as const, [to, -1] as const])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0;
  let most = 0;
  for (const [, change] of changes) most = Math.max(most, (now += change));
  return most;
}

function everyRun(
  law: (run: ReturnType<typeof recordRun>, flights: Flight[], machine: Machine, p: Program) => void,
): void {
  const property = fc.property(
    randomProgram({ length: 25 }),
    fc.constantFrom(...MACHINES),
    ({ program }, machine) => {
      const run = recordRun(program, machine);
      law(run, flightsOf(run.events), machine, program);
    },
  );
  fc.assert(property, RUNS);
}

const sorted = (times: readonly (number | undefined)[]) =>
  times.every((time, i) => i === 0 || times[i - 1]! <= time!);

describe('on every machine', () => {
  it('the books balance in every slot (UA-30, UA-34)', () => {
    everyRun(({ events, report }, _flights, machine) => {
      const charges = events.filter((event): event is ChargeEvent => event.kind === 'charge');
      const possible = possibleCauses(machine);
      const possibleBits = possible.reduce((bits, cause) => bits | CAUSE_BIT[cause], 0);
      for (let slot = 0; slot < machine.pipeline.width; slot++) {
        let next = 0;
        for (const { cycle, cycles } of charges.filter((charge) => charge.slot === slot)) {
          expect(cycle).toBe(next);
          next += cycles;
        }
        expect(next).toBe(report.cycles);
      }
      for (const { cause, causes } of charges) {
        expect(causes & CAUSE_BIT[cause]).not.toBe(0);
        expect(causes & ~possibleBits).toBe(0);
      }
      expect(report.unattributed).toBe(0);
      expect(report.bound.cycles).toBeLessThanOrEqual(report.cycles);
    });
  });

  it('stages follow each other, in program order where it is promised (UA-1 to UA-5, UA-65)', () => {
    everyRun(({ report }, flights, { pipeline }) => {
      const isInOrder = ['blocking', 'overlapped'].includes(pipeline.execution);
      for (const { IF, ID, RO, RS, EX, MEM, WB, CT, end } of flights) {
        const times = [IF, ID, RO, RS, EX, MEM, WB, CT, end].filter((time) => time !== undefined);
        expect(times.every((time, i) => i === 0 || times[i - 1]! < time)).toBe(true);
      }
      const inOrder = ['IF', 'ID', ...(isInOrder ? ['EX'] : [])] as ('IF' | 'ID' | 'EX')[];
      for (const stage of inOrder) expect(sorted(flights.map((f) => f[stage]))).toBe(true);
      if (!isInOrder) expect(sorted(flights.map(({ RO, RS }) => RO ?? RS))).toBe(true);
      if (pipeline.execution === 'tomasulo') expect(sorted(flights.map((f) => f.CT))).toBe(true);
      expect(Math.max(...flights.map(({ end }) => end!))).toBe(report.cycles);
    });
  });

  it('no structure holds more than it can', () => {
    everyRun((_run, flights, machine) => {
      const { pipeline, memory } = machine;
      const { width, execution } = pipeline;
      const most = (from: (f: Flight) => number, to: (f: Flight) => number) =>
        mostAtOnce(flights.map((f) => [from(f), to(f)]));
      const dispatch = (f: Flight) => (f.RO ?? f.RS ?? f.EX)!;
      expect(
        most(
          (f) => f.IF!,
          (f) => f.ID!,
        ),
      ).toBeLessThanOrEqual(width);
      expect(most((f) => f.ID!, dispatch)).toBeLessThanOrEqual(width);
      expect(
        most(
          (f) => f.EX!,
          (f) => f.EX! + 1,
        ),
      ).toBeLessThanOrEqual(width);
      if (execution === 'blocking') {
        expect(
          most(
            (f) => f.EX!,
            (f) => f.MEM!,
          ),
        ).toBe(1);
        expect(
          most(
            (f) => f.MEM!,
            (f) => f.WB!,
          ),
        ).toBe(1);
        return;
      }
      for (const unit of ['alu', 'mxu', 'vec', 'sfu', 'dma'] as const) {
        const own = flights.filter(({ issue }) => issue!.unit === unit);
        const busy = own.map(({ issue }): [number, number] => [
          issue!.cycle,
          issue!.cycle + issue!.occupancyCycles,
        ]);
        const count = unit === 'dma' ? 1 : machine[unit].count;
        expect(mostAtOnce(busy)).toBeLessThanOrEqual(count);
        if (execution === 'scoreboard') {
          const reserved = own.map((f): [number, number] => [f.RO!, f.WB! + 1]);
          expect(mostAtOnce(reserved)).toBeLessThanOrEqual(count);
        }
        if (execution !== 'tomasulo') continue;
        const stations = own.map((f): [number, number] => [f.RS!, f.WB! + 1]);
        expect(mostAtOnce(stations)).toBeLessThanOrEqual(pipeline.stations);
      }
      const accesses = flights.filter(({ issue }) => issue!.unit === 'dma');
      const underWay = mostAtOnce(accesses.map((f) => [f.EX!, f.WB!]));
      expect(underWay).toBeLessThanOrEqual(memory.requestsInFlight);
      if (execution !== 'tomasulo') return;
      expect(
        most(
          (f) => f.RS!,
          (f) => f.CT! + 1,
        ),
      ).toBeLessThanOrEqual(pipeline.reorderBufferEntries);
      expect(
        most(
          (f) => f.CT!,
          (f) => f.CT! + 1,
        ),
      ).toBeLessThanOrEqual(width);
    });
  });

  it('write ports and result buses are enough (UA-27, UA-64)', () => {
    everyRun(({ report }, flights, { pipeline }, program) => {
      if (!['overlapped', 'tomasulo'].includes(pipeline.execution)) return;
      expect(report.lines).toHaveLength(program.code.length);
      const writes = (pc: number) =>
        program.code[pc]!.operands.some((operand, i) => {
          const { access, kind } = program.code[pc]!.definition.operands[i]!;
          const isZero = operand.kind === 'scalar' && operand.register === 0;
          return access === 'write' && kind !== 'address' && !isZero;
        });
      const results = flights.filter(({ pc }) => writes(pc));
      expect(mostAtOnce(results.map(({ WB }) => [WB!, WB! + 1]))).toBeLessThanOrEqual(
        pipeline.writePorts,
      );
    });
  });

  it('values are the same', () => {
    everyRun(({ vm }, flights, { pipeline }, program) => {
      const other = recordRun(program, 'classic5');
      expect(vm.trap).toBeUndefined();
      expect(vm.memory).toEqual(other.vm.memory);
      expect(vm.emittedTokens).toEqual(other.vm.emittedTokens);
      if (pipeline.microOperations === 'whole') {
        expect(flights.map(({ pc }) => pc)).toEqual(flightsOf(other.events).map(({ pc }) => pc));
      }
    });
  });
});
