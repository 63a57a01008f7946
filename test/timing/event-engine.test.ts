/** Small runs worked out by hand from the rules, one machine after another. */
import { expect, test } from 'vitest';
import type { MemoryWork } from '../../isa/work.ts';
import type { HandStep } from './event-support.ts';
import { chargesOf, machineWith, recordSteps } from './event-support.ts';

const r = (index: number) => 32 + index;
const add = (writes: number, ...reads: number[]): HandStep => ({ writes, reads });
/** On 16 lanes with depth 2: ⌈256 / 16⌉ = 16 groups, 17 cycles, 16 of them closed (UA-13). */
const vec = (writes: number, ...reads: number[]): HandStep => ({
  unit: 'vec',
  writes,
  reads,
  work: { kind: 'elements', operations: [{ name: 'add', unit: 'vec', elements: 256 }] },
});
/** On a serial 16 × 16 array: one fold of 2·16 + 16 + 16 − 2 = 62 cycles (UA-12). */
const matmul = (writes: number, ...reads: number[]): HandStep => ({
  unit: 'mxu',
  writes,
  reads,
  work: { kind: 'matrix', m: 16, k: 16, n: 16 },
});
const accumulate = (td: number, ...reads: number[]): HandStep => ({
  ...matmul(td, ...reads, td),
  accumulates: td,
});
/** One burst of 64 bytes: latency 12 and 1 cycle on the bus, 13 cycles (UA-40). */
const memory = (direction: MemoryWork['direction'], address: number): MemoryWork => ({
  kind: 'memory',
  direction,
  address,
  rows: 1,
  rowBytes: 64,
  strideBytes: 64,
});
const load = (writes: number, address = 4096): HandStep => ({
  unit: 'dma',
  writes,
  work: memory('read', address),
});
const store = (reads: number, address = 4096): HandStep => ({
  unit: 'dma',
  reads: [reads],
  work: memory('write', address),
});
const branch = (nextPc: number): HandStep => ({ control: 'branch', target: nextPc, nextPc });

test('UA-4, UA-20, UA-22: without forwarding a reader issues in the cycle behind WB', () => {
  const { flights, events, cycles } = recordSteps(
    [add(r(1)), add(r(2), r(1))],
    machineWith('classic5'),
  );
  expect(flights).toMatchObject([
    { IF: 0, ID: 1, EX: 2, MEM: 3, WB: 4, retired: 5, latencyCycles: 3 },
    { IF: 1, ID: 2, EX: 5, MEM: 6, WB: 7, retired: 8 },
  ]);
  expect(chargesOf(events)).toEqual(['0+2 fill', '3+2 raw 1<-0 r33', '6+2 drain']);
  expect(cycles).toBe(8);
});

test('UA-21: with forwarding a reader issues behind EX, and behind MEM of a load', () => {
  const { flights, events } = recordSteps(
    [add(r(1)), add(r(2), r(1)), load(1), store(1)],
    machineWith('classic5-fwd'),
  );
  expect(flights.map(({ EX }) => EX)).toEqual([2, 3, 4, 18]);
  // MEM of the load: 5 to 17, of which the last is the transfer (UA-46).
  expect(flights[2]).toMatchObject({ MEM: 5, WB: 18, latencyCycles: 14, occupancyCycles: 13 });
  expect(chargesOf(events)).toEqual([
    '0+2 fill',
    '5+12 raw 3<-2 r1',
    '17+1 raw 3<-2 r1',
    '19+14 drain',
  ]);
});

test('UA-22: the phase of a load in MEM holds beside the RAW hazard', () => {
  const { events } = recordSteps([load(1), store(1)], machineWith('classic5-fwd'));
  const waits = events.flatMap((e) =>
    e.kind === 'charge' && e.cause === 'raw' ? [[e.cycle, e.cycles, e.causes]] : [],
  );
  const [RAW, LATENCY, BANDWIDTH] = [1 << 3, 1 << 14, 1 << 15];
  // The load issues in 2 and is in MEM from 3 to 15; it transfers in 15.
  expect(waits).toEqual([
    [3, 12, RAW | LATENCY],
    [15, 1, RAW | BANDWIDTH],
  ]);
});

