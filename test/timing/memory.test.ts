/** DRAM and cache: small sequences of requests, their times worked out by hand. */
import { describe, expect, it } from 'vitest';
import type { MemoryWork } from '../../isa/work.ts';
import type { Cache, Machine } from '../../src/machine/machine.ts';
import { phaseOf } from '../../src/timing/memory/access.ts';
import { MemorySystem, requestFor } from '../../src/timing/memory/memory.ts';
import { machineNamed } from '../support/run.ts';

const MULTICYCLE = machineNamed('multicycle');

/** X = 4; bank 0 holds the bytes 0–127 and 256–383, bank 1 those between. */
const BANKS: Machine = {
  ...MULTICYCLE,
  memory: {
    latencyCycles: 10,
    bytesPerCycle: 16,
    requestsInFlight: 8,
    burstBytes: 64,
    banks: 2,
    rowBytes: 128,
    rowMissCycles: 20,
  },
};

const CACHE: Cache = {
  sizeBytes: 256,
  ways: 2,
  lineBytes: 64,
  hitCycles: 2,
  replacement: 'lru',
  writePolicy: 'back',
};

/** X = 2, two bursts to a line, two sets of two lines: even and odd line numbers. */
const cached = (change: Partial<Cache> = {}): Machine => ({
  ...MULTICYCLE,
  memory: { ...BANKS.memory, burstBytes: 32, banks: 1, rowBytes: 1024, rowMissCycles: 0 },
  cache: { ...CACHE, ...change },
});

function work(address: number, change: Partial<MemoryWork> = {}): MemoryWork {
  const one = { rows: 1, rowBytes: 64, strideBytes: 64 } as const;
  return { kind: 'memory', direction: 'read', address, ...one, ...change };
}

/** A memory, and a way to make requests of it; each has the next number. */
function memoryOf(machine: Machine) {
  const memory = new MemorySystem(machine);
  let id = 0;
  const ask = (cycle: number, address: number, change: Partial<MemoryWork> = {}) =>
    memory.request(requestFor(machine, work(address, change)), id++, cycle);
  return { memory, ask };
}

describe('an access', () => {
  const blocks = (address: number, change: Partial<MemoryWork>) =>
    requestFor(BANKS, work(address, change)).blocks;

  it('touches the blocks in which its bytes lie, none twice in a row', () => {
    expect(blocks(60, { rowBytes: 4 })).toEqual([0]);
    expect(blocks(60, { rowBytes: 8 })).toEqual([0, 1]);
    // Bytes 60–67, then 64–71: block 1 was the last one touched.
    expect(blocks(60, { rowBytes: 8, rows: 2, strideBytes: 4 })).toEqual([0, 1]);
    // Bytes 60–67 both times: 1 was the last, so 0 is touched again, and then 1.
    expect(blocks(60, { rowBytes: 8, rows: 2, strideBytes: 0 })).toEqual([0, 1, 0, 1]);
    expect(blocks(128, { rowBytes: 4, rows: 3, strideBytes: -64 })).toEqual([2, 1, 0]);
  });
});

describe('DRAM (UA-40, UA-41)', () => {
  it('opens a row once', () => {
    const { ask } = memoryOf(BANKS);
    // s = 5 + 20, d = 25 + 10, done = 35 + 4.
    expect(ask(5, 0)).toEqual({
      requestCycle: 5,
      doneCycle: 39,
      transferCycles: 4,
      occupancyCycles: 4,
      misses: false,
    });
    expect(ask(40, 64).doneCycle).toBe(40 + 10 + 4);
    // Bank 1 has no open row yet, and then bank 0 needs another one, and the first one again.
    expect(ask(60, 128).doneCycle).toBe(60 + 20 + 10 + 4);
    expect(ask(100, 256).doneCycle).toBe(100 + 20 + 10 + 4);
    expect(ask(140, 0, { direction: 'write' }).doneCycle).toBe(140 + 20 + 10 + 4);
  });

  it('moves the bursts of an access one behind the other', () => {
    const { ask } = memoryOf(BANKS);
    // Burst 0: s = 20, d = 30, bus free in 34. Burst 1: s = 24, d = 34, done in 38.
    expect(ask(0, 0, { rowBytes: 128 })).toMatchObject({ doneCycle: 38, transferCycles: 8 });
  });

  it('counts the bursts in which rows lie, end to end or apart (UA-41)', () => {
    const moved = (change: Partial<MemoryWork>) => memoryOf(BANKS).ask(0, 4096, change);
    expect(moved({ rows: 3, rowBytes: 12, strideBytes: 12 }).transferCycles).toBe(4);
    expect(moved({ rows: 3, rowBytes: 12, strideBytes: 64 }).transferCycles).toBe(12);
    expect(moved({ rows: 3, rowBytes: 12, strideBytes: -12 }).transferCycles).toBe(8);
    expect(moved({ rows: 3, rowBytes: 12, strideBytes: 0 }).transferCycles).toBe(4);
    expect(moved({ rows: 1, strideBytes: 0 })).toEqual(moved({ rows: 1, strideBytes: 128 }));
  });

  it('is closed for all of an access on a blocking machine', () => {
    const { ask } = memoryOf({ ...machineNamed('classic5'), memory: BANKS.memory });
    expect(ask(5, 0)).toMatchObject({ doneCycle: 39, transferCycles: 4, occupancyCycles: 34 });
  });

  it('has banks that work at the same time, and one bus', () => {
    const { ask } = memoryOf(BANKS);
    expect(ask(0, 0).doneCycle).toBe(34);
    // Bank 1: s = 21, but the bus is free only in 34, not in 31.
    expect(ask(1, 128).doneCycle).toBe(38);
    // Bank 0 is ready in 24: s = 24 + 20, d = 54.
    expect(ask(2, 256).doneCycle).toBe(58);
  });

  it('says who keeps a bank busy (UA-28)', () => {
    const { ask, memory } = memoryOf(BANKS);
    ask(0, 0);
    const again = requestFor(BANKS, work(64));
    expect([23, 24].map((cycle) => memory.bankHolder(again, cycle))).toEqual([0, -1]);
    expect(memory.bankHolder(requestFor(BANKS, work(128)), 23)).toBe(-1);
  });

  it('answers a trial as it would answer, and forgets it', () => {
    const { ask, memory } = memoryOf(BANKS);
    ask(0, 0);
    const request = requestFor(BANKS, work(256));
    const tried = memory.tryRequest(request, 1, 2);
    expect(memory.tryRequest(request, 1, 2)).toEqual(tried);
    expect(memory.request(request, 1, 2)).toEqual(tried);
    expect(memory.request(request, 2, 2)).not.toEqual(tried);
  });
});

