/** What instructions cost: each rule from UA-11 to UA-15 in cases worked out by hand, and what holds of all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemoryWork, Work } from '../../isa/work.ts';
import { SCALAR_WORK, passes } from '../../isa/work.ts';
import { costOf, foldsOf } from '../../src/machine/cost.ts';
import type { Machine, MatrixUnit } from '../../src/machine/machine.ts';
import { machineNamed } from '../support/run.ts';
import { randomMachine } from '../support/random-machine.ts';

const BASE = machineNamed('multicycle');
const BLOCKING = machineNamed('classic5');

describe('UA-11: scalar work', () => {
  it('takes the latency, and closes the unit for the interval', () => {
    const machine = { ...BASE, alu: { count: 1, latencyCycles: 5, intervalCycles: 2 } };
    expect(costOf(machine, 'alu', SCALAR_WORK)).toEqual({
      executeCycles: 5,
      occupancyCycles: 2,
      memoryCycles: 1,
      transferCycles: 0,
    });
  });
});

interface Product {
  readonly dataflow: MatrixUnit['dataflow'];
  /** R × C. */
  readonly array: readonly [rows: number, columns: number];
  readonly product: readonly [m: number, k: number, n: number];
  readonly folds: number;
  readonly t: number;
  /** folds · (2R + C + T − 2). */
  readonly cycles: number;
}

const PRODUCTS: readonly Product[] = [
  {
    dataflow: 'weight-stationary',
    array: [16, 16],
    product: [16, 16, 16],
    folds: 1,
    t: 16,
    cycles: 62,
  },
  {
    dataflow: 'weight-stationary',
    array: [4, 4],
    product: [3, 8, 12],
    folds: 2 * 3,
    t: 3,
    cycles: 6 * 13,
  },
  {
    dataflow: 'output-stationary',
    array: [4, 4],
    product: [3, 8, 12],
    folds: 1 * 3,
    t: 8,
    cycles: 3 * 18,
  },
  {
    dataflow: 'input-stationary',
    array: [4, 4],
    product: [3, 8, 12],
    folds: 2 * 1,
    t: 12,
    cycles: 2 * 22,
  },
  // Ragged folds cost as much as full ones: 5 and 9 take as many as 8 and 12.
  {
    dataflow: 'weight-stationary',
    array: [4, 4],
    product: [3, 5, 9],
    folds: 2 * 3,
    t: 3,
    cycles: 6 * 13,
  },
  {
    dataflow: 'output-stationary',
    array: [4, 4],
    product: [5, 7, 9],
    folds: 2 * 3,
    t: 7,
    cycles: 6 * 17,
  },
  {
    dataflow: 'input-stationary',
    array: [4, 4],
    product: [5, 7, 9],
    folds: 2 * 2,
    t: 9,
    cycles: 4 * 19,
  },
  // R and C play different parts.
  {
    dataflow: 'weight-stationary',
    array: [2, 8],
    product: [1, 4, 16],
    folds: 2 * 2,
    t: 1,
    cycles: 4 * 11,
  },
  {
    dataflow: 'weight-stationary',
    array: [8, 2],
    product: [1, 4, 16],
    folds: 1 * 8,
    t: 1,
    cycles: 8 * 17,
  },
  { dataflow: 'weight-stationary', array: [1, 1], product: [1, 1, 1], folds: 1, t: 1, cycles: 2 },
];

describe('UA-12: matrix work', () => {
  for (const { dataflow, array, product, folds, t, cycles } of PRODUCTS) {
    const [m, k, n] = product;
    it(`${m}×${k} · ${k}×${n} on ${array.join('×')}, ${dataflow}: ${folds} folds, ${cycles} cycles`, () => {
      const mxu: MatrixUnit = { ...BASE.mxu, rows: array[0], columns: array[1], dataflow };
      const work = { kind: 'matrix', m, k, n } as const;
      expect(foldsOf(mxu, work)).toEqual({ folds, t });
      expect(costOf({ ...BASE, mxu }, 'mxu', work)).toEqual({
        executeCycles: cycles,
        occupancyCycles: cycles,
        memoryCycles: 1,
        transferCycles: 0,
      });
    });
  }
});

describe('UA-13: element work', () => {
  const machine: Machine = {
    ...BASE,
    vec: { count: 1, lanes: 4, depthCycles: 3, intervalCycles: 2 },
    sfu: { count: 1, lanes: 1, depthCycles: 7, intervalCycles: 5 },
  };
  const cost = (operations: ReturnType<typeof passes>) => {
    const { executeCycles, occupancyCycles } = costOf(machine, 'vec', {
      kind: 'elements',
      operations,
    });
    return { executeCycles, occupancyCycles };
  };

  it('one group: its depth; closed for one interval', () => {
    expect(cost(passes(4, 'vec:add'))).toEqual({ executeCycles: 3, occupancyCycles: 2 });
  });

  it('a ragged last group counts as a whole one', () => {
    // g = 3: (3 − 1)·2 + 3 and 3·2.
    expect(cost(passes(9, 'vec:add'))).toEqual({ executeCycles: 7, occupancyCycles: 6 });
    expect(cost(passes(12, 'vec:add'))).toEqual({ executeCycles: 7, occupancyCycles: 6 });
  });

  it('passes follow one another, each on its own lanes', () => {
    // vec: g = 2, (2 − 1)·2 + 3 = 5; sfu: g = 5, (5 − 1)·5 + 7 = 27, closed for 5·5 = 25 of it.
    expect(cost(passes(5, 'vec:max', 'sfu:exp'))).toEqual({
      executeCycles: 32,
      occupancyCycles: 30,
    });
    // The other way round: 27 + 5, the unit opens at 27 + 2·2.
    expect(cost(passes(5, 'sfu:exp', 'vec:max'))).toEqual({
      executeCycles: 32,
      occupancyCycles: 31,
    });
  });
});

