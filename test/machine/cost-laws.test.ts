/** What holds of the cost of everything, on random machines. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Work } from '../../isa/work.ts';
import { SCALAR_WORK, passes } from '../../isa/work.ts';
import { costOf } from '../../src/machine/cost.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import { randomMachine } from '../support/random-machine.ts';

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
      const { executeCycles, occupancyCycles, readCycles } = costOf(machine, unit, work);
      for (const cycles of [executeCycles, occupancyCycles, readCycles]) {
        expect(Number.isInteger(cycles)).toBe(true);
        expect(cycles).toBeGreaterThanOrEqual(1);
      }
      expect(occupancyCycles).toBeLessThanOrEqual(executeCycles);
      expect(readCycles).toBeLessThanOrEqual(executeCycles);
      const isDoubleBuffered = work.kind === 'matrix' && machine.mxu.weights !== 'serial';
      expect(readCycles).toBe(occupancyCycles + (isDoubleBuffered ? machine.mxu.rows : 0));
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

  it('of unknown work is our own fault', () => {
    const work = { kind: 'dreaming' } as unknown as Work;
    expect(() => costOf(PRESETS[0]!, 'alu', work)).toThrow('invariant: no cost for alu');
  });
});
