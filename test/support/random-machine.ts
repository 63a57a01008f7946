/** Random valid machines, derived from the ranges of the parameter table; small values more often. */
import fc from 'fast-check';
import type { Machine } from '../../src/machine/machine.ts';
import type { Parameter } from '../../src/machine/parameters.ts';
import { MACHINE_PARAMETERS } from '../../src/machine/parameters.ts';

export interface RandomMachineOptions {
  /** Whole numbers stay at or below this, so that runs stay short. */
  readonly largest?: number;
  /** The tile edge that programs for it assume. */
  readonly tile?: number;
}

/** Machines that `validateMachine` accepts. */
export function randomMachine({
  largest = 24,
  tile = 16,
}: RandomMachineOptions = {}): fc.Arbitrary<Machine> {
  return groupOf(MACHINE_PARAMETERS, largest).map((raw) => {
    const { alu, vec, sfu, ...rest } = raw as unknown as Machine;
    return {
      ...rest,
      name: 'random',
      tile,
      alu: { ...alu, intervalCycles: Math.min(alu.intervalCycles, alu.latencyCycles) },
      vec: { ...vec, intervalCycles: Math.min(vec.intervalCycles, vec.depthCycles) },
      sfu: { ...sfu, intervalCycles: Math.min(sfu.intervalCycles, sfu.depthCycles) },
    };
  });
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
