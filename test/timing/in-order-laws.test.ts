/** What is true of every run on a machine that issues in program order, to the cycle. */
import { describe, expect } from 'vitest';
import { isAccess, memoryCyclesOf, opensAt } from '../support/flights.ts';
import { chargesOf, executionOf, lawsOf, mostAtOnce } from '../support/laws.ts';
import { IN_ORDER } from '../support/random-machine.ts';

const law = lawsOf(IN_ORDER, 19_640_407);

describe('in order', () => {
  law('UA-4: one issues in a cycle, and not before the cycle behind its ID', ({ flights }) => {
    flights.forEach((now, i) => {
      expect(now.EX).toBeGreaterThan(Math.max(now.ID, flights[i - 1]?.EX ?? 0));
    });
  });

  law('UA-4: nobody waits without a reason', (run) => {
    const waited = run.flights.map(() => 0);
    for (const { cause, cycles, id } of chargesOf(run)) {
      if (!['issue', 'fill', 'control', 'drain'].includes(cause)) waited[id]! += cycles;
    }
    expect(waited).toEqual(run.flights.map(({ ID, EX }) => EX - ID - 1));
  });

  law('UA-20: every stage is as long as its work', (run) => {
    run.flights.forEach((flight, i) => {
      const { EX, MEM, WB, cost } = flight;
      const isBlocking = executionOf(run) === 'blocking';
      const before = isBlocking ? (run.flights[i - 1]?.WB ?? -1) : -1;
      expect(MEM).toBe(Math.max(EX + cost.executeCycles, before));
      expect(WB).toBe(MEM + memoryCyclesOf(flight));
    });
  });

  law('UA-20: EX and MEM of a blocking machine hold one instruction each', (run) => {
    if (executionOf(run) !== 'blocking') return;
    expect(mostAtOnce(run.flights.map(({ EX, MEM }) => [EX, MEM]))).toBe(1);
    expect(mostAtOnce(run.flights.map(({ MEM, WB }) => [MEM, WB]))).toBe(1);
    expect(mostAtOnce(run.flights.map(({ WB }) => [WB, WB + 1]))).toBe(1);
  });

  law('UA-28: an access has the way to memory to itself, and asks in program order', (run) => {
    const accesses = run.flights.filter(isAccess);
    accesses.slice(1).forEach((now, i) => {
      const before = accesses[i]!;
      expect(now.MEM).toBeGreaterThan(before.MEM);
      if (executionOf(run) === 'overlapped') {
        expect(now.EX).toBeGreaterThanOrEqual(opensAt(before));
      }
    });
  });
});
