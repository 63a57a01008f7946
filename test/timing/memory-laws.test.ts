/** DRAM and cache: what holds of every answer, for random requests on random machines. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemoryWork } from '../../isa/work.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Answer } from '../../src/timing/memory/access.ts';
import { MemorySystem, requestFor } from '../../src/timing/memory/memory.ts';
import { randomMachine } from '../support/random-machine.ts';

describe('every answer', () => {
  const ACCESS = fc.record({
    direction: fc.constantFrom('read' as const, 'write' as const),
    rows: fc.integer({ min: 1, max: 8 }),
    rowBytes: fc.integer({ min: 1, max: 16 }).map((n) => 4 * n),
    strideBytes: fc.integer({ min: -32, max: 32 }).map((n) => 4 * n),
  });
  const REQUEST = fc.tuple(fc.nat(20), fc.nat(512), ACCESS);

  /** Asks a memory for one access after the other. */
  function law(
    check: (machine: Machine, answer: Answer, access: MemoryWork, before: Answer[]) => void,
  ): void {
    const requests = fc.array(REQUEST, { minLength: 1, maxLength: 8 });
    const property = fc.property(randomMachine(), requests, (machine, all) => {
      const memory = new MemorySystem(machine);
      const answers: Answer[] = [];
      let cycle = 0;
      for (const [pause, words, change] of all) {
        const work: MemoryWork = { kind: 'memory', address: 4096 + 4 * words, ...change };
        const answer = memory.request(requestFor(machine, work), 0, (cycle += 1 + pause));
        check(machine, answer, work, answers);
        answers.push(answer);
      }
    });
    fc.assert(property, { numRuns: 500, seed: 40 });
  }

  it('takes the latency, and no less than its bytes over the bandwidth (UA-40, UA-41)', () => {
    law(({ cache, memory }, answer, { rows, rowBytes, strideBytes }) => {
      const cycles = answer.doneCycle - answer.requestCycle;
      expect(cycles).toBeGreaterThan(0);
      expect(answer.transferCycles).toBeLessThan(cycles);
      expect(answer.occupancyCycles).toBeGreaterThan(0);
      if (cache) return;
      expect(cycles).toBeGreaterThanOrEqual(memory.latencyCycles + answer.transferCycles);
      // Rows that lie over one another may come in one burst.
      if (Math.abs(strideBytes) < rowBytes) return;
      const bytes = answer.transferCycles * memory.bytesPerCycle;
      expect(bytes).toBeGreaterThanOrEqual(rows * rowBytes);
    });
  });

  it('moves its data behind that of all before it on the one bus (UA-40)', () => {
    law(({ cache }, { doneCycle, transferCycles }, _access, before) => {
      if (cache) return;
      const last = Math.max(0, ...before.map((answer) => answer.doneCycle));
      expect(doneCycle - transferCycles).toBeGreaterThanOrEqual(last);
    });
  });

  it('with a cache takes at least its look-ups and a hit (UA-42, UA-45)', () => {
    law((machine, answer, access) => {
      if (!machine.cache) return;
      const lookUps = requestFor(machine, access).blocks.length - 1;
      const { requestCycle, doneCycle, transferCycles, misses } = answer;
      expect(doneCycle).toBeGreaterThanOrEqual(requestCycle + lookUps + machine.cache.hitCycles);
      expect(transferCycles > 0).toBe(misses);
    });
  });
});
