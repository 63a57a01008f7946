/** Laws of the systolic timeline, its account, and its agreement with the cost rule UA-12. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf } from '../../src/machine/cost.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { findPreset } from '../../src/machine/presets.ts';
import { accountOf } from '../../src/machine/systolic/account.ts';
import { SOURCES } from '../../src/machine/systolic/convention.ts';
import type { Gemm, SystolicArray } from '../../src/machine/systolic/folds.ts';
import type { PhaseKind, SystolicRun } from '../../src/machine/systolic/simulate.ts';
import { simulate } from '../../src/machine/systolic/simulate.ts';

const edge = fc.integer({ min: 1, max: 40 });
const gemm: fc.Arbitrary<Gemm> = fc.record({ m: edge, k: edge, n: edge });
const gemms = fc.array(gemm, { minLength: 1, maxLength: 4 });
const array = (weights: fc.Arbitrary<SystolicArray['weights']>): fc.Arbitrary<SystolicArray> =>
  fc.record({
    rows: fc.integer({ min: 1, max: 16 }),
    columns: fc.integer({ min: 1, max: 16 }),
    dataflow: fc.constantFrom('weight-stationary', 'output-stationary', 'input-stationary'),
    weights,
    weightBytesPerCycle: fc.integer({ min: 1, max: 64 }),
    weightElementBytes: fc.integer({ min: 1, max: 4 }),
  });
const anyArray = array(fc.constantFrom('serial', 'double-buffered'));

const RUNS = { seed: 12, numRuns: 500 };

const base = findPreset('tpuv1')!;
const machineWith = (mxu: SystolicArray): Machine => ({ ...base, mxu: { ...base.mxu, ...mxu } });
const costOn = (mxu: SystolicArray, work: Gemm) =>
  costOf(machineWith(mxu), 'mxu', { kind: 'matrix', ...work });

/** Phases of these kinds, in order of their start. */
const ofKind = ({ phases }: SystolicRun, ...kinds: readonly PhaseKind[]) =>
  phases.filter(({ kind }) => kinds.includes(kind));

