/** What is true of every run: random legal programs on presets and on random machines. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import { CAUSES, causesIn, possibleCauses } from '../../src/timing/causes.ts';
import type { ChargeEvent } from '../../src/timing/events.ts';
import { accessProgram } from '../support/access-program.ts';
import { randomMachine } from '../support/random-machine.ts';
import type { RandomProgram } from '../support/random-program.ts';
import { randomProgram } from '../support/random-program.ts';
import { recordRun } from '../support/run.ts';
import type { Flight } from '../support/flights.ts';
import { flightsOf, isAccess, retireCycles } from '../support/flights.ts';

const TILE = 8;
const MACHINE = fc.oneof(
  fc.constantFrom(...PRESETS),
  randomMachine({ tile: TILE }),
  randomMachine({ tile: TILE }),
);
/** One in four is of accesses that meet in memory, which those of the others seldom do. */
const PROGRAM = fc.oneof(
  randomProgram({ length: 16, tile: TILE }),
  randomProgram({ length: 16, tile: 2 }),
  randomProgram({ length: 16, tile: TILE }),
  accessProgram,
);

function runOn({ program }: Pick<RandomProgram, 'program'>, machine: Machine) {
  const run = recordRun(program, machine);
  return { ...run, machine, flights: flightsOf(program, machine, run.events) };
}

type Run = ReturnType<typeof runOn>;

/** Each law sees other programs than the one before. */
let seed = 19_640_407;

/** A law of 300 runs, each on a program and a machine of its own. */
function law(name: string, check: (run: Run) => void): void {
  const own = { numRuns: 300, seed: seed++ };
  it(name, () => {
    const property = fc.property(PROGRAM, MACHINE, (program, machine) => {
      check(runOn(program, machine));
    });
    fc.assert(property, own);
  });
}

const chargesOf = ({ events }: Run): ChargeEvent[] =>
  events.filter((event) => event.kind === 'charge');

/** How many of the half-open ranges hold the cycle in which each of them begins, at most. */
function mostAtOnce(ranges: readonly (readonly [from: number, to: number])[]): number {
  const count = ([at]: readonly [number, number]) =>
    ranges.filter(([from, to]) => from <= at && at < to).length;
  return Math.max(0, ...ranges.map(count));
}

const isOverlapped = ({ machine }: Run) => machine.pipeline.execution === 'overlapped';

describe('the books', () => {
  law('UA-32: charges cover every cycle once, in order, and sum to the cycles', (run) => {
    let next = 0;
    for (const { cycle, cycles, slot } of chargesOf(run)) {
      expect(cycle).toBe(next);
      expect(cycles).toBeGreaterThan(0);
      expect(slot).toBe(0);
      next += cycles;
    }
    expect(next).toBe(run.report.cycles);
    expect(run.report.unattributed).toBe(0);
  });

  law('UA-30: what is charged is the first of the causes that hold', (run) => {
    const possible = possibleCauses(run.machine);
    for (const { cause, causes } of chargesOf(run)) {
      expect(causesIn(causes)[0]).toBe(cause);
      expect(possible).toEqual(expect.arrayContaining(causesIn(causes)));
    }
  });

  law('runs of charges are as long as can be', (run) => {
    const key = ({ cause, id, producer, register, causes }: ChargeEvent) =>
      [cause, id, producer, register, causes].join();
    const keys = chargesOf(run).map(key);
    keys.slice(1).forEach((one, i) => {
      expect(one).not.toBe(keys[i]);
    });
  });

  law('UA-31: whoever waits has not issued, and whoever is waited for came before', (run) => {
    for (const { cause, id, producer, cycle, cycles } of chargesOf(run)) {
      if (cause === 'fill' || cause === 'drain') expect([id, producer]).toEqual([-1, -1]);
      else if (cause === 'issue') expect(run.flights[id]!.EX).toBe(cycle);
      else {
        expect(producer).toBeGreaterThanOrEqual(0);
        expect(producer).toBeLessThan(id);
        expect(run.flights[id]!.EX).toBeGreaterThanOrEqual(cycle + cycles);
      }
    }
  });

  law('the lower bound is at most the cycles', ({ report }) => {
    expect(report.bound.cycles).toBeLessThanOrEqual(report.cycles);
    expect(report.bound.all.length).toBeGreaterThan(0);
  });
});

