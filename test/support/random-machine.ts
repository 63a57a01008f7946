/** Random valid machines, derived from the ranges of the parameter table; small values more often. */
import fc from 'fast-check';
import type { Machine, Pipeline } from '../../src/machine/machine.ts';
import type { Parameter } from '../../src/machine/parameters.ts';
import { MACHINE_PARAMETERS } from '../../src/machine/parameters.ts';

export type Execution = Pipeline['execution'];

export const IN_ORDER: readonly Execution[] = ['blocking', 'overlapped'];
export const EXECUTIONS: readonly Execution[] = [...IN_ORDER, 'scoreboard', 'tomasulo'];

export interface RandomMachineOptions {
  /** Whole numbers stay at or below this, so that runs stay short; sizes in bytes are multiples. */
  readonly largest?: number;
  /** The tile edge that programs for it assume. */
  readonly tile?: number;
  /** What the machine may be; everything unless said otherwise. */
  readonly executions?: readonly Execution[];
}

/** What the table leaves open, each in units of what it has to be a multiple of. */
const SIZES = fc.record({
  burstBytesLog2: fc.integer({ min: 2, max: 7 }),
  burstsPerRow: fc.integer({ min: 1, max: 8 }),
  burstsPerLine: fc.integer({ min: 1, max: 3 }),
  sets: fc.integer({ min: 1, max: 4 }),
  hasCache: fc.boolean(),
});

type Sizes = typeof SIZES extends fc.Arbitrary<infer T> ? T : never;

/** Machines that `validateMachine` accepts. */
export function randomMachine({
  largest = 24,
  tile = 16,
  executions = EXECUTIONS,
}: RandomMachineOptions = {}): fc.Arbitrary<Machine> {
  const raw = groupOf(MACHINE_PARAMETERS, largest) as fc.Arbitrary<
    Machine & { cache: NonNullable<Machine['cache']> }
  >;
  return fc
    .tuple(raw, SIZES, fc.constantFrom(...executions))
    .map(([{ alu, vec, sfu, ...rest }, sizes, execution]) => ({
      ...rest,
      name: 'random',
      tile,
      pipeline: pipelineOf(rest.pipeline, execution),
      alu: { ...alu, intervalCycles: Math.min(alu.intervalCycles, alu.latencyCycles) },
      vec: { ...vec, intervalCycles: Math.min(vec.intervalCycles, vec.depthCycles) },
      sfu: { ...sfu, intervalCycles: Math.min(sfu.intervalCycles, sfu.depthCycles) },
      ...memoryOf(rest, sizes),
    }));
}

/** UA-1, UA-66: only Tomasulo's machine is wide, or does without dependencies. */
function pipelineOf(raw: Pipeline, execution: Execution): Pipeline {
  if (execution === 'tomasulo') return { ...raw, execution };
  return { ...raw, execution, width: 1, dependencies: true };
}

/** Bursts, rows and lines that lie in one another without overlap. */
function memoryOf(
  { memory, cache }: { memory: Machine['memory']; cache: NonNullable<Machine['cache']> },
  { burstBytesLog2, burstsPerRow, burstsPerLine, sets, hasCache }: Sizes,
): Pick<Machine, 'memory' | 'cache'> {
  const burstBytes = 2 ** burstBytesLog2;
  const lineBytes = burstsPerLine * burstBytes;
  const sizeBytes = sets * cache.ways * lineBytes;
  return {
    memory: { ...memory, burstBytes, rowBytes: burstsPerRow * burstBytes },
    cache: hasCache ? { ...cache, lineBytes, sizeBytes } : null,
  };
}

function groupOf(specs: object, largest: number): fc.Arbitrary<object> {
  const fields = Object.entries(specs).map(([key, spec]: [string, object]) => {
    const value = isParameter(spec) ? valueOf(spec, largest) : groupOf(spec, largest);
    return [key, value] as const;
  });
  return fc.record(Object.fromEntries(fields));
}

function isParameter(spec: object): spec is Parameter {
  return 'kind' in spec && 'doc' in spec;
}

/** Hazards need numbers that are near one another: half of all are at most four above the least. */
function valueOf(parameter: Parameter, largest: number): fc.Arbitrary<unknown> {
  switch (parameter.kind) {
    case 'text':
      return fc.constant('a random machine');
    case 'flag':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...parameter.choices);
    case 'whole': {
      const { low, high } = parameter;
      const most = Math.min(high, Math.max(low, largest));
      const near = fc.integer({ min: low, max: Math.min(most, low + 4) });
      return fc.oneof(near, fc.integer({ min: low, max: most }));
    }
  }
  return parameter satisfies never;
}
