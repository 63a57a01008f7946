/** Advice and sentences for each cause, with the registers and lines of the wait. */
import { describe, expect, it } from 'vitest';
import type { Cause } from '../../src/timing/causes.ts';
import { CAUSES, CAUSE_BIT } from '../../src/timing/causes.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import { reportOn } from './programs.ts';
import { CLASSIC, OVERLAPPED, charge, eventsOf, headerOf, listingLine } from './support.ts';

const LISTING = [
  listingLine('STORE [X], t3', 'dma', [3], -1, { line: 1 }),
  listingLine('LOAD t0, [X]', 'dma', [], 0, { line: 2 }),
  listingLine('MATMUL t1, t0, t0', 'mxu', [0], 1, { line: 3 }),
  listingLine('MATMUL t0, t2, t2', 'mxu', [2], 0, { line: 4 }),
];

/** Instructions `producer` and `consumer` with 9 cycles of `cause` between their issues. */
function waiting(cause: Cause, producer: number, consumer: number, register: number) {
  const machine = cause.startsWith('memory.l') ? CLASSIC : OVERLAPPED;
  const drawn = eventsOf(
    LISTING,
    `
${producer} | IF  ID  EX  MEM WB
${consumer} |     IF  ID  raw raw raw raw raw raw raw raw raw EX  MEM WB`,
  );
  const events = drawn.map((event): TimingEvent =>
    event.kind === 'charge' && event.cause === 'raw'
      ? charge(event.cycle, cause, 1, 0, register, event.cycles)
      : event,
  );
  const { largestLoss, advice } = reportOn({ header: headerOf(machine, LISTING), events });
  return { sentence: largestLoss!.sentence.replace(/^.*?; /, ''), advice };
}

describe('a wait', () => {
  it.each([
    ['raw', 1, 2, 0, 'for t0: line 2 LOAD t0', 'move line 2 LOAD t0 further up'],
    ['raw', 2, 3, 1, 'for t1: line 3 MATMUL t1', 'put instructions that do not need t1 between'],
    ['raw', 2, 2, 1, 'for t1: line 3 MATMUL t1', 'line 3 MATMUL t1 needs its own last result'],
    ['raw', 3, 2, 0, 'for t0: line 4 MATMUL t0', 't0 goes round the loop from line 4 MATMUL t0'],
    ['war', 2, 3, 0, 'to overwrite t0: line 3 MATMUL t1', 'double-buffer t0'],
    ['waw', 1, 3, 0, 'to write t0: line 2 LOAD t0', 'let line 4 MATMUL t0 write another register'],
    ['control', 2, 3, -1, 'to be fetched: line 3', 'do more work for each jump'],
    ['structural.mxu', 2, 3, -1, 'for mxu: line 3', 'put work for other units between line 3'],
    ['structural.mxu', 2, 2, -1, 'for mxu: line 3', 'line 3 MATMUL t1 meets itself on mxu'],
    ['structural.mxu', 2, 1, -1, 'for EX: line 3', 'one instruction at a time is in EX here'],
    ['structural.port', 1, 2, -1, 'for a write port: line 2', 'move line 3 MATMUL t1 by an'],
    [
      'structural.queue',
      0,
      1,
      -1,
      'for a place in the queue',
      'spread the transfers before line 2',
    ],
    [
      'memory.latency',
      1,
      2,
      -1,
      'for memory to answer: line 2',
      'move less: keep the tile of line 2',
    ],
    [
      'memory.bandwidth',
      0,
      1,
      -1,
      'for memory bandwidth: line 1',
      'move less: keep the tile of line 1',
    ],
    [
      'memory.order',
      0,
      1,
      -1,
      'for older bytes in memory: line 1',
      'keep the value of line 1 STORE',
    ],
  ] as const)('of %s between %i and %i', (cause, producer, consumer, register, why, advice) => {
    const { sentence, advice: given } = waiting(cause, producer, consumer, register);
    expect(sentence).toContain(` waited 9 cycles ${why}`);
    expect(given.slice(0, advice.length)).toBe(advice);
  });

  it('is not oversold where EX would have been busy anyway', () => {
    const drawn = eventsOf(
      LISTING,
      `
2 | IF  ID  EX  EX  EX  EX  MEM WB
0 |     IF  ID  raw0raw0raw0EX  MEM WB`,
    );
    const causes = CAUSE_BIT.raw | CAUSE_BIT['structural.mxu'];
    const events = drawn.map((event): TimingEvent =>
      event.kind === 'charge' && event.cause === 'raw' ? { ...event, causes } : event,
    );
    const { edges, advice } = reportOn({ header: headerOf(CLASSIC, LISTING), events });
    expect(edges).toMatchObject([{ cycles: 3, alsoTrue: { structural: { mxu: 3 } } }]);
    expect(edges[0]!.sentence).toMatch(/; in all of these cycles EX was busy too\.$/);
    expect(advice).toBe(
      'EX is held most of that time, so nothing fits between: execute line 3 MATMUL t1 less often, or try a machine that overlaps units',
    );
  });

  it('has a sentence for causes of machines to come', () => {
    const listed: readonly Cause[] = ['structural.bank', 'memory.miss', 'structural.dma'];
    for (const cause of listed) {
      const header = headerOf(OVERLAPPED, LISTING);
      const events = eventsOf(LISTING, '0 | IF  ID  EX  MEM WB');
      const wait = charge(5, cause, 0, -1, -1, 2);
      const { edges } = reportOn({ header, events: [wait, ...events].sort(byEmission) });
      expect(edges).toHaveLength(1);
      expect(edges[0]!.sentence).toMatch(/^line 1 STORE \[X\] waited 2 cycles for .+\.$/);
    }
    expect(CAUSES).toEqual(expect.arrayContaining([...listed]));
  });
});

function byEmission(a: TimingEvent, b: TimingEvent): number {
  return (a.kind === 'end' ? 1 : 0) - (b.kind === 'end' ? 1 : 0) || a.cycle - b.cycle;
}
