/** Random machines over the whole schema: few and small resources, so that everything conflicts. */
import fc from 'fast-check';
import type { Cache, LaneUnit, Machine, Memory, ScalarUnit } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';

/**
 * A number of cycles, of which a machine makes its own: `low` and up to `spread` more. On a machine
 * of small spread everything takes about as long, so things end in the same cycles and collide; on
 * one of large spread things wait for long.
 */
const rawCycles = fc.nat(0xffff);
const spread = fc.constantFrom(2, 2, 3, 3, 4, 4, 6, 6, 16, 16, 80);
const few = fc.constantFrom(1, 1, 2, 3);
const units = fc.constantFrom(1, 2, 2, 3);

const pipeline = fc
  .record({
    execution: fc.constantFrom('blocking', 'overlapped', 'scoreboard', 'tomasulo', 'tomasulo'),
    width: fc.integer({ min: 1, max: 4 }),
    forwarding: fc.boolean(),
    dependencies: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
    branch: fc.constantFrom('stall', 'not-taken', 'backward-taken', 'two-bit'),
    branchTableEntries: fc.integer({ min: 1, max: 5 }),
    microOperations: fc.constantFrom('whole', 'cracked'),
    writePorts: few,
    stations: fc.integer({ min: 1, max: 5 }),
    reorderBufferEntries: fc.integer({ min: 1, max: 16 }),
  })
  .map((parameters) => {
    if (parameters.execution === 'tomasulo') return parameters;
    return { ...parameters, width: 1, dependencies: true };
  }) satisfies fc.Arbitrary<Machine['pipeline']>;

const alu = fc.record({
  count: units,
  latencyCycles: rawCycles,
  intervalCycles: rawCycles,
}) satisfies fc.Arbitrary<ScalarUnit>;

const mxu = fc.record({
  count: units,
  rows: fc.integer({ min: 1, max: 9 }),
  columns: fc.integer({ min: 1, max: 9 }),
  dataflow: fc.constantFrom('weight-stationary', 'output-stationary', 'input-stationary'),
  weights: fc.constantFrom('serial', 'double-buffered'),
  weightBytesPerCycle: fc.integer({ min: 1, max: 64 }),
  weightElementBytes: fc.integer({ min: 1, max: 8 }),
  accumulatorForwarding: fc.boolean(),
}) satisfies fc.Arbitrary<Machine['mxu']>;

const lanes = fc.record({
  count: units,
  lanes: fc.constantFrom(1, 3, 8, 16, 64),
  depthCycles: rawCycles,
  intervalCycles: rawCycles,
}) satisfies fc.Arbitrary<LaneUnit>;

/** Sizes in units of what they must be multiples of. */
const memory = fc.record({
  latencyCycles: rawCycles,
  bytesPerCycle: fc.constantFrom(1, 4, 7, 16, 64, 512),
  requestsInFlight: fc.integer({ min: 1, max: 4 }),
  burstBytes: fc.integer({ min: 2, max: 7 }).map((exponent) => 2 ** exponent),
  banks: fc.integer({ min: 1, max: 5 }),
  burstsPerRow: fc.integer({ min: 1, max: 5 }),
  rowMissCycles: rawCycles,
});
const cache = fc.record({
  sets: fc.integer({ min: 1, max: 4 }),
  ways: fc.integer({ min: 1, max: 4 }),
  burstsPerLine: fc.integer({ min: 1, max: 3 }),
  hitCycles: rawCycles,
  replacement: fc.constantFrom('lru', 'fifo'),
  writePolicy: fc.constantFrom('back', 'through'),
});
const parts = fc.record({
  spread,
  pipeline,
  alu,
  mxu,
  vec: lanes,
  sfu: lanes,
  memory,
  cache: fc.option(cache, { freq: 2 }),
});

type Drawn<T> = T extends fc.Arbitrary<infer V> ? V : never;
/** The cycles that a machine makes of a raw number, from `low` on. */
type Cycles = (low: number, raw: number) => number;

/** UA-13: the interval is at most the latency. */
function scalarUnit({ count, latencyCycles, intervalCycles }: ScalarUnit, of: Cycles): ScalarUnit {
  const latency = of(1, latencyCycles);
  return {
    count,
    latencyCycles: latency,
    intervalCycles: Math.min(latency, of(1, intervalCycles)),
  };
}

function laneUnit({ count, lanes: width, ...rest }: LaneUnit, of: Cycles): LaneUnit {
  const depthCycles = of(1, rest.depthCycles);
  const intervalCycles = Math.min(depthCycles, of(1, rest.intervalCycles % 4));
  return { count, lanes: width, depthCycles, intervalCycles };
}

function memoryOf({ burstsPerRow, ...raw }: Drawn<typeof memory>, of: Cycles): Memory {
  return {
    ...raw,
    latencyCycles: of(1, raw.latencyCycles),
    rowBytes: burstsPerRow * raw.burstBytes,
    rowMissCycles: of(0, raw.rowMissCycles),
  };
}

function cacheOf(raw: Drawn<typeof cache>, burstBytes: number, of: Cycles): Cache {
  const { sets, burstsPerLine, hitCycles, ...rest } = raw;
  const lineBytes = burstsPerLine * burstBytes;
  return {
    ...rest,
    hitCycles: of(1, hitCycles),
    lineBytes,
    sizeBytes: sets * rest.ways * lineBytes,
  };
}

/** Machines that `validateMachine` accepts, from the whole schema. */
export const conflictingMachine: fc.Arbitrary<Machine> = parts.map((drawn) => {
  const of: Cycles = (low, raw) => low + (raw % drawn.spread);
  return {
    schema: 'lasm-machine/1',
    name: 'random',
    title: 'a random machine',
    faithfulTo: 'nothing',
    source: 'drawn at random',
    tile: 8,
    pipeline: drawn.pipeline,
    alu: scalarUnit(drawn.alu, of),
    mxu: drawn.mxu,
    vec: laneUnit(drawn.vec, of),
    sfu: laneUnit(drawn.sfu, of),
    memory: memoryOf(drawn.memory, of),
    cache: drawn.cache && cacheOf(drawn.cache, drawn.memory.burstBytes, of),
  };
});

/** Mostly such machines, and now and then a preset. */
export const anyMachine: fc.Arbitrary<Machine> = fc.oneof(
  { weight: 9, arbitrary: conflictingMachine },
  { weight: 1, arbitrary: fc.constantFrom(...PRESETS) },
);