describe('UA-14, UA-15: memory work', () => {
  const access = (rows: number, rowBytes: number, strideBytes: number): MemoryWork => ({
    kind: 'memory',
    direction: 'read',
    address: 4096,
    rows,
    rowBytes,
    strideBytes,
  });
  const memory = { latencyCycles: 10, bytesPerCycle: 16, requestsInFlight: 4 };
  const cost = (machine: Machine, work: MemoryWork) => costOf({ ...machine, memory }, 'dma', work);

  it('rows end to end are one run: ⌈3 · 12 / 16⌉ = 3 cycles', () => {
    expect(cost(BASE, access(3, 12, 12))).toEqual({
      executeCycles: 1,
      memoryCycles: 13,
      occupancyCycles: 3,
      transferCycles: 3,
    });
  });

  it('rows apart are a run each: 3 · ⌈12 / 16⌉ = 3, 3 · ⌈20 / 16⌉ = 6 cycles', () => {
    expect(cost(BASE, access(3, 12, 64)).transferCycles).toBe(3);
    expect(cost(BASE, access(3, 20, 64)).transferCycles).toBe(6);
    expect(cost(BASE, access(3, 20, -20)).transferCycles).toBe(6);
    expect(cost(BASE, access(3, 20, 0)).transferCycles).toBe(6);
  });

  it('one row is one run, whatever its stride', () => {
    expect(cost(BASE, access(1, 20, 20))).toEqual(cost(BASE, access(1, 20, 64)));
  });

  it('a blocking machine is closed for the latency too', () => {
    expect(cost(BLOCKING, access(3, 12, 12))).toMatchObject({
      memoryCycles: 13,
      occupancyCycles: 13,
    });
  });
});

const EDGE = fc.integer({ min: 1, max: 64 });
const WORK: fc.Arbitrary<readonly ['mxu' | 'vec' | 'sfu' | 'dma' | 'alu', Work]> = fc.oneof(
  fc.constant(['alu', SCALAR_WORK] as const),
  fc
    .record({ kind: fc.constant('matrix' as const), m: EDGE, k: EDGE, n: EDGE })
    .map((work) => ['mxu', work] as const),
  fc
    .array(fc.constantFrom('vec:a', 'sfu:b' as const), { minLength: 1, maxLength: 4 })
    .chain((names) =>
      EDGE.map(
        (n) =>
          ['vec', { kind: 'elements', operations: passes(n, ...(names as 'vec:a'[])) }] as const,
      ),
    ),
  fc
    .record({
      kind: fc.constant('memory' as const),
      direction: fc.constantFrom('read' as const, 'write' as const),
      address: fc.constant(4096),
      rows: EDGE,
      rowBytes: EDGE.map((n) => 4 * n),
      strideBytes: fc.integer({ min: -64, max: 64 }).map((n) => 4 * n),
    })
    .map((work) => ['dma', work] as const),
);

describe('every cost', () => {
  const law = (
    check: (machine: Machine, unit: 'mxu' | 'vec' | 'sfu' | 'dma' | 'alu', work: Work) => void,
  ) => {
    const property = fc.property(randomMachine(), WORK, (machine, [unit, work]) => {
      check(machine, unit, work);
    });
    fc.assert(property, { numRuns: 500, seed: 7 });
  };

  it('is whole and at least one cycle; a unit does not stay closed behind its result', () => {
    law((machine, unit, work) => {
      const { executeCycles, memoryCycles, occupancyCycles, transferCycles } = costOf(
        machine,
        unit,
        work,
      );
      for (const cycles of [executeCycles, memoryCycles, occupancyCycles]) {
        expect(Number.isInteger(cycles)).toBe(true);
        expect(cycles).toBeGreaterThanOrEqual(1);
      }
      expect(transferCycles === 0).toBe(work.kind !== 'memory');
      expect(transferCycles).toBeLessThan(memoryCycles);
      expect(occupancyCycles).toBeLessThanOrEqual(
        work.kind === 'memory' ? memoryCycles : executeCycles,
      );
    });
  });

  it('does not fall when there is more to do', () => {
    law((machine, unit, work) => {
      if (work.kind !== 'matrix') return;
      const more = { ...work, m: work.m + 1, k: work.k + 1, n: work.n + 1 };
      const [less, greater] = [work, more].map((w) => costOf(machine, unit, w).executeCycles);
      expect(greater!).toBeGreaterThanOrEqual(less!);
    });
  });

  it('of an access is no less than its bytes over the bandwidth', () => {
    law((machine, unit, work) => {
      if (work.kind !== 'memory') return;
      const { transferCycles } = costOf(machine, unit, work);
      const bytes = work.rows * work.rowBytes;
      expect(transferCycles * machine.memory.bytesPerCycle).toBeGreaterThanOrEqual(bytes);
    });
  });

  it('of unknown work is our own fault', () => {
    const work = { kind: 'dreaming' } as unknown as Work;
    expect(() => costOf(BASE, 'alu', work)).toThrow('invariant: no cost for alu');
  });
});
