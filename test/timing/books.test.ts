/** The books of a run without events are those of its events, on random programs and machines. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { staticInstruction } from '../../isa/registers.ts';
import type { Unit } from '../../isa/work.ts';
import { UNITS } from '../../isa/work.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { CAUSES } from '../../src/timing/causes.ts';
import type { TimingOptions } from '../../src/timing/engine.ts';
import type { Books } from '../../src/timing/books/index.ts';
import { runBlockBooks, runBooks } from '../../src/timing/books/index.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import { Vm } from '../../src/vm/vm.ts';
import { enginePair } from '../support/engine-pair.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleFixture, assembleText, machineNamed } from '../support/run.ts';
import { inBlocks } from '../support/step-blocks.ts';

const seed = 20260314;
const SEGMENTS = 3;

/** Steps that know which segment they belong to: every fifth begins another one. */
function segmented(vm: Vm) {
  let steps = 0;
  const next = () => {
    const step = vm.next();
    if (step) steps++;
    return step;
  };
  const current = () => Math.floor((steps - 1) / 5) % SEGMENTS;
  return { next, segments: { count: SEGMENTS, current } };
}

/** The same sums, made of events alone, in two passes: who was fetched, and what was charged. */
function fold(
  program: Program,
  machine: Machine,
  events: readonly TimingEvent[],
  segmentOf: ReadonlyMap<number, number>,
) {
  const pcs = new Map<number, number>();
  for (const e of events) if (e.kind === 'fetch') pcs.set(e.id, e.pc);
  const charges = new Float64Array(CAUSES.length);
  const chargesByPc = new Float64Array(program.code.length * CAUSES.length);
  const chargesBySegment = new Float64Array(SEGMENTS * CAUSES.length);
  for (const e of events) {
    if (e.kind !== 'charge') continue;
    const cause = CAUSES.indexOf(e.cause);
    charges[cause] += e.cycles;
    const id = pcs.has(e.id) ? e.id : e.producer;
    if (id < 0) continue;
    chargesByPc[pcs.get(id)! * CAUSES.length + cause] += e.cycles;
    chargesBySegment[segmentOf.get(id)! * CAUSES.length + cause] += e.cycles;
  }
  return { charges, chargesByPc, chargesBySegment, ...foldWork(program, machine, events, pcs) };
}

/** What was issued, and of what retired the work. */
function foldWork(
  program: Program,
  machine: Machine,
  events: readonly TimingEvent[],
  pcs: ReadonlyMap<number, number>,
) {
  const cycles = events.at(-1)!.cycle;
  const sums = { macs: 0, bytesRead: 0, bytesWritten: 0 };
  const busyCycles = Object.fromEntries(UNITS.map((unit) => [unit, 0])) as Record<Unit, number>;
  const issues = new Map(events.flatMap((e) => (e.kind === 'issue' ? [[e.id, e] as const] : [])));
  for (const unit of UNITS) {
    const open = new Array<number>(unit === 'dma' ? 1 : machine[unit].count).fill(0);
    for (const e of events) {
      if (e.kind !== 'issue' || e.unit !== unit) continue;
      const first = open.indexOf(Math.min(...open));
      open[first] = Math.max(open[first], e.cycle) + e.occupancyCycles;
      busyCycles[unit] += e.occupancyCycles;
    }
    for (const end of open) busyCycles[unit] -= Math.max(0, end - cycles);
  }
  for (const e of events) {
    if (e.kind !== 'retire') continue;
    const { macs, bytes } = issues.get(e.id)!;
    const isRead = staticInstruction(program.code[pcs.get(e.id)!]).writes >= 0;
    sums.macs += macs;
    sums[isRead ? 'bytesRead' : 'bytesWritten'] += bytes;
  }
  return { busyCycles, ...sums };
}

/** The books of a run that tells events, with nothing but them. */
function booksOfEvents(program: Program, machine: Machine, limits: Limits): Books {
  const events: TimingEvent[] = [];
  const segmentOf = new Map<number, number>();
  const source = segmented(new Vm(program, limits));
  const code = program.code.map(staticInstruction);
  const listen = (event: TimingEvent) => events.push(event);
  const options = timingOptions(limits);
  const result = runEvents(machine, code, { next: source.next }, listen, options);
  const again = segmented(new Vm(program, limits));
  const isCracked = machine.pipeline.microOperations === 'cracked';
  let id = 0;
  for (let step = again.next(); step; step = again.next()) {
    const { work } = step;
    const parts = isCracked && work.kind === 'elements' ? work.operations.length : 1;
    for (let part = 0; part < parts; part++) segmentOf.set(id++, again.segments.current());
  }
  return { ...result, ...fold(program, machine, events, segmentOf) };
}

