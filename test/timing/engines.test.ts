/** Both engines, written apart from the same rules, agree on everything (docs/evidence.md). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/machine/presets.ts';
import { validateMachine } from '../../src/machine/read.ts';
import type { Cause } from '../../src/timing/causes.ts';
import { causesIn, possibleCauses } from '../../src/timing/causes.ts';
import { anyMachine, conflictingMachine } from '../support/any-machine.ts';
import { compareEngines } from '../support/compare-engines.ts';
import { enginePair } from '../support/engine-pair.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleFixture, recordRun } from '../support/run.ts';

const seed = 20260301;

describe('the tick engine and the event engine', () => {
  it('agree on random programs, machines and limits', { timeout: 120_000 }, () => {
    const property = fc.property(enginePair, ({ program, machine, limits }) => {
      expect(compareEngines(program.program, machine, limits).divergence).toBeUndefined();
    });
    fc.assert(property, { seed, numRuns: 3000 });
  });

  it.each(PRESETS)('agree on random programs on $name', (machine) => {
    const property = fc.property(randomProgram({ tile: 8, length: 40 }), ({ program }) => {
      expect(compareEngines(program, machine).divergence).toBeUndefined();
    });
    fc.assert(property, { seed, numRuns: 60 });
  });

  it('are cut off alike at every cycle of a run, and not at all when it is over', () => {
    const program = assembleFixture('programs/hazards/raw.lasm');
    for (const machine of PRESETS) {
      const { cycles } = compareEngines(program, machine);
      for (let maxCycles = 0; maxCycles <= cycles + 1; maxCycles++) {
        const comparison = compareEngines(program, machine, { maxCycles });
        expect(comparison).toMatchObject({ divergence: undefined });
        expect(comparison.isCutOff).toBe(maxCycles < cycles);
      }
    }
  });

  it.each(PRESETS)('give listeners the same log and report on $name', (machine) => {
    const program = assembleFixture('programs/hazards/waw.lasm');
    const tick = recordRun(program, machine, { engine: 'tick' });
    const event = recordRun(program, machine);
    expect([tick.report.engine, event.report.engine]).toEqual(['tick', 'event']);
    expect(event.events).toEqual(tick.events);
    expect({ ...event.report, engine: '' }).toEqual({ ...tick.report, engine: '' });
  });
});

describe('the generators of the comparison', () => {
  it('draw valid machines only', () => {
    const property = fc.property(conflictingMachine, (machine) => {
      expect(validateMachine(machine).problems).toEqual([]);
    });
    fc.assert(property, { seed, numRuns: 1000 });
  });

  it('meet on machines of every kind all causes that the kind can show', () => {
    const met = new Map<string, Set<Cause>>();
    const possible = new Map<string, Set<Cause>>();
    const add = (sets: Map<string, Set<Cause>>, kind: string, causes: readonly Cause[]) =>
      sets.set(kind, new Set([...(sets.get(kind) ?? []), ...causes]));
    const property = fc.property(randomProgram({ tile: 8 }), anyMachine, ({ program }, machine) => {
      const { execution } = machine.pipeline;
      add(possible, execution, possibleCauses(machine));
      for (const event of recordRun(program, machine).events) {
        if (event.kind === 'charge') add(met, execution, causesIn(event.causes));
      }
    });
    fc.assert(property, { seed, numRuns: 600 });
    expect(met).toEqual(possible);
  });
});
