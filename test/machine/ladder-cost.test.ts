/** From work to cycles (UA-10 to UA-14), by hand. */
import { describe, expect, it } from 'vitest';
import { passes } from '../../isa/work.ts';
import type { Machine, MatrixUnit } from '../../src/machine/machine.ts';
import { costOf } from '../../src/machine/cost.ts';
import { findPreset } from '../../src/machine/presets.ts';

const machine = findPreset('classic5')!;
const array = (mxu: Partial<MatrixUnit>): Machine => ({
  ...machine,
  mxu: { ...machine.mxu, rows: 4, columns: 8, ...mxu },
});

/** The cost of (m × k) · (k × n). */
const product = (on: Machine, m: number, k: number, n: number) =>
  costOf(on, 'mxu', { kind: 'matrix', m, k, n });

describe('matrix work (UA-12)', () => {
  it('serial: every fold is loaded, streamed and drained alone', () => {
    // ⌈6/4⌉ · ⌈9/8⌉ = 4 folds of 2·4 + 8 + 5 − 2 = 19.
    const cycles = 76;
    expect(product(array({}), 5, 6, 9)).toEqual({
      executeCycles: cycles,
      occupancyCycles: cycles,
      readCycles: cycles,
    });
  });

  it('double-buffered: a fold starts when the last is streamed and its weights are here', () => {
    const fast = { weights: 'double-buffered', weightBytesPerCycle: 128 } as const;
    // 4 folds; I = max(T 5, R 4, 4·8·4/128 = 1) = 5: 4 + 20 + 4 + 8 − 2.
    expect(product(array(fast), 5, 6, 9)).toEqual({
      executeCycles: 34,
      occupancyCycles: 20,
      readCycles: 24,
    });
    // One row: I = R = 4.
    expect(product(array(fast), 1, 6, 9).occupancyCycles).toBe(16);
    // Slow weights: I = ⌈128/10⌉ = 13.
    const slow = array({ ...fast, weightBytesPerCycle: 10 });
    expect(product(slow, 5, 6, 9)).toEqual({
      executeCycles: 4 + 52 + 10,
      occupancyCycles: 52,
      readCycles: 56,
    });
  });
});

describe('other work', () => {
  it('passes follow each other; the unit opens when the last one is in (UA-13)', () => {
    // vec: 20 elements are 2 groups: (2 − 1)·1 + 2 = 3. sfu: 5 groups: 4·2 + 6 = 14, in after 10.
    const work = { kind: 'elements', operations: passes(20, 'vec:sum', 'sfu:exp') } as const;
    expect(costOf(machine, 'sfu', work)).toEqual({
      executeCycles: 17,
      occupancyCycles: 13,
      readCycles: 13,
    });
  });

  it('of an access only the address is known before memory is asked (UA-14)', () => {
    const range = { address: 0, rows: 16, rowBytes: 64, strideBytes: 64 };
    expect(costOf(machine, 'dma', { kind: 'memory', direction: 'read', ...range })).toEqual({
      executeCycles: 1,
      occupancyCycles: 1,
      readCycles: 1,
    });
  });
});
