/** What instructions cost: each rule from UA-10 to UA-14 in cases worked out by hand. */
import { describe, expect, it } from 'vitest';
import { SCALAR_WORK, passes } from '../../isa/work.ts';
import { costOf, foldsOf } from '../../src/machine/cost.ts';
import type { Machine, MatrixUnit } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import { machineNamed } from '../support/run.ts';

const BASE = machineNamed('multicycle');

describe('UA-11: scalar work', () => {
  it('takes the latency, and closes the unit for the interval', () => {
    const machine = { ...BASE, alu: { count: 1, latencyCycles: 5, intervalCycles: 2 } };
    expect(costOf(machine, 'alu', SCALAR_WORK)).toEqual({
      executeCycles: 5,
      occupancyCycles: 2,
      readCycles: 2,
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
      const edges = { rows: array[0], columns: array[1] };
      const mxu: MatrixUnit = { ...BASE.mxu, ...edges, dataflow, weights: 'serial' };
      const work = { kind: 'matrix', m, k, n } as const;
      expect(foldsOf(mxu, work)).toEqual({ folds, t });
      expect(costOf({ ...BASE, mxu }, 'mxu', work)).toEqual({
        executeCycles: cycles,
        occupancyCycles: cycles,
        readCycles: cycles,
      });
    });
  }
});

describe('UA-12: double-buffered folds', () => {
  /** The cost of (m × k) · (k × n) on an array of 4 × 8, weights of 4 bytes. */
  const cost = (weightBytesPerCycle: number, m: number, k: number, n: number) => {
    const weights = { weights: 'double-buffered', weightBytesPerCycle, weightElementBytes: 4 };
    const mxu = { ...BASE.mxu, rows: 4, columns: 8, ...weights } as MatrixUnit;
    return costOf({ ...BASE, mxu }, 'mxu', { kind: 'matrix', m, k, n });
  };

  it('a fold starts when the one before is streamed: I = max(T 5, R 4, 4·8·4/128 = 1)', () => {
    // ⌈6/4⌉ · ⌈9/8⌉ = 4 folds: 4 + 4·5 + 4 + 8 − 2.
    expect(cost(128, 5, 6, 9)).toEqual({ executeCycles: 34, occupancyCycles: 20, readCycles: 24 });
  });

  it('but not before its weights are loaded, which takes R = 4 cycles', () => {
    expect(cost(128, 1, 6, 9)).toEqual({ executeCycles: 30, occupancyCycles: 16, readCycles: 20 });
  });

  it('nor before they have arrived: I = ⌈128/10⌉ = 13', () => {
    expect(cost(10, 5, 6, 9)).toEqual({ executeCycles: 66, occupancyCycles: 52, readCycles: 56 });
  });
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

  it('source tiles are read for as long as the unit is closed (UA-10)', () => {
    const work = { kind: 'elements', operations: passes(5, 'vec:max', 'sfu:exp') } as const;
    expect(costOf(machine, 'vec', work).readCycles).toBe(30);
  });

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

describe('UA-14: memory work', () => {
  for (const direction of ['read', 'write'] as const) {
    it(`of a ${direction} only the address is known before memory is asked`, () => {
      const range = { address: 4096, rows: 16, rowBytes: 64, strideBytes: 64 };
      for (const machine of PRESETS) {
        expect(costOf(machine, 'dma', { kind: 'memory', direction, ...range })).toEqual({
          executeCycles: 1,
          occupancyCycles: 1,
          readCycles: 1,
        });
      }
    });
  }
});
