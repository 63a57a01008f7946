/** The books and the values: what is true of every run on every machine. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAUSES, causesIn, possibleCauses } from '../../src/timing/causes.ts';
import type { ChargeEvent } from '../../src/timing/events.ts';
import type { Run } from '../support/laws.ts';
import { PROGRAM, chargesOf, executionOf, lawsOf, machineOf, runOn } from '../support/laws.ts';
import { EXECUTIONS } from '../support/random-machine.ts';
import { machineNamed, recordRun } from '../support/run.ts';

const law = lawsOf(EXECUTIONS, 20_240_707);

const slotsOf = ({ machine }: Run) => Array.from({ length: machine.pipeline.width }, (_, i) => i);

describe('the books', () => {
  law('UA-30, UA-34: charges cover every cycle of every slot once, in order', (run) => {
    for (const slot of slotsOf(run)) {
      let next = 0;
      for (const { cycle, cycles } of chargesOf(run).filter((charge) => charge.slot === slot)) {
        expect(cycle).toBe(next);
        expect(cycles).toBeGreaterThan(0);
        next += cycles;
      }
      expect(next).toBe(run.report.cycles);
    }
    expect(chargesOf(run).every(({ slot }) => slotsOf(run).includes(slot))).toBe(true);
    expect(run.report.unattributed).toBe(0);
    expect(run.report.lines).toHaveLength(run.program.code.length);
  });

  law('UA-30: what is charged is the first of the causes that hold', (run) => {
    const possible = possibleCauses(run.machine);
    for (const { cause, causes } of chargesOf(run)) {
      expect(causesIn(causes)[0]).toBe(cause);
      expect(possible).toEqual(expect.arrayContaining(causesIn(causes)));
    }
  });

  law('runs of charges are as long as can be', (run) => {
    const key = ({ cause, id, producer, register, causes }: ChargeEvent) =>
      [cause, id, producer, register, causes].join();
    for (const slot of slotsOf(run)) {
      const keys = chargesOf(run)
        .filter((charge) => charge.slot === slot)
        .map(key);
      expect(keys.slice(1).filter((one, i) => one === keys[i])).toEqual([]);
    }
  });

  law('UA-33: whoever waits has not issued, and whoever is waited for is another', (run) => {
    for (const { cause, id, producer, cycle, cycles } of chargesOf(run)) {
      if (cause === 'fill' || cause === 'drain') expect([id, producer]).toEqual([-1, -1]);
      else if (cause === 'issue') expect(run.flights[id]!.EX).toBe(cycle);
      else {
        expect(producer).toBeGreaterThanOrEqual(0);
        expect(producer).not.toBe(id);
        // Tomasulo's units and stations may be held by younger instructions.
        if (executionOf(run) !== 'tomasulo') expect(producer).toBeLessThan(id);
        expect(run.flights[id]!.EX).toBeGreaterThanOrEqual(cycle + cycles);
      }
    }
  });

  law('the lower bound is at most the cycles', ({ report }) => {
    expect(report.bound.cycles).toBeLessThanOrEqual(report.cycles);
    expect(report.bound.all.length).toBeGreaterThan(0);
  });
});

describe('values and determinism', () => {
  law('values are those of any other machine', ({ vm, program, flights, machine }) => {
    const other = runOn({ program }, machineNamed('classic5'));
    expect(vm.trap).toBeUndefined();
    expect(vm.memory.snapshot()).toEqual(other.vm.memory.snapshot());
    expect(vm.emittedTokens).toEqual(other.vm.emittedTokens);
    if (machine.pipeline.microOperations === 'cracked') return;
    expect(flights.map(({ pc }) => pc)).toEqual(other.flights.map(({ pc }) => pc));
  });

  law('a second run says exactly the same, whatever ran in between', (run) => {
    const again = recordRun(run.program, run.machine);
    expect(again.events).toEqual(run.events);
  });

  it('the random runs meet every cause there is', () => {
    const met = new Set<string>();
    const property = fc.property(PROGRAM, machineOf(EXECUTIONS), (program, machine) => {
      for (const { causes } of chargesOf(runOn(program, machine))) {
        for (const cause of causesIn(causes)) met.add(cause);
      }
    });
    fc.assert(property, { numRuns: 300, seed: 20_240_800 });
    expect(CAUSES.filter((cause) => !met.has(cause))).toEqual([]);
  });
});
