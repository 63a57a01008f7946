/** Hazards: what nobody does too early, on every machine. */
import { describe, expect } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import type { Flight } from '../support/flights.ts';
import { isAccess, isRead, memoryCyclesOf, readsUntil } from '../support/flights.ts';
import { executionOf, isInOrder, lawsOf } from '../support/laws.ts';
import { EXECUTIONS } from '../support/random-machine.ts';

const law = lawsOf(EXECUTIONS, 19_660_401);

/** Whether `now` may add onto the tile that `writer` leaves inside the array (UA-16). */
function mayChain(machine: Machine, writer: Flight, now: Flight): boolean {
  return (
    machine.mxu.accumulatorForwarding &&
    machine.pipeline.execution !== 'scoreboard' &&
    now.static.accumulates === writer.static.writes &&
    writer.static.unit === now.static.unit
  );
}

/** UA-21, UA-51, UA-61: the first cycle in which a reader may issue. */
function resultCycle({ pipeline }: Machine, flight: Flight): number {
  const { EX, MEM, WB, cost } = flight;
  if (!pipeline.forwarding || pipeline.execution === 'scoreboard') return WB + 1;
  if (pipeline.execution === 'tomasulo') return WB;
  return isAccess(flight) ? MEM + memoryCyclesOf(flight) : EX + cost.executeCycles;
}

describe('hazards', () => {
  law('UA-22, UA-51, UA-61: nobody issues before the results that it reads', (run) => {
    const { flights, machine } = run;
    if (!machine.pipeline.dependencies) return;
    const writers = new Map<number, Flight>();
    for (const now of flights) {
      for (const register of now.static.reads) {
        const writer = writers.get(register);
        if (!writer) continue;
        const isChained = register === now.static.accumulates && mayChain(machine, writer, now);
        if (!isChained) expect(now.EX).toBeGreaterThanOrEqual(resultCycle(machine, writer));
      }
      if (now.static.writes >= 0) writers.set(now.static.writes, now);
    }
  });

  law('UA-24, UA-50: without renaming, writes of one register arrive in program order', (run) => {
    if (executionOf(run) === 'tomasulo') return;
    const written = new Map<number, number>();
    for (const { static: fixed, WB } of run.flights) {
      if (fixed.writes < 0) continue;
      expect(WB).toBeGreaterThan(written.get(fixed.writes) ?? -1);
      written.set(fixed.writes, WB);
    }
  });

  law('UA-25, UA-52: without renaming, nobody writes what is still read', (run) => {
    if (['blocking', 'tomasulo'].includes(executionOf(run))) return;
    run.flights.forEach((now, i) => {
      const { writes } = now.static;
      const isTile = writes >= 0 && writes < 32;
      // In order, a tile is written from issue on, and a scalar register read before that.
      if (isInOrder(run) && !isTile) return;
      for (const reader of run.flights.slice(0, i)) {
        if (!reader.static.reads.includes(writes) || mayChain(run.machine, reader, now)) continue;
        const until = isTile ? readsUntil(reader) : reader.EX + 1;
        expect(isInOrder(run) ? now.EX : now.WB).toBeGreaterThanOrEqual(until);
      }
    });
  });

  law('UA-29, UA-63: accesses to the same bytes keep their order', (run) => {
    if (executionOf(run) === 'blocking' || !run.machine.pipeline.dependencies) return;
    const accesses = run.flights.filter(isAccess);
    accesses.forEach((now, i) => {
      for (const before of accesses.slice(0, i).filter((access) => overlap(access, now))) {
        expect(now.EX).toBeGreaterThan(before.EX);
        if (isRead(now) && !isRead(before)) expect(now.EX).toBeGreaterThanOrEqual(before.WB);
      }
    });
  });
});

/** UA-29: whether the ranges from the lowest to the highest byte do. */
function overlap(a: Flight, b: Flight): boolean {
  const [one, other] = [bytesOf(a), bytesOf(b)];
  return one.low < other.high && other.low < one.high;
}

/** The lowest byte of an access, and the one behind its highest. */
function bytesOf({ work }: Flight): { low: number; high: number } {
  if (work.kind !== 'memory') throw new Error('not an access');
  const { address, rows, rowBytes, strideBytes } = work;
  const starts = Array.from({ length: rows }, (_, i) => address + i * strideBytes);
  return { low: Math.min(...starts), high: Math.max(...starts) + rowBytes };
}