describe('the cache (UA-42 to UA-46)', () => {
  it('fetches a line and then holds it', () => {
    const { ask } = memoryOf(cached());
    // Requested in 2: d = 12, bus free in 14, then 16.
    const miss = ask(0, 0);
    expect(miss).toEqual({
      requestCycle: 0,
      doneCycle: 16,
      transferCycles: 4,
      occupancyCycles: 4,
      misses: true,
    });
    const phases = [-1, 0, 11, 12, 15, 16].map((cycle) => phaseOf(miss, cycle));
    const [wait, move] = ['memory.miss', 'memory.bandwidth'];
    expect(phases).toEqual([undefined, wait, wait, move, move, undefined]);
    const hit = ask(20, 32, { rowBytes: 32 });
    expect(hit).toMatchObject({ doneCycle: 22, transferCycles: 0, occupancyCycles: 1 });
    expect([20, 21, 22].map((cycle) => phaseOf(hit, cycle))).toEqual([
      'memory.latency',
      'memory.latency',
      undefined,
    ]);
  });

  it('looks a line up in each cycle', () => {
    const { ask } = memoryOf(cached());
    ask(0, 0, { rowBytes: 128 });
    // Both hit: in 50 + 2 and 51 + 2.
    expect(ask(50, 0, { rowBytes: 128 })).toMatchObject({ doneCycle: 53, occupancyCycles: 2 });
  });

  it('makes room by use (lru) or by age (fifo)', () => {
    const evicted = (replacement: Cache['replacement']) => {
      const { ask } = memoryOf(cached({ replacement }));
      // Lines 0 and 2 fill the even set, line 0 is used again, line 4 needs room.
      [0, 128, 0, 256].forEach((address, i) => ask(100 * i, address));
      // Line 1 is odd and takes no part. A hit shows without changing what is held.
      return [0, 128].filter((address) => ask(1000, address).misses);
    };
    expect(evicted('lru')).toEqual([128]);
    expect(evicted('fifo')[0]).toBe(0);
  });

  it('writes a dirty line back before it fetches another (UA-43)', () => {
    const { ask } = memoryOf(cached());
    ask(0, 0, { direction: 'write' });
    ask(100, 128);
    // Four bursts from 202 on: d = 212, then 214, 216, 218; the last is done in 220.
    expect(ask(200, 256)).toMatchObject({ doneCycle: 220, transferCycles: 8, occupancyCycles: 8 });
    // Line 2 is clean, and so goes without a word.
    expect(ask(300, 0)).toMatchObject({ doneCycle: 316, transferCycles: 4 });
  });

  it('writes through without allocating (UA-44)', () => {
    const { ask } = memoryOf(cached({ writePolicy: 'through' }));
    expect(ask(0, 0, { direction: 'write' })).toMatchObject({ doneCycle: 16, misses: true });
    expect(ask(100, 0).misses).toBe(true);
    expect(ask(200, 0, { direction: 'write' })).toMatchObject({ doneCycle: 216, misses: true });
    expect(ask(300, 0).misses).toBe(false);
    ask(400, 128);
    // The written line is clean: only the new one moves.
    expect(ask(500, 256).transferCycles).toBe(4);
  });
});