test('UA-23: EX is held by work, or by the access in MEM', () => {
  const { events, flights } = recordSteps(
    [load(1), add(r(1)), add(r(2)), vec(2), add(r(3))],
    machineWith('classic5-fwd'),
  );
  expect(flights.map(({ EX }) => EX)).toEqual([2, 3, 16, 17, 34]);
  expect(chargesOf(events)).toEqual([
    '0+2 fill',
    '4+11 memory.latency 2<-0 r-1',
    '15+1 memory.bandwidth 2<-0 r-1',
    '18+16 structural.vec 4<-3 r-1',
    '35+2 drain',
  ]);
});

test('UA-6, UA-31: the successor of a taken branch is fetched behind its EX', () => {
  const { flights, events } = recordSteps([branch(7), add(r(1))], machineWith('classic5'));
  expect(flights).toMatchObject([{ EX: 2 }, { IF: 3, ID: 4, EX: 5 }]);
  expect(chargesOf(events)).toEqual(['0+2 fill', '3+2 control 1<-0 r-1', '6+2 drain']);
});

test('UA-35: nothing behind a branch that is waited for is charged as if something were', () => {
  const machine = machineWith('classic5', { alu: { latencyCycles: 5 } });
  const { events, cycles } = recordSteps([branch(7)], machine);
  // EX 2 to 6, MEM 7, WB 8.
  expect(cycles).toBe(9);
  expect(chargesOf(events)).toEqual(['0+2 fill', '3+4 control 1<-0 r-1', '7+2 drain']);
});

test('UA-24 to UA-26: what holds an instruction of the overlapped machine', () => {
  const { events, flights } = recordSteps(
    [matmul(3, 1, 2), vec(4), vec(5), vec(1), add(r(1)), vec(3)],
    machineWith('multicycle'),
  );
  // Units: 3 to 18 and 19 to 34. WAR: t1 is read for 62 cycles from 2. WAW: WB of t3 is in 65.
  expect(flights.map(({ EX }) => EX)).toEqual([2, 3, 19, 64, 65, 80]);
  expect(chargesOf(events)).toEqual([
    '0+2 fill',
    '4+15 structural.vec 2<-1 r-1',
    '20+15 war 3<-0 r1', // the unit is closed too
    '35+12 war 3<-0 r1',
    '47+1 war 3<-0 r1', // in 65 the one port is taken by the product
    '48+16 war 3<-0 r1',
    '66+14 structural.vec 5<-3 r-1',
    '81+18 drain',
  ]);
});

test('UA-27: one write port, and two results for the same cycle', () => {
  const machine = machineWith('multicycle', {
    pipeline: { writePorts: 1 },
    alu: { latencyCycles: 1 },
  });
  const pass = { name: 'add', unit: 'vec', elements: 1 } as const;
  const short: HandStep = { ...vec(4), work: { kind: 'elements', operations: [pass] } };
  const { flights, events } = recordSteps([short, add(r(1))], machine);
  // 2 + depth 2 + MEM: WB in 5, and so would the addition that issues in 3.
  expect(flights).toMatchObject([
    { EX: 2, WB: 5 },
    { EX: 4, WB: 6 },
  ]);
  expect(chargesOf(events)).toContain('3+1 structural.port 1<-0 r-1');
});

test('UA-16: a chained product waits for its unit alone', () => {
  const doubleBuffered = { weights: 'double-buffered', weightBytesPerCycle: 1024 } as const;
  const steps = [matmul(3, 1, 2), accumulate(3, 1, 2), matmul(4, 3, 2)];
  const { flights, events } = recordSteps(
    steps,
    machineWith('multicycle', { mxu: doubleBuffered }),
  );
  // I = 16 (UA-12): closed for 16 cycles, the result 16 + 16 + 30 = 62 cycles behind the issue.
  expect(flights.map(({ EX }) => EX)).toEqual([2, 18, 80]);
  expect(chargesOf(events).slice(1, 4)).toEqual([
    '3+15 structural.mxu 1<-0 r-1',
    '19+15 raw 2<-1 r3', // the unit is closed too
    '34+46 raw 2<-1 r3',
  ]);
});