describe('the pipeline', () => {
  law('UA-1, UA-2: every stage in order, the run ends with the last write-back', (run) => {
    const { flights } = run;
    for (const { IF, ID, EX, MEM, WB } of flights) {
      expect([IF < ID, ID < EX, EX < MEM, MEM < WB]).toEqual([true, true, true, true]);
    }
    expect(flights[0]!.IF).toBe(0);
    expect(run.report.cycles).toBe(Math.max(...flights.map(({ WB }) => WB)) + 1);
    expect(run.report.instructions).toBe(flights.length);
    expect(flights.length).toBe(run.vm.instructions);
    expect(retireCycles(run.events)).toEqual(flights.map(({ WB }) => WB + 1));
  });

  law(
    'UA-3, UA-4, UA-5: fetched, decoded and issued in order, one after another',
    ({ flights }) => {
      flights.slice(1).forEach((now, i) => {
        const before = flights[i]!;
        expect(now.ID).toBe(Math.max(now.IF + 1, before.EX));
        expect(now.EX).toBeGreaterThanOrEqual(Math.max(now.ID, before.EX) + 1);
        expect(now.IF).toBeGreaterThanOrEqual(before.ID);
      });
    },
  );

  law('UA-6: fetching waits for a branch exactly where the machine says so', (run) => {
    const { flights, machine } = run;
    flights.slice(1).forEach((now, i) => {
      const before = flights[i]!;
      const { control } = before.static;
      const waits =
        (control === 'branch' || control === 'jump') &&
        (machine.pipeline.branch === 'stall' || before.step.nextPc !== before.step.pc + 1);
      expect(now.IF).toBe(waits ? before.EX + before.cost.executeCycles : before.ID);
    });
  });

  law('UA-7, UA-8: every stage is as long as its work', (run) => {
    run.flights.forEach(({ EX, MEM, WB, cost }, i) => {
      const before = isOverlapped(run) || i === 0 ? -1 : run.flights[i - 1]!.WB;
      expect(MEM).toBe(Math.max(EX + cost.executeCycles, before));
      expect(WB).toBe(MEM + cost.memoryCycles);
    });
  });

  law('UA-7: EX and MEM of a blocking machine hold one instruction each', (run) => {
    if (isOverlapped(run)) return;
    expect(mostAtOnce(run.flights.map(({ EX, MEM }) => [EX, MEM]))).toBeLessThanOrEqual(1);
    expect(mostAtOnce(run.flights.map(({ MEM, WB }) => [MEM, WB]))).toBeLessThanOrEqual(1);
  });
});

/** Whether `now` adds onto the tile that `writer` leaves inside the array (UA-16). */
function mayChain(machine: Machine, writer: Flight, now: Flight): boolean {
  return (
    machine.mxu.accumulatorForwarding &&
    now.static.accumulates === writer.static.writes &&
    writer.static.unit === now.static.unit
  );
}

/** UA-21: the first cycle in which a reader may issue. */
function resultCycle({ pipeline }: Machine, { EX, MEM, WB, cost, step }: Flight): number {
  if (!pipeline.forwarding) return WB + 1;
  const reads = step.work.kind === 'memory' && step.work.direction === 'read';
  return reads ? MEM + cost.memoryCycles : EX + cost.executeCycles;
}