describe('a systolic timeline', () => {
  it('lets no two folds enter, load, drain, or use the memory port at the same time', () => {
    const check = (mxu: SystolicArray, work: Gemm[]) => {
      const run = simulate(mxu, work);
      for (const kinds of [['stream'], ['load', 'drain'], ['arrive', 'leave']] as const) {
        const phases = ofKind(run, ...kinds);
        phases.slice(1).forEach(({ startCycle }, i) => {
          expect(startCycle).toBeGreaterThanOrEqual(phases[i]!.endCycle);
        });
      }
    };
    fc.assert(fc.property(anyArray, gemms, check), RUNS);
  });

  it('loads a fold when its tile has arrived and the spare registers are free', () => {
    const check = (mxu: SystolicArray, work: Gemm[]) => {
      fc.pre(mxu.dataflow !== 'output-stationary');
      const run = simulate(mxu, work);
      const [arrive, load, stream] = (['arrive', 'load', 'stream'] as const).map((kind) =>
        ofKind(run, kind),
      );
      load!.forEach(({ fold, startCycle, endCycle }) => {
        expect(endCycle).toBeLessThanOrEqual(stream![fold]!.startCycle);
        if (fold === 0) return;
        expect(startCycle).toBeGreaterThanOrEqual(stream![fold - 1]!.startCycle);
        const arrived = arrive!.find((phase) => phase.fold === fold)?.endCycle ?? 0;
        expect(startCycle).toBeGreaterThanOrEqual(arrived);
      });
    };
    fc.assert(fc.property(array(fc.constant('double-buffered')), gemms, check), RUNS);
  });

  it('accounts for every PE in every cycle, and for every multiplication', () => {
    const check = (mxu: SystolicArray, work: Gemm[]) => {
      const run = simulate(mxu, work);
      const { cycles, ...parts } = accountOf(run);
      const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
      expect(total).toBe(mxu.rows * mxu.columns * cycles);
      expect(Math.min(...Object.values(parts))).toBeGreaterThanOrEqual(0);
      expect(parts.usefulMacs).toBe(work.reduce((sum, { m, k, n }) => sum + m * k * n, 0));
    };
    fc.assert(fc.property(anyArray, gemms, check), RUNS);
  });

  it('accounts as one would by hand', () => {
    // 2 × 2, weights of 6 bytes at 2 a cycle: a tile arrives in 12 cycles. K = 3 is two folds, the
    // second with one row of two. Fold 0 loads in 0–1, streams in 2–4; tile 1 is there at 12,
    // loads in 12–13, streams in 14–16, and its wave ends with cycle 18.
    const mxu = { rows: 2, columns: 2, weightBytesPerCycle: 2, weightElementBytes: 6 };
    const kind = { dataflow: 'weight-stationary', weights: 'double-buffered' } as const;
    const run = simulate({ ...mxu, ...kind }, [{ m: 3, k: 3, n: 2 }]);
    expect(run.cycles).toBe(19);
    expect(accountOf(run)).toEqual({
      cycles: 19,
      usefulMacs: 3 * 4 + 3 * 2,
      wastedMacs: 3 * 2,
      shift: 4 * 4,
      stall: 4 * (12 - 5),
      other: 4 * 2,
    });
  });

  it('counts vectors that only make up a minimum as wasted', () => {
    const mxu = { ...base.mxu, rows: 2, columns: 2, weights: 'serial' } as const;
    const { convention } = SOURCES['ONNXim-core'];
    const { usefulMacs, wastedMacs } = accountOf(simulate(mxu, [{ m: 1, k: 2, n: 2 }], convention));
    expect({ usefulMacs, wastedMacs }).toEqual({ usefulMacs: 4, wastedMacs: 3 * 4 });
  });

  it('refuses an empty product', () => {
    expect(() => simulate(base.mxu, [{ m: 1, k: 0, n: 1 }])).toThrow('no product of 1 × 0 × 1');
  });
});

describe('UA-12 and the timeline', () => {
  it('agree on serial folds, alone and back to back', () => {
    const check = (mxu: SystolicArray, work: Gemm) => {
      const { executeCycles, occupancyCycles } = costOn(mxu, work);
      const once = simulate(mxu, [work]).cycles;
      expect(executeCycles).toBe(once);
      expect(simulate(mxu, [work, work]).cycles - once).toBe(occupancyCycles);
    };
    fc.assert(fc.property(array(fc.constant('serial')), gemm, check), RUNS);
  });

  it('agree on double-buffered folds, but that UA-12 keeps the last result for a whole interval', () => {
    const check = (mxu: SystolicArray, work: Gemm) => {
      const { executeCycles, occupancyCycles, readCycles } = costOn(mxu, work);
      const once = simulate(mxu, [work]);
      const folds = once.folds.length;
      expect(simulate(mxu, [work, work]).cycles - once.cycles).toBe(occupancyCycles);
      const unusedCycles = occupancyCycles / folds - once.folds[0]!.vectors;
      expect(executeCycles).toBe(once.cycles + unusedCycles);
      expect(readCycles).toBeGreaterThanOrEqual(ofKind(once, 'stream').at(-1)!.endCycle);
    };
    fc.assert(fc.property(array(fc.constant('double-buffered')), gemm, check), RUNS);
  });

  it('UA-12 is an upper bound where products of different shapes follow each other', () => {
    const check = (mxu: SystolicArray, work: Gemm[]) => {
      const before = work.slice(0, -1).reduce((sum, w) => sum + costOn(mxu, w).occupancyCycles, 0);
      const bound = before + costOn(mxu, work.at(-1)!).executeCycles;
      expect(simulate(mxu, work).cycles).toBeLessThanOrEqual(bound);
    };
    fc.assert(fc.property(anyArray, gemms, check), RUNS);
  });
});