test('UA-28, UA-29: reads wait for the way to memory, and for writes to the same bytes', () => {
  const machine = machineWith('multicycle', { memory: { bytesPerCycle: 16, banks: 4 } });
  const { flights, events } = recordSteps(
    [store(1, 4096), load(2, 8192 + 1024), load(3, 4096)],
    machine,
  );
  // X = 4. The store is done in 3 + 12 + 4 = 19; the first load in 7 + 12 + 4 = 23.
  expect(flights).toMatchObject([{ EX: 2, WB: 19 }, { EX: 6, WB: 23 }, { EX: 19 }]);
  expect(chargesOf(events)).toEqual([
    '0+2 fill',
    '3+3 memory.bandwidth 1<-0 r-1',
    '7+3 memory.bandwidth 2<-1 r-1',
    '10+9 memory.order 2<-0 r-1',
    '20+17 drain',
  ]);
});

test('UA-40: rows that are not open cost extra, and banks work side by side', () => {
  const change = { memory: { banks: 2, rowBytes: 64, rowMissCycles: 10 } };
  const wide: HandStep = { ...load(1), work: { ...memory('read', 4096), rowBytes: 256 } };
  const { flights } = recordSteps([wide], machineWith('multicycle', change));
  // Bursts in banks 0 1 0 1, each in another row. s = 13 13 24 24; d = 25 26 36 37.
  expect(flights[0]).toMatchObject({ MEM: 3, WB: 38, occupancyCycles: 4 });
});

test('UA-42 to UA-45: a miss fetches the line, a hit takes hitCycles', () => {
  const machine = machineWith('cached', { memory: { rowMissCycles: 0 } });
  const { flights } = recordSteps([load(1), load(2), load(3, 4100)], machine);
  // Looked up in 3, data of the miss in 3 + 2 + 30 + 1. The third has bytes of two lines.
  expect(flights[0]).toMatchObject({ EX: 2, WB: 36, occupancyCycles: 1 });
  expect(flights[1].WB! - flights[1].MEM!).toBe(2);
  expect(flights[2].WB! - flights[2].MEM!).toBe(1 + 2 + 30 + 1);
});

test('UA-43, UA-44: a dirty line is written back before the new one is fetched', () => {
  const cache = { sizeBytes: 64, ways: 1 };
  const machine = machineWith('cached', { cache, memory: { rowMissCycles: 0, banks: 1 } });
  const { flights } = recordSteps([store(1, 4096), load(1, 8192)], machine);
  // Two bursts on one bus: the second is done a cycle later.
  expect(flights[0].WB! - flights[0].MEM!).toBe(2 + 30 + 1);
  expect(flights[1].WB! - flights[1].MEM!).toBe(2 + 30 + 2);
});

test('UA-50 to UA-53: a scoreboard, held by an old reader', () => {
  const machine = machineWith('scoreboard');
  const { flights, events } = recordSteps([matmul(3, 1, 2), vec(1), vec(4, 1)], machine);
  // The product reads t1 in 3 to 64, so the new t1, done in 21, is written in 65.
  expect(flights).toMatchObject([
    { ID: 1, RO: 2, EX: 3, WB: 65 },
    { ID: 2, RO: 3, EX: 4, WB: 65 },
    { ID: 3, RO: 4, EX: 66, WB: 83 },
  ]);
  expect(chargesOf(events)).toEqual([
    '0+3 fill',
    '5+16 raw 2<-1 r1',
    '21+44 war 2<-0 r1',
    '65+1 raw 2<-1 r1',
    '67+17 drain',
  ]);
});

test('UA-50, UA-32: a reserved unit holds up dispatch, also in the cycle in which it happens', () => {
  const { flights, events } = recordSteps([add(r(1)), add(r(2))], machineWith('scoreboard'));
  // Reserved from 2 through WB in 4.
  expect(flights).toMatchObject([
    { RO: 2, EX: 3, WB: 4 },
    { RO: 5, EX: 6, WB: 7 },
  ]);
  expect(chargesOf(events)).toEqual(['0+3 fill', '4+2 structural.alu 1<-0 r-1', '7+1 drain']);
});

