/** Stages and structures: when an instruction is where, on every machine. */
import { describe, expect } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import type { Flight } from '../support/flights.ts';
import { isAccess, memoryCyclesOf, opensAt } from '../support/flights.ts';
import type { Run } from '../support/laws.ts';
import { executionOf, isInOrder, lawsOf, mostAtOnce } from '../support/laws.ts';
import { EXECUTIONS } from '../support/random-machine.ts';

const law = lawsOf(EXECUTIONS, 19_670_101);

/** The cycle in which an instruction leaves ID. */
const dispatchOf = ({ RO, RS, EX }: Flight) => (RO >= 0 ? RO : RS >= 0 ? RS : EX);

/** UA-6, instruction by instruction: whether fetching waits for it. */
function waitsForBranch({ pipeline }: Machine): (flight: Flight) => boolean {
  const counters = new Map<number, number>();
  return ({ pc, nextPc, static: { control, target } }) => {
    if (control === 'next' || control === 'halt') return false;
    const isTaken = nextPc !== pc + 1;
    if (pipeline.branch === 'stall') return true;
    if (pipeline.branch === 'not-taken') return isTaken;
    // A jump without a label goes to a register.
    if (control === 'jump') return target === -1;
    if (pipeline.branch === 'backward-taken') return isTaken !== target <= pc;
    const entry = pc % pipeline.branchTableEntries;
    const count = counters.get(entry) ?? 1;
    counters.set(entry, Math.min(3, Math.max(0, count + (isTaken ? 1 : -1))));
    return isTaken !== count >= 2;
  };
}

/** UA-1: the stages of an instruction. */
function stagesOf(run: Run, flight: Flight): readonly (keyof Flight)[] {
  const memory = isAccess(flight) ? (['MEM'] as const) : [];
  switch (executionOf(run)) {
    case 'blocking':
    case 'overlapped':
      return ['IF', 'ID', 'EX', 'MEM', 'WB'];
    case 'scoreboard':
      return ['IF', 'ID', 'RO', 'EX', ...memory, 'WB'];
    case 'tomasulo':
      return ['IF', 'ID', 'RS', 'EX', ...memory, 'WB', 'CT'];
  }
}

const sorted = (times: readonly number[]) => times.every((time, i) => !i || times[i - 1]! <= time);

describe('the pipeline', () => {
  law('UA-1, UA-2: every stage in order, the run ends with the last of all', (run) => {
    const { flights, report, machine, vm } = run;
    for (const flight of flights) {
      const times = [...stagesOf(run, flight), 'end' as const].map((key) => flight[key] as number);
      expect(times.every((time, i) => time >= 0 && (i === 0 || times[i - 1]! < time))).toBe(true);
      const passed = (['IF', 'ID', 'RO', 'RS', 'EX', 'MEM', 'WB', 'CT'] as const).filter(
        (stage) => flight[stage] >= 0,
      );
      expect(passed).toEqual(stagesOf(run, flight));
      expect(flight.end).toBe(Math.max(flight.WB, flight.CT) + 1);
    }
    expect(flights[0]!.IF).toBe(0);
    expect(report.cycles).toBe(Math.max(...flights.map(({ end }) => end)));
    expect(report.instructions).toBe(flights.length);
    if (machine.pipeline.microOperations === 'whole') expect(flights).toHaveLength(vm.instructions);
  });

  law('UA-3, UA-50, UA-60, UA-65: decoded, dispatched and committed in program order', (run) => {
    const { flights, machine } = run;
    const { width } = machine.pipeline;
    expect(sorted(flights.map(dispatchOf))).toBe(true);
    flights.forEach((now, i) => {
      const [before, far] = [flights[i - 1], flights[i - width]];
      const left = far ? dispatchOf(far) : 0;
      expect(now.ID).toBe(Math.max(now.IF + 1, before?.ID ?? 0, left));
      expect(dispatchOf(now)).toBeGreaterThan(Math.max(now.ID, far ? left : -1));
      if (executionOf(run) !== 'tomasulo') return;
      expect(now.CT).toBe(Math.max(now.WB + 1, before?.CT ?? 0, (far?.CT ?? -1) + 1));
    });
  });

  law('UA-5, UA-6: fetching waits for a branch exactly where the machine says so', (run) => {
    const { flights, machine } = run;
    const waitsFor = waitsForBranch(machine);
    const waited = flights.map(waitsFor);
    flights.slice(1).forEach((now, i) => {
      const before = flights[i]!;
      const room = flights[i + 1 - machine.pipeline.width]?.ID ?? 0;
      const resolved = before.EX + before.cost.executeCycles;
      expect(now.IF).toBe(waited[i] ? resolved : Math.max(before.IF, room));
    });
  });

  law('UA-20, UA-52, UA-64: no result is written before its work is done', (run) => {
    for (const flight of run.flights) {
      const { EX, MEM, WB, cost } = flight;
      if (isAccess(flight) && !isInOrder(run)) expect(MEM).toBe(EX + 1);
      expect(WB).toBeGreaterThanOrEqual(EX + cost.executeCycles + memoryCyclesOf(flight));
    }
  });
});