/** The books that are made without events. */
function booksOf(program: Program, machine: Machine, limits: Limits): Books {
  const { next, segments } = segmented(new Vm(program, limits));
  const options = { ...timingOptions(limits), segments };
  return runBooks(machine, program.code.map(staticInstruction), { next }, options);
}

interface Limits {
  readonly maxCycles?: number;
  readonly maxInstructions?: number;
}

function timingOptions({ maxCycles }: Limits): TimingOptions {
  return maxCycles === undefined ? {} : { maxCycles };
}

/** The books of a run whose steps come in blocks of a size. */
function booksOfBlocks(program: Program, machine: Machine, limits: Limits, most: number): Books {
  const { next, segments } = segmented(new Vm(program, limits));
  const code = program.code.map(staticInstruction);
  return runBlockBooks(machine, code, inBlocks({ next }, segments, most), timingOptions(limits));
}

const blockSize = fc.constantFrom(1, 2, 3, 7, 20, 1024);

test('the books without events are those of the events', { timeout: 240_000 }, () => {
  const property = fc.property(enginePair, blockSize, ({ program: { program }, ...pair }, most) => {
    const { machine, limits } = pair;
    const { next, segments } = segmented(new Vm(program, limits));
    const code = program.code.map(staticInstruction);
    const options = { ...timingOptions(limits), segments };
    const books = runBooks(machine, code, { next }, options);
    expect(books).toEqual(booksOfEvents(program, machine, limits));
    expect(booksOfBlocks(program, machine, limits, most)).toEqual(books);
    const slots = machine.pipeline.width * books.cycles;
    expect(books.charges.reduce((a, b) => a + b, 0)).toBe(slots); // UA-34
  });
  fc.assert(property, { seed, numRuns: 2000 });
});

/** Presets with one or two resources changed: wide, narrow, without values to wait for, … */
const tomasuloMachine: fc.Arbitrary<Machine> = fc
  .record({
    base: fc.constantFrom('tomasulo1', 'tomasulo', 'tomasulo4'),
    pipeline: fc.record({
      width: fc.constantFrom(1, 2, 4),
      forwarding: fc.boolean(),
      dependencies: fc.constantFrom(true, true, true, false),
      branch: fc.constantFrom('stall', 'not-taken', 'backward-taken', 'two-bit'),
      microOperations: fc.constantFrom('whole', 'cracked'),
      writePorts: fc.integer({ min: 1, max: 4 }),
      stations: fc.constantFrom(1, 3, 5, 8, 33),
      reorderBufferEntries: fc.constantFrom(1, 5, 7, 32, 64),
    }),
    units: fc.integer({ min: 1, max: 3 }),
    accumulatorForwarding: fc.boolean(),
    memory: fc.record({
      requestsInFlight: fc.integer({ min: 1, max: 8 }),
      banks: fc.constantFrom(1, 3),
      rowMissCycles: fc.constantFrom(0, 7),
    }),
    isCached: fc.boolean(),
  })
  .map(({ base, pipeline, units, accumulatorForwarding, memory, isCached }) => {
    const machine = machineNamed(base);
    return {
      ...machine,
      pipeline: { ...machine.pipeline, ...pipeline },
      alu: { ...machine.alu, count: units },
      mxu: { ...machine.mxu, count: units, accumulatorForwarding },
      vec: { ...machine.vec, count: units },
      memory: { ...machine.memory, ...memory },
      cache: isCached ? machineNamed('cached').cache : null,
    };
  });

test("on Tomasulo's machines of all sizes, cut off at any cycle", { timeout: 120_000 }, () => {
  const property = fc.property(
    randomProgram({ tile: 8, length: 30 }),
    tomasuloMachine,
    fc.double({ min: 0, max: 1, noNaN: true }),
    ({ program }, machine, share) => {
      const whole = booksOf(program, machine, {});
      expect(whole).toEqual(booksOfEvents(program, machine, {}));
      for (const maxCycles of [Math.floor(share * whole.cycles), whole.cycles, whole.cycles - 1]) {
        const limits = { maxCycles };
        expect(booksOf(program, machine, limits)).toEqual(booksOfEvents(program, machine, limits));
      }
    },
  );
  fc.assert(property, { seed, numRuns: 200 });
});

