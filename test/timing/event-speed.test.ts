/** The event engine does not pay for cycles, and its memory does not grow with the run. */
import { expect, test } from 'vitest';
import fc from 'fast-check';
import type { Step } from '../../src/vm/step.ts';
import { CAUSES } from '../../src/timing/causes.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import { randomProgram } from '../support/random-program.ts';
import type { HandStep } from './event-support.ts';
import {
  MACHINE_NAMES,
  handMade,
  machineWith,
  randomMachine,
  recordEvents,
} from './event-support.ts';

const r = (index: number) => 32 + index;
const tile = { kind: 'memory', rows: 16, rowBytes: 64, strideBytes: 64 } as const;
const LOOP: readonly HandStep[] = [
  { unit: 'dma', reads: [r(1)], writes: 1, work: { ...tile, direction: 'read', address: 4096 } },
  {
    unit: 'mxu',
    reads: [1, 2, 3],
    writes: 3,
    accumulates: 3,
    work: { kind: 'matrix', m: 16, k: 16, n: 16 },
  },
  {
    unit: 'vec',
    reads: [3],
    writes: 4,
    work: { kind: 'elements', operations: [{ name: 'max', unit: 'vec', elements: 256 }] },
  },
  { reads: [r(1)], writes: r(1) },
  { reads: [r(2)], writes: r(2) },
  { reads: [r(2), r(3)], writes: r(4) },
  { reads: [r(4)], writes: r(5) },
  { unit: 'dma', reads: [r(5), 4], work: { ...tile, direction: 'write', address: 8192 } },
  { reads: [r(6)], writes: r(6) },
  { reads: [r(6), r(7)], control: 'branch', target: 0, nextPc: 0 },
];

/** A loop of ten instructions, until `count` have been executed. */
function looping(count: number) {
  const { code, source } = handMade(LOOP);
  const steps: Step[] = [];
  for (let step = source.next(); step; step = source.next()) steps.push(step);
  let executed = 0;
  const next = () => (executed < count ? steps[executed++ % steps.length] : undefined);
  return { code, source: { next } };
}

function cpuSeconds(run: () => void): number {
  const before = process.cpuUsage().user;
  run();
  return (process.cpuUsage().user - before) / 1e6;
}

test('a wait of a million cycles costs as much as one of ten', () => {
  for (const name of MACHINE_NAMES) {
    const machine = machineWith(name, { memory: { latencyCycles: 1_000_000 } });
    const { code, source } = looping(20_000);
    const books = new Float64Array(CAUSES.length);
    const options = { maxCycles: Number.MAX_SAFE_INTEGER, books };
    const { cycles, instructions } = runEvents(machine, code, source, undefined, options);
    expect(instructions).toBe(20_000);
    // With a cache the loads hit; else there are 2000, of which some overlap.
    expect(cycles).toBeGreaterThan(machine.cache ? 1_000_000 : 2_000_000);
    const width = machine.pipeline.execution === 'tomasulo' ? machine.pipeline.width : 1;
    expect(books.reduce((a, b) => a + b)).toBe(width * cycles);
  }
});

test('timing alone, with its books: millions of instructions a second', () => {
  const machine = machineWith('classic5-fwd');
  const run = (count: number) => {
    const { code, source } = looping(count);
    const options = { maxCycles: Infinity, books: new Float64Array(CAUSES.length) };
    runEvents(machine, code, source, undefined, options);
  };
  run(100_000);
  const seconds = cpuSeconds(() => run(1_000_000));
  console.info(`classic5-fwd: ${(1 / seconds).toFixed(1)} M instructions/s`);
  // A tenth of what an idle machine reaches, so that a busy one does not fail.
  expect(1 / seconds).toBeGreaterThan(0.5);
});

test('memory does not grow with the length of a run', () => {
  const machine = machineWith('multicycle');
  const heapAfter = (count: number) => {
    const { code, source } = looping(count);
    runEvents(machine, code, source, () => undefined, { maxCycles: Infinity });
    return process.memoryUsage().arrayBuffers;
  };
  const short = heapAfter(10_000);
  expect(heapAfter(200_000)).toBeLessThan(short + 1_000_000);
});

test('random programs on random machines meet every cause', () => {
  const met = new Set<string>();
  const property = fc.property(randomMachine(), randomProgram({ tile: 8 }), (machine, program) => {
    const { events } = recordEvents(program.program, machine);
    for (const e of events) if (e.kind === 'charge') met.add(e.cause);
  });
  fc.assert(property, { seed: 11, numRuns: 300 });
  expect(CAUSES.filter((cause) => !met.has(cause))).toEqual([]);
});