describe('no structure holds more than it can', () => {
  law('UA-1, UA-4, UA-62, UA-65: the stages, and the slots of issue and commit', (run) => {
    const { flights, machine } = run;
    const { width } = machine.pipeline;
    const most = (range: (flight: Flight) => readonly [number, number]) =>
      mostAtOnce(flights.map(range));
    expect(most(({ IF, ID }) => [IF, ID])).toBeLessThanOrEqual(width);
    expect(most((flight) => [flight.ID, dispatchOf(flight)])).toBeLessThanOrEqual(width);
    expect(most(({ EX }) => [EX, EX + 1])).toBeLessThanOrEqual(width);
    if (executionOf(run) !== 'tomasulo') return;
    expect(most(({ CT }) => [CT, CT + 1])).toBeLessThanOrEqual(width);
    const { reorderBufferEntries } = machine.pipeline;
    expect(most(({ RS, CT }) => [RS, CT + 1])).toBeLessThanOrEqual(reorderBufferEntries);
  });

  law('UA-26, UA-50, UA-60: units, their reservations and stations', (run) => {
    const { machine } = run;
    if (executionOf(run) === 'blocking') return;
    for (const unit of ['alu', 'mxu', 'vec', 'sfu', 'dma'] as const) {
      const own = run.flights.filter((flight) => flight.static.unit === unit);
      const count = unit === 'dma' ? 1 : machine[unit].count;
      expect(mostAtOnce(own.map((f) => [f.EX, opensAt(f)]))).toBeLessThanOrEqual(count);
      if (executionOf(run) === 'scoreboard') {
        expect(mostAtOnce(own.map(({ RO, WB }) => [RO, WB + 1]))).toBeLessThanOrEqual(count);
      }
      if (executionOf(run) !== 'tomasulo') continue;
      const { stations } = machine.pipeline;
      expect(mostAtOnce(own.map(({ RS, WB }) => [RS, WB + 1]))).toBeLessThanOrEqual(stations);
    }
  });

  law('UA-27, UA-64: write ports and result buses', (run) => {
    if (!['overlapped', 'tomasulo'].includes(executionOf(run))) return;
    const writers = run.flights.filter((flight) => flight.static.writes >= 0);
    const results = writers.map(({ WB }) => [WB, WB + 1] as const);
    expect(mostAtOnce(results)).toBeLessThanOrEqual(run.machine.pipeline.writePorts);
  });

  law('UA-28: requests', (run) => {
    if (executionOf(run) === 'blocking') return;
    const requests = run.flights.filter(isAccess).map(({ EX, WB }) => [EX, WB] as const);
    expect(mostAtOnce(requests)).toBeLessThanOrEqual(run.machine.memory.requestsInFlight);
  });
});