test.each(PRESETS)('also on $name', { timeout: 60_000 }, (machine) => {
  const programs = randomProgram({ tile: 8, length: 40 });
  const property = fc.property(programs, blockSize, ({ program }, most) => {
    const { next, segments } = segmented(new Vm(program));
    const books = runBooks(machine, program.code.map(staticInstruction), { next }, { segments });
    expect(books).toEqual(booksOfEvents(program, machine, {}));
    expect(booksOfBlocks(program, machine, {}, most)).toEqual(books);
  });
  fc.assert(property, { seed, numRuns: 60 });
});

test('on a scoreboard an old instruction keeps its charges while many young ones come and go', () => {
  const program = assembleText(`
.tile 8
      FILL       t1, 1, rows=7, cols=7
      MATMUL.I8  t2, t1, t1
      LI         r8, 0
outer:
      COPY       t0, t1
      LI         r9, 0
inner:
      FILL       t3, 3, rows=8, cols=1
      IADD       r9, r9, 16
      BNE        r9, 64, inner
      MATMUL.ACC t1, t1, t1
      IADD       r8, r8, 24
      BLT        r8, 48, outer
      HALT`);
  const machine = machineNamed('scoreboard');
  expect(booksOf(program, machine, {})).toEqual(booksOfEvents(program, machine, {}));
});

test('without segments there is one, and it has all charges that name somebody', () => {
  const program = assembleFixture('programs/hazards/raw.lasm');
  const code = program.code.map(staticInstruction);
  const books = runBooks(machineNamed('classic5'), code, new Vm(program));
  const expected = Array.from({ length: CAUSES.length }, (_, cause) =>
    code.reduce((sum, _, pc) => sum + books.chargesByPc[pc * CAUSES.length + cause], 0),
  );
  expect([...books.chargesBySegment]).toEqual(expected);
  expect(books.chargesByPc[CAUSES.length + CAUSES.indexOf('raw')]).toBeGreaterThan(0);
});

test('a segment that does not exist is a mistake of the caller', () => {
  const program = assembleFixture('programs/hazards/raw.lasm');
  const code = program.code.map(staticInstruction);
  const segments = { count: 2, current: () => 2 };
  const run = () => runBooks(machineNamed('classic5'), code, new Vm(program), { segments });
  expect(run).toThrow('invariant: segment 2 is not one of 2');
  const blocks = inBlocks(new Vm(program), segments);
  const runBlocks = () => runBlockBooks(machineNamed('classic5'), code, blocks);
  expect(runBlocks).toThrow('invariant: segment 2 is not one of 2');
});

test('a source of steps is not asked for more than is timed', () => {
  const program = assembleFixture('programs/hazards/raw.lasm');
  const code = program.code.map(staticInstruction);
  for (const { maxCycles, machine } of [1, 2, 5, 9].flatMap((maxCycles) =>
    ['classic5', 'gemmini16', 'tomasulo'].map((name) => ({
      maxCycles,
      machine: machineNamed(name),
    })),
  )) {
    let asked = 0;
    const vm = new Vm(program);
    const source = { next: () => (asked++, vm.next()) };
    expect(runBooks(machine, code, source, { maxCycles }).instructions).toBe(asked);
  }
});

test('an access costs the same in whatever row of DRAM it begins, and however often it comes', () => {
  const text = [
    '.tile 8',
    '.bss',
    'M: .f32 4096, 8',
    '.text',
    '      LI   r1, 0',
    'again:',
    '      LOAD t0, [M + r1], rows=8, cols=8, stride=160',
    '      LOAD t1, [M + r1 + 20], rows=5, cols=7, stride=2080',
    '      STORE [M + r1], t1, stride=36',
    '      IADD r1, r1, 52',
    '      BLT  r1, 90000, again',
    '      HALT',
  ].join('\n');
  const program = assembleText(text);
  for (const name of ['classic5-fwd', 'gemmini16', 'tpu-mini', 'multicycle']) {
    const machine = machineNamed(name);
    const books = booksOfBlocks(program, machine, {}, 1024);
    expect(books).toEqual(booksOfEvents(program, machine, {}));
  }
});