describe('hazards', () => {
  law('UA-22: nobody issues before the results that it reads', ({ flights, machine }) => {
    const writers = new Map<number, Flight>();
    for (const now of flights) {
      for (const register of now.static.reads) {
        const writer = writers.get(register);
        if (!writer) continue;
        const isChained = register === now.static.accumulates && mayChain(machine, writer, now);
        if (!isChained) expect(now.EX).toBeGreaterThanOrEqual(resultCycle(machine, writer));
      }
      if (now.static.writes >= 0) writers.set(now.static.writes, now);
    }
  });

  law('UA-24: writes of one register arrive in program order', ({ flights }) => {
    const written = new Map<number, number>();
    for (const { static: fixed, WB } of flights) {
      if (fixed.writes < 0) continue;
      expect(WB).toBeGreaterThan(written.get(fixed.writes) ?? -1);
      written.set(fixed.writes, WB);
    }
  });

  law('UA-25: nobody writes a tile that is still read', (run) => {
    if (!isOverlapped(run)) return;
    run.flights.forEach((now, i) => {
      const { writes } = now.static;
      if (writes < 0 || writes >= 32) return;
      const readers = run.flights.slice(0, i).filter((f) => f.static.reads.includes(writes));
      for (const reader of readers) {
        if (mayChain(run.machine, reader, now)) continue;
        expect(now.EX).toBeGreaterThanOrEqual(reader.EX + reader.cost.occupancyCycles);
      }
    });
  });

  law('UA-26: no unit takes more than it has copies', (run) => {
    if (!isOverlapped(run)) return;
    for (const unit of ['alu', 'mxu', 'vec', 'sfu'] as const) {
      const own = run.flights.filter((flight) => flight.static.unit === unit);
      const most = mostAtOnce(own.map(({ EX, cost }) => [EX, EX + cost.occupancyCycles]));
      expect(most).toBeLessThanOrEqual(run.machine[unit].count);
    }
  });

  law('UA-27: no cycle has more results than write ports', (run) => {
    const ports = isOverlapped(run) ? run.machine.pipeline.writePorts : 1;
    const writers = run.flights.filter((flight) => flight.static.writes >= 0);
    expect(mostAtOnce(writers.map(({ WB }) => [WB, WB + 1]))).toBeLessThanOrEqual(ports);
  });

  law('UA-28: one transfer at a time on the bus, and no more requests than may be', (run) => {
    if (!isOverlapped(run)) return;
    const accesses = run.flights.filter(isAccess);
    const transfers = accesses.map(({ EX, cost }) => [EX, EX + cost.transferCycles] as const);
    expect(mostAtOnce(transfers)).toBeLessThanOrEqual(1);
    const requests = accesses.map(({ EX, WB }) => [EX, WB] as const);
    expect(mostAtOnce(requests)).toBeLessThanOrEqual(run.machine.memory.requestsInFlight);
  });

  law('UA-29: nobody reads what is still being written', (run) => {
    const touched = run.flights
      .filter(isAccess)
      .map((flight) => ({ flight, bytes: bytesOf(flight) }));
    touched.forEach(({ flight: { EX, step }, bytes }, i) => {
      if (step.work.kind !== 'memory' || step.work.direction !== 'read' || !isOverlapped(run))
        return;
      for (const { flight: before, bytes: other } of touched.slice(0, i)) {
        const isWrite =
          before.step.work.kind === 'memory' && before.step.work.direction === 'write';
        const overlap = bytes.low < other.high && other.low < bytes.high;
        if (isWrite && overlap) expect(EX).toBeGreaterThanOrEqual(before.WB);
      }
    });
  });

  law('UA-4: nobody waits without a reason', (run) => {
    const waited = run.flights.map(() => 0);
    for (const { cause, cycles, id } of chargesOf(run)) {
      if (!['issue', 'fill', 'control', 'drain'].includes(cause)) waited[id]! += cycles;
    }
    expect(waited).toEqual(run.flights.map(({ ID, EX }) => EX - ID - 1));
  });
});

/** The lowest byte of an access, and the one behind its highest. */
function bytesOf({ step: { work } }: Flight): { low: number; high: number } {
  if (work.kind !== 'memory') throw new Error('not an access');
  const { address, rows, rowBytes, strideBytes } = work;
  const starts = Array.from({ length: rows }, (_, i) => address + i * strideBytes);
  return { low: Math.min(...starts), high: Math.max(...starts) + rowBytes };
}

describe('determinism', () => {
  law('a second run says exactly the same, whatever ran in between', (run) => {
    const again = recordRun(run.vm.program, run.machine);
    expect(again.events).toEqual(run.events);
  });

  it('the random runs meet every cause there is', () => {
    const met = new Set<string>();
    const property = fc.property(PROGRAM, MACHINE, (program, machine) => {
      for (const { causes } of chargesOf(runOn(program, machine))) {
        for (const cause of causesIn(causes)) met.add(cause);
      }
    });
    fc.assert(property, { numRuns: 300, seed });
    const known = CAUSES.filter((cause) => PRESETS.some((m) => possibleCauses(m).includes(cause)));
    expect([...known.filter((cause) => !met.has(cause))]).toEqual([]);
  });
});
