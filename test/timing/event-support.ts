/** Runs of the event engine for its tests: machines, programs, and what came out. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Unit, Work } from '../../isa/work.ts';
import { SCALAR_WORK } from '../../isa/work.ts';
import type { StaticInstruction } from '../../isa/registers.ts';
import { staticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { validateMachine } from '../../src/machine/read.ts';
import type { Program } from '../../src/program/program.ts';
import type { StepSource } from '../../src/timing/engine.ts';
import type { EventOptions } from '../../src/timing/event/index.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import type { Stage, TimingEvent } from '../../src/timing/events.ts';
import { Vm } from '../../src/vm/vm.ts';

const FOLDER = new URL('../../isa/machines/', import.meta.url);

export const MACHINE_NAMES = [
  'classic5',
  'classic5-fwd',
  'multicycle',
  'cached',
  'gemmini16',
  'scoreboard',
  'tomasulo',
  'tomasulo1',
  'tomasulo4',
  'ideal',
] as const;

type Changes = {
  readonly [K in keyof Machine]?: Machine[K] extends object | null ? object | null : Machine[K];
};

/** A machine file with some of its parameters changed. */
export function machineWith(name: string, changes: Changes = {}): Machine {
  const file = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
  for (const [key, change] of Object.entries(changes)) {
    file[key] =
      typeof change === 'object' && change !== null ? { ...file[key], ...change } : change;
  }
  const { machine, problems } = validateMachine(file);
  if (machine) return machine;
  throw new Error(problems.map(({ key, message }) => `${key} ${message}`).join('\n'));
}

/** Machines of every kind with few and odd resources, so that each hazard binds somewhere. */
export function randomMachine(): fc.Arbitrary<Machine> {
  const small = fc.integer({ min: 1, max: 3 });
  const unit = { count: small, intervalCycles: small };
  return fc
    .record({
      name: fc.constantFrom(...MACHINE_NAMES),
      width: fc.integer({ min: 1, max: 4 }),
      forwarding: fc.boolean(),
      branch: fc.constantFrom('stall', 'not-taken', 'backward-taken', 'two-bit'),
      branchTableEntries: small,
      microOperations: fc.constantFrom('whole', 'cracked'),
      writePorts: small,
      stations: small,
      reorderBufferEntries: fc.integer({ min: 1, max: 9 }),
      alu: fc.record({ ...unit, latencyCycles: fc.integer({ min: 3, max: 5 }) }),
      mxu: fc.record({
        count: small,
        rows: fc.constantFrom(2, 4, 16),
        columns: fc.constantFrom(2, 4, 16),
        dataflow: fc.constantFrom('weight-stationary', 'output-stationary', 'input-stationary'),
        weights: fc.constantFrom('serial', 'double-buffered'),
        accumulatorForwarding: fc.boolean(),
      }),
      vec: fc.record({
        ...unit,
        lanes: fc.constantFrom(4, 16),
        depthCycles: fc.integer({ min: 3, max: 9 }),
      }),
      sfu: fc.record({
        ...unit,
        lanes: fc.constantFrom(4, 16),
        depthCycles: fc.integer({ min: 3, max: 9 }),
      }),
      memory: fc.record({
        latencyCycles: fc.integer({ min: 1, max: 40 }),
        bytesPerCycle: fc.constantFrom(4, 16, 64),
        requestsInFlight: small,
        burstBytes: fc.constantFrom(16, 64),
        banks: fc.constantFrom(1, 2, 4),
        rowBytes: fc.constantFrom(64, 256),
        rowMissCycles: fc.integer({ min: 0, max: 20 }),
      }),
      cache: fc.option(
        fc.record({
          sizeBytes: fc.constantFrom(256, 512, 1024),
          ways: fc.constantFrom(1, 2, 4),
          lineBytes: fc.constant(64),
          hitCycles: small,
          replacement: fc.constantFrom('lru', 'fifo'),
          writePolicy: fc.constantFrom('back', 'through'),
        }),
      ),
    })
    .map(({ name, width, alu, mxu, vec, sfu, memory, cache, ...rest }) => {
      const isWide = machineWith(name).pipeline.execution === 'tomasulo';
      const pipeline = { ...rest, width: isWide ? width : 1 };
      return machineWith(name, { pipeline, alu, mxu, vec, sfu, memory, cache });
    });
}

/** Times a program and keeps every event. */
export function recordEvents(program: Program, machine: Machine, options: EventOptions = {}) {
  const events: TimingEvent[] = [];
  const code = program.code.map(staticInstruction);
  const result = runEvents(machine, code, new Vm(program), (e) => events.push(e), options);
  return { ...result, events, flights: flightsOf(events) };
}

/** The cycles in which an instruction enters its stages, and in which it has left the last. */
export type Flight = Partial<Record<Stage | 'retired', number>> & {
  readonly unit?: Unit;
  readonly latencyCycles?: number;
  readonly occupancyCycles?: number;
};

/** The flights of all instructions, in program order. */
export function flightsOf(events: readonly TimingEvent[]): Flight[] {
  const flights: Record<string, number>[] = [];
  for (const event of events) {
    if (event.kind === 'fetch') flights[event.id] = { IF: event.cycle };
    if (event.kind === 'stage') flights[event.id][event.stage] = event.cycle;
    if (event.kind === 'retire') flights[event.id]['retired'] = event.cycle;
    if (event.kind !== 'issue') continue;
    const { cycle, unit, latencyCycles, occupancyCycles } = event;
    Object.assign(flights[event.id], { EX: cycle, unit, latencyCycles, occupancyCycles });
  }
  return flights;
}

/** `4+27 raw 2<-0 r1` for every run of a slot that does not issue. */
export function chargesOf(events: readonly TimingEvent[], slot = 0): string[] {
  return events.flatMap((e) =>
    e.kind === 'charge' && e.slot === slot && e.cause !== 'issue'
      ? [
          `${e.cycle}+${e.cycles} ${e.cause}` +
            (e.id < 0 ? '' : ` ${e.id}<-${e.producer} r${e.register}`),
        ]
      : [],
  );
}

/** One step of a hand-made program: what it is, and what it has to do. */
export interface HandStep {
  readonly unit?: Unit;
  readonly reads?: readonly number[];
  readonly writes?: number;
  readonly accumulates?: number;
  readonly work?: Work;
  readonly control?: StaticInstruction['control'];
  readonly target?: number;
  /** Where it goes on; at the next address where not given. */
  readonly nextPc?: number;
}

/** Straight-line code and the source that executes it once, ending without HALT. */
export function handMade(steps: readonly HandStep[]) {
  const code = steps.map(
    ({ unit = 'alu', reads = [], writes = -1, accumulates = -1, control = 'next', target = -1 }) =>
      ({ unit, reads, writes, accumulates, control, target }) satisfies StaticInstruction,
  );
  let pc = 0;
  const source: StepSource = {
    next: () => {
      if (pc >= steps.length) return undefined;
      const { work = SCALAR_WORK, nextPc = pc + 1 } = steps[pc];
      return { pc: pc++, nextPc, work };
    },
  };
  return { code, source };
}

/** Times hand-made steps. */
export function recordSteps(
  steps: readonly HandStep[],
  machine: Machine,
  options: EventOptions = {},
) {
  const events: TimingEvent[] = [];
  const { code, source } = handMade(steps);
  const result = runEvents(machine, code, source, (e) => events.push(e), options);
  return { ...result, events, flights: flightsOf(events) };
}
