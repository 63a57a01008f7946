/** Stretches that are not timed again leave the same books as timing every step, on random loops and machines. */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { staticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Program } from '../../src/program/program.ts';
import { runBlockBooks, runBooks } from '../../src/timing/books/index.ts';
import { Loading } from '../../src/timing/books/saved.ts';
import { Vm } from '../../src/vm/vm.ts';
import { assembleText, machineNamed } from '../support/run.ts';
import { inBlocks } from '../support/step-blocks.ts';

const seed = 20261122;
const SEGMENTS = 3;

const tile = fc.constantFrom('t0', 't1', 't2', 't3');
const place = fc.constantFrom('M + r1', 'M + r1 + 20', 'M + 64', 'M + 96');

/** An instruction of the body; r1 is where the loop stands, r2 counts something. */
const line = fc.oneof(
  fc.tuple(tile, place).map(([t, at]) => `LOAD ${t}, [${at}], rows=8, cols=8, stride=160`),
  fc.tuple(tile, place).map(([t, at]) => `STORE [${at}], ${t}, stride=36`),
  fc.tuple(tile, tile, tile).map(([out, a, b]) => `ADD ${out}, ${a}, ${b}`),
  fc.tuple(tile, tile, tile).map(([out, a, b]) => `MATMUL.ACC ${out}, ${a}, ${b}`),
  fc.tuple(tile, tile).map(([out, a]) => `SOFTMAX ${out}, ${a}`),
  fc.constantFrom('IADD r2, r2, 1', 'IADD r3, r2, r1', 'IMUL r4, r3, 3'),
);

/** Loops in a loop: `rounds` times the same, the inner one moving on in memory. */
const loops: fc.Arbitrary<Program> = fc
  .record({
    inner: fc.array(line, { minLength: 1, maxLength: 30 }),
    outer: fc.array(line, { minLength: 1, maxLength: 30 }),
    rounds: fc.integer({ min: 6, max: 40 }),
    turns: fc.integer({ min: 1, max: 8 }),
    step: fc.constantFrom(0, 4, 32, 64, 128),
    drift: fc.constantFrom(0, 0, 4, 64, 256),
  })
  .map(({ inner, outer, rounds, turns, step, drift }) =>
    assembleText(
      [
        '.tile 8',
        '.bss',
        'M: .f32 1024, 8',
        '.text',
        ...[0, 1, 2, 3].map((t) => `FILL t${t}, 1, rows=8, cols=8`),
        ...[1, 2, 3, 4].map((r) => `LI r${r}, 0`),
        'LI r5, 0',
        'LI r7, 0',
        'again:',
        'LI r6, 0',
        'IADD r1, r7, 0',
        'within:',
        ...inner,
        `IADD r1, r1, ${step}`,
        'IADD r6, r6, 1',
        `BLT r6, ${turns}, within`,
        ...outer,
        `IADD r7, r7, ${drift}`,
        'IADD r5, r5, 1',
        `BLT r5, ${rounds}, again`,
        'HALT',
      ].join('\n'),
    ),
  );

/** Steps of segments that change now and then, or never. */
function steps(program: Program, length: number) {
  const vm = new Vm(program);
  let taken = 0;
  const next = () => {
    const step = vm.next();
    if (step) taken++;
    return step;
  };
  const current = () => Math.floor((taken - 1) / length) % SEGMENTS;
  return { source: { next }, segments: { count: SEGMENTS, current } };
}

function booksOf(program: Program, machine: Machine, length: number, maxCycles?: number) {
  const code = program.code.map(staticInstruction);
  const options = maxCycles === undefined ? {} : { maxCycles };
  const { source, segments } = steps(program, length);
  const every = runBooks(machine, code, source, { ...options, segments });
  const again = steps(program, length);
  const blocks = inBlocks(again.source, again.segments);
  return { every, inStretches: runBlockBooks(machine, code, blocks, options) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** Machines in order without a cache, with one or two things changed. */
const machines: fc.Arbitrary<Machine> = fc
  .record({
    base: fc.constantFrom('classic5', 'classic5-fwd', 'gemmini16', 'gemmini16', 'tpu-mini'),
    pipeline: fc.record({
      forwarding: fc.boolean(),
      branch: fc.constantFrom('stall', 'not-taken', 'backward-taken', 'two-bit'),
      microOperations: fc.constantFrom('whole', 'cracked'),
      writePorts: fc.integer({ min: 1, max: 2 }),
    }),
    accumulatorForwarding: fc.boolean(),
    memory: fc.record({
      banks: fc.constantFrom(1, 1, 4),
      rowMissCycles: fc.constantFrom(0, 0, 20),
      requestsInFlight: fc.constantFrom(1, 3, 16),
      bytesPerCycle: fc.constantFrom(4, 16, 64),
    }),
  })
  .map(({ base, pipeline, accumulatorForwarding, memory }) => {
    const machine = machineNamed(base);
    const isBlocking = machine.pipeline.execution === 'blocking';
    const { requestsInFlight } = isBlocking ? machine.memory : memory;
    return {
      ...machine,
      pipeline: { ...machine.pipeline, ...pipeline },
      mxu: { ...machine.mxu, accumulatorForwarding },
      memory: { ...machine.memory, ...memory, requestsInFlight },
    };
  });

test('the same books, in whole and cut off at any cycle', { timeout: 240_000 }, () => {
  const put = vi.spyOn(Loading.prototype, 'load');
  const property = fc.property(
    loops,
    machines,
    fc.constantFrom(150, 700, Number.MAX_SAFE_INTEGER),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
    (program, machine, length, shares) => {
      const whole = booksOf(program, machine, length);
      expect(whole.inStretches).toEqual(whole.every);
      const { cycles } = whole.every;
      const within = shares.map((share) => Math.floor(share * cycles));
      for (const maxCycles of [...within, cycles - 1, cycles, cycles + 1]) {
        const cut = booksOf(program, machine, length, maxCycles);
        expect(cut.inStretches).toEqual(cut.every);
      }
    },
  );
  fc.assert(property, { seed, numRuns: 100 });
  expect(put.mock.calls.length).toBeGreaterThan(300);
});

test('when more has come than is remembered', { timeout: 120_000 }, () => {
  const body = Array.from({ length: 45 }, (_, i) => `LOAD t${i % 8}, [M + r1 + ${4 * i}], rows=1, cols=1`); // prettier-ignore
  const rounds = 6000;
  const program = assembleText(
    ['.tile 8', '.bss', `M: .f32 ${rounds}, 2`, '.text', 'LI r1, 0', 'again:', ...body]
      .concat(['IADD r1, r1, 4', `BLT r1, ${4 * rounds}, again`, 'HALT'])
      .join('\n'),
  );
  for (const name of ['classic5-fwd', 'gemmini16']) {
    const { every, inStretches } = booksOf(program, machineNamed(name), Number.MAX_SAFE_INTEGER);
    expect(inStretches).toEqual(every);
  }
});
