/** Laws that every run of the event engine obeys, on random programs and random machines. */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { staticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { CAUSES } from '../../src/timing/causes.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import { Flow } from '../../src/timing/event/flow.ts';
import { Wait } from '../../src/timing/event/wait.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import { Vm } from '../../src/vm/vm.ts';
import { randomProgram } from '../support/random-program.ts';
import type { Flight } from './event-support.ts';
import { machineWith, randomMachine, recordEvents } from './event-support.ts';

const RUNS = { seed: 7, numRuns: 300 };
const STAGES = {
  blocking: ['IF', 'ID', 'EX', 'MEM', 'WB', 'retired'],
  overlapped: ['IF', 'ID', 'EX', 'MEM', 'WB', 'retired'],
  scoreboard: ['IF', 'ID', 'RO', 'EX', 'WB', 'retired'],
  tomasulo: ['IF', 'ID', 'RS', 'EX', 'WB', 'CT', 'retired'],
} as const;

const widthOf = ({ pipeline }: Machine) => (pipeline.execution === 'tomasulo' ? pipeline.width : 1);
const slotName = ({ slot, cycle }: { slot: number; cycle: number }) => `${slot}:${cycle}`;

afterEach(() => vi.restoreAllMocks());

function forAllRuns(check: (machine: Machine, run: ReturnType<typeof recordEvents>) => void): void {
  fc.assert(
    fc.property(randomMachine(), randomProgram({ tile: 8 }), (machine, { program }) => {
      check(machine, recordEvents(program, machine));
    }),
    RUNS,
  );
}

/** A charge apart from how long its run is. */
function whoAndWhy(charge: TimingEvent) {
  return { ...charge, cycle: 0, cycles: 0 };
}

/** Every cycle of every slot, each charged once. */
function chargedCycles(events: readonly TimingEvent[]): Map<string, TimingEvent> {
  const charged = new Map<string, TimingEvent>();
  for (const event of events) {
    if (event.kind !== 'charge') continue;
    for (let i = 0; i < event.cycles; i++) {
      const name = slotName({ slot: event.slot, cycle: event.cycle + i });
      expect(charged.has(name), `${name} is charged twice`).toBe(false);
      charged.set(name, event);
    }
  }
  return charged;
}

test('UA-34: every slot of every cycle is charged once', () => {
  forAllRuns((machine, { events, cycles }) => {
    expect(chargedCycles(events).size).toBe(widthOf(machine) * cycles);
    for (const event of events) {
      if (event.kind !== 'charge') continue;
      expect(event.cycle + event.cycles).toBeLessThanOrEqual(cycles);
      expect(event.causes & (1 << CAUSES.indexOf(event.cause))).not.toBe(0);
    }
  });
});

test('runs of a slot are as long as can be', () => {
  forAllRuns((_, { events }) => {
    const last = new Map<number, string>();
    for (const event of events) {
      if (event.kind !== 'charge') continue;
      const { cause, id, producer, register, causes, slot } = event;
      const now = [cause, id, producer, register, causes].join();
      expect(last.get(slot)).not.toBe(now);
      last.set(slot, now);
    }
  });
});

test('events come in the order of their cycles, charges behind their last one', () => {
  forAllRuns((_, { events }) => {
    let before = 0;
    for (const event of events) {
      const at = event.kind === 'charge' ? event.cycle + event.cycles : event.cycle;
      expect(at).toBeGreaterThanOrEqual(before);
      before = at;
    }
    expect(events.at(-1)?.kind).toBe('end');
  });
});

test('UA-1, UA-2: every instruction passes through all stages, and the run ends with the last', () => {
  forAllRuns((machine, { flights, cycles, instructions }) => {
    expect(flights.length).toBe(instructions);
    for (const flight of flights) {
      const times = STAGES[machine.pipeline.execution].map((stage) => flight[stage]!);
      for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThan(times[i - 1]);
    }
    expect(Math.max(...flights.map(({ retired }) => retired!))).toBe(cycles);
  });
});

test('UA-3, UA-5, UA-65: what the recurrences of fetch, decode and commit say', () => {
  forAllRuns((machine, { flights }) => {
    const W = widthOf(machine);
    const leavesDecode = (f: Flight) => f.RO ?? f.RS ?? f.EX!;
    flights.forEach((flight, i) => {
      const [before, wBefore] = [flights[i - 1], flights[i - W]];
      const terms = [flight.IF! + 1];
      if (before) terms.push(before.ID!);
      if (wBefore) terms.push(leavesDecode(wBefore));
      expect(flight.ID).toBe(Math.max(...terms));
      const fetched = Math.max(before?.IF ?? 0, wBefore?.ID ?? 0);
      expect(flight.IF).toBeGreaterThanOrEqual(fetched);
      if (flight.CT === undefined) return;
      const commits = [flight.WB! + 1, before?.CT ?? 0, (wBefore?.CT ?? -1) + 1];
      expect(flight.CT).toBe(Math.max(...commits));
    });
  });
});

test('UA-30: issue slots hold what issues, W in a cycle at most', () => {
  forAllRuns((machine, { events, flights }) => {
    const charged = chargedCycles(events);
    const perCycle = new Map<number, number[]>();
    flights.forEach(({ EX }, id) => perCycle.set(EX!, [...(perCycle.get(EX!) ?? []), id]));
    for (const [cycle, ids] of perCycle) {
      expect(ids.length).toBeLessThanOrEqual(widthOf(machine));
      ids.forEach((id, slot) => {
        expect(charged.get(slotName({ slot, cycle }))).toMatchObject({ cause: 'issue', id });
      });
    }
  });
});

test('UA-60: stations and reorder buffer never hold more than there are', () => {
  forAllRuns(({ pipeline }, { flights }) => {
    if (pipeline.execution !== 'tomasulo') return;
    const { reorderBufferEntries, stations } = pipeline;
    flights.forEach((flight, i) => {
      expect(flight.RS).toBeGreaterThan(flights[i - reorderBufferEntries]?.CT ?? -1);
      const inStation = flights
        .slice(0, i)
        .filter(({ unit, WB }) => unit === flight.unit && WB! >= flight.RS!);
      expect(inStation.length).toBeLessThan(stations);
    });
  });
});

test('the books option has the sums of the charges, with and without a listener', () => {
  fc.assert(
    fc.property(randomMachine(), randomProgram({ tile: 8 }), (machine, { program }) => {
      const books = new Float64Array(CAUSES.length);
      const { events } = recordEvents(program, machine, { books });
      const sums = new Float64Array(CAUSES.length);
      for (const e of events) if (e.kind === 'charge') sums[CAUSES.indexOf(e.cause)] += e.cycles;
      expect(books).toEqual(sums);
      const unheard = new Float64Array(CAUSES.length);
      const code = program.code.map(staticInstruction);
      runEvents(machine, code, new Vm(program), undefined, { books: unheard });
      expect(unheard).toEqual(sums);
    }),
    RUNS,
  );
});

test('a run that is cut off is the beginning of the whole run', () => {
  const cut = fc.integer({ min: 0, max: 300 });
  fc.assert(
    fc.property(randomMachine(), randomProgram({ tile: 8 }), cut, (machine, { program }, limit) => {
      const whole = recordEvents(program, machine);
      const part = recordEvents(program, machine, { maxCycles: limit });
      if (whole.cycles <= limit) {
        expect(part).toEqual(whole);
        return;
      }
      expect(part.cycles).toBe(limit);
      const unfinished = whole.flights.findIndex(({ retired }) => retired! >= limit);
      const fetch = whole.events.find((e) => e.kind === 'fetch' && e.id === unfinished);
      expect(fetch).toMatchObject({ pc: part.cutOffAt });
      const before = (e: TimingEvent) => e.kind !== 'charge' && e.kind !== 'end' && e.cycle < limit;
      expect(part.events.filter(before)).toEqual(whole.events.filter(before));
      const wholeCharges = chargedCycles(whole.events);
      const partCharges = chargedCycles(part.events);
      expect(partCharges.size).toBe(widthOf(machine) * limit);
      for (const [name, charge] of partCharges) {
        expect(whoAndWhy(charge)).toEqual(whoAndWhy(wholeCharges.get(name)!));
      }
    }),
    RUNS,
  );
});

/** Looks at every cycle, as if something might change in each of them. */
function neverJump(): void {
  vi.spyOn(Wait.prototype, 'mayChange').mockImplementation(function (this: Wait, _, cycle) {
    this.until = cycle + 1;
  });
  vi.spyOn(Flow.prototype, 'noteExecuting').mockImplementation(function (this: Flow, cycle) {
    this.next = cycle + 1;
  });
}

test('jumping over cycles changes nothing', () => {
  fc.assert(
    fc.property(randomMachine(), randomProgram({ tile: 8 }), (machine, { program }) => {
      const jumping = recordEvents(program, machine);
      neverJump();
      const walking = recordEvents(program, machine);
      vi.restoreAllMocks();
      expect(walking.events).toEqual(jumping.events);
    }),
    RUNS,
  );
});

test('UA-66: without dependencies nobody waits for a value', () => {
  fc.assert(
    fc.property(randomProgram({ tile: 8 }), ({ program }) => {
      const free = recordEvents(program, machineWith('ideal'));
      const causes = free.events.flatMap((e) => (e.kind === 'charge' ? [e.cause] : []));
      expect(causes).not.toContain('raw');
      expect(causes).not.toContain('memory.order');
    }),
    RUNS,
  );
});