test('UA-60 to UA-65: tomasulo passes results on in the cycle of WB, and commits in order', () => {
  const { flights } = recordSteps([vec(1), vec(2, 1), add(r(1))], machineWith('tomasulo'));
  expect(flights).toMatchObject([
    { IF: 0, ID: 1, RS: 2, EX: 3, WB: 20, CT: 21 },
    { IF: 0, ID: 1, RS: 2, EX: 20, WB: 37, CT: 38 },
    { IF: 1, ID: 2, RS: 3, EX: 4, WB: 5, CT: 38, retired: 39 },
  ]);
});

test('UA-64: with one bus the oldest result that is done goes first', () => {
  const machine = machineWith('tomasulo', { pipeline: { writePorts: 1 }, alu: { count: 2 } });
  const { flights } = recordSteps([add(r(1)), add(r(2)), store(1)], machine);
  expect(flights).toMatchObject([
    { EX: 3, WB: 4 },
    { EX: 3, WB: 5 },
    { EX: 4, MEM: 5, WB: 18 },
  ]);
});

test('UA-63: a read waits for an earlier write to the same bytes, not for others', () => {
  const machine = machineWith('tomasulo', { memory: { banks: 4 } });
  const { flights } = recordSteps([store(1, 4096), load(2, 4096), load(3, 5120)], machine);
  // The write is done in 4 + 13.
  expect(flights).toMatchObject([{ EX: 3, WB: 17 }, { EX: 17 }, { EX: 4 }]);
});

test('UA-60: a full reorder buffer names the instruction that has to commit', () => {
  const machine = machineWith('tomasulo1', { pipeline: { reorderBufferEntries: 2 } });
  const { events } = recordSteps([vec(1), add(r(1)), add(r(2))], machine);
  // Dispatched in 2, 3 and, behind the first's CT in 21, in 22.
  expect(chargesOf(events)).toEqual(['0+3 fill', '5+18 structural.queue 2<-0 r-1', '24+2 drain']);
});

test('UA-7: a cracked instruction is one for each pass', () => {
  const machine = machineWith('classic5-fwd', { pipeline: { microOperations: 'cracked' } });
  const operations = [
    { name: 'exp', unit: 'sfu', elements: 4 },
    { name: 'sum', unit: 'vec', elements: 16 },
  ] as const;
  const step: HandStep = {
    unit: 'sfu',
    writes: 2,
    reads: [1],
    work: { kind: 'elements', operations },
  };
  const { instructions, events, flights } = recordSteps([step], machine);
  expect(instructions).toBe(2);
  expect(events.filter((e) => e.kind === 'issue')).toMatchObject([
    { unit: 'sfu' },
    { unit: 'vec' },
  ]);
  expect(flights).toMatchObject([{ EX: 2 }, { EX: 8 }]);
  expect(chargesOf(events)[1]).toBe('3+5 raw 1<-0 r2');
});

test('UA-6: a two-bit counter needs two mistakes to change its mind', () => {
  const machine = machineWith('tomasulo1', { pipeline: { branchTableEntries: 1 } });
  const taken: HandStep = { control: 'branch', target: 0, nextPc: 99 };
  const not: HandStep = { control: 'branch', target: 0 };
  const { events } = recordSteps([taken, taken, not, not, not, taken, add(r(1))], machine);
  const late = new Set(
    events.flatMap((e) => (e.kind === 'charge' && e.cause === 'control' ? [e.producer] : [])),
  );
  // Counter 1 → 2 → 3 → 2 → 1 → 0 → 1; wrong about 0, 2, 3 and 5.
  expect([...late]).toEqual([0, 2, 3, 5]);
});

test('an empty run takes no cycles', () => {
  for (const name of ['classic5', 'multicycle', 'scoreboard', 'tomasulo']) {
    const { events, ...result } = recordSteps([], machineWith(name));
    expect(result).toMatchObject({ cycles: 0, instructions: 0, cutOffAt: undefined });
    expect(events).toEqual([{ kind: 'end', cycle: 0 }]);
  }
});
