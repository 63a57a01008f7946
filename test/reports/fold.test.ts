/** The report on runs small enough to count by hand. */
import { describe, expect, it } from 'vitest';
import type { TimingEvent } from '../../src/timing/events.ts';
import { CHAIN, EMPTY, loops, reportOn } from './programs.ts';
import { CLASSIC, charge, eventsOf, headerOf, listingLine } from './support.ts';

describe('a chain of dependent instructions', () => {
  const report = reportOn(CHAIN);

  it('counts cycles, instructions and slots', () => {
    expect(report).toMatchObject({ cycles: 29, instructions: 5, unfinished: 0, cpi: 5.8 });
    expect(report.slots).toEqual({
      issue: 5,
      fill: 2,
      control: 0,
      raw: 10,
      structural: { alu: 0, mxu: 7, vec: 0, sfu: 0 },
      memory: { latency: 3, bandwidth: 0 },
      drain: 2,
    });
    expect(report.unattributed).toBe(0);
  });

  it('names who waited for whom, heaviest first', () => {
    expect(report.edges.map(({ sentence }) => sentence)).toEqual([
      'line 15 STORE [Y] waited 7 cycles for EX: line 14 MATMUL t2 started at cycle 12 and occupies it for 8.',
      'line 13 ADD t1 waited 5 cycles for t0: line 12 LOAD t0 started at cycle 2 and needs 6.',
      'line 14 MATMUL t2 waited 3 cycles for t1: line 13 ADD t1 started at cycle 8 and needs 4.',
      'line 16 HALT waited 3 cycles for memory to answer: line 15 STORE [Y] started at cycle 22 and is under way for 5.',
      'line 15 STORE [Y] waited 2 cycles for t2: line 14 MATMUL t2 started at cycle 12 and needs 10.',
    ]);
    expect(report.edges[1]).toMatchObject({
      consumer: { pc: 1, line: 13 },
      producer: { pc: 0, line: 12 },
      register: 't0',
      cause: 'raw',
      cycles: 5,
      occurrences: 1,
      example: { consumer: 1, producer: 0, startCycle: 3, cycles: 5, producerIssueCycle: 2 },
    });
  });

  it('bounds the run from below by each limit', () => {
    // dataflow: LOAD 6, ADD 4 and MATMUL 10 behind one another, then STORE from EX to the end of
    // WB in 6, entered after 2.
    expect(report.bound).toMatchObject({ cycles: 28, setBy: 'dataflow' });
    expect(report.bound.all).toEqual([
      { name: 'dataflow', cycles: 2 + 6 + 4 + 10 + 6 },
      { name: 'unit.alu', cycles: 2 + 1 + 2 },
      { name: 'unit.mxu', cycles: 2 + 8 + 2 },
      { name: 'unit.vec', cycles: 2 + 2 + 2 },
      // Two accesses of 4 cycles in MEM, between the EX of the first and the WB of the last.
      { name: 'unit.dma', cycles: 2 + 1 + 8 + 1 },
      { name: 'execute', cycles: 2 + (1 + 2 + 8 + 1 + 1) + 2 },
      { name: 'issue', cycles: 2 + 5 + 2 },
    ]);
  });

  it('tells how the units were used', () => {
    const dma = report.units.find(({ unit }) => unit === 'dma');
    expect(dma).toMatchObject({ instructions: 2, busyCycles: 8, idleCycles: 21, blockedCycles: 3 });
    expect(report.mac).toEqual({ useful: 64, capacity: 464, utilisation: 64 / 464, wasted: 64 });
    expect(report.memory).toMatchObject({
      bytesRead: 64,
      bytesWritten: 64,
      bytesPerCycle: 128 / 29,
    });
    expect(report.roofline).toEqual({
      intensity: 0.5,
      balance: 1,
      bound: 'memory',
      attained: 64 / 29,
      roof: 8,
    });
  });

  it('sums parts over what is below them', () => {
    const totals = report.parts.map(({ path, slotsTotal, ownSlots }) => [
      path,
      slotsTotal,
      ownSlots,
    ]);
    expect(totals).toEqual([
      ['layer 0', 7, 0],
      ['layer 0/head 0', 1, 1],
      ['layer 0/head 1', 6, 6],
      ['layer 1', 14, 14],
      ['', 4, 4],
    ]);
  });

  it('gives advice that names the registers and lines', () => {
    expect(report.largestLoss).toMatchObject({ cause: 'raw', slots: 10 });
    expect(report.advice).toBe(
      'move line 12 LOAD t0 further up: other work between it and line 13 ADD t1 hides the wait',
    );
  });
});

describe('two loops', () => {
  const report = reportOn(loops());

  it('sums the waits of all rounds, and tells the first', () => {
    const war = report.edges.find(({ cause }) => cause === 'war');
    expect(war).toMatchObject({ cycles: 7, occurrences: 7, register: 't0', producer: null });
    expect(war?.sentence).toBe(
      'line 2 LOAD t0 waited 7 cycles to overwrite t0 (7 times, first at cycle 10 for 1).',
    );
  });

  it('finds the steady state of the long one', () => {
    expect(report.steadyState).toMatchObject([
      {
        head: { line: 2 },
        tail: { line: 4 },
        firstIteration: 3,
        lastIteration: 7,
        intervalCycles: 7,
      },
    ]);
  });

  it('does not let a forwarded accumulator bound the run', () => {
    const dataflow = report.bound.all.find(({ name }) => name === 'dataflow');
    // LI 1, LOAD 4, then a MATMUL of 4 with MEM and WB behind it; the chain of sums adds nothing.
    expect(dataflow?.cycles).toBe(2 + 1 + 4 + 8);
    expect(report.bound).toMatchObject({ setBy: 'unit.mxu', cycles: 2 + 8 * 4 + 4 });
  });
});

describe('runs at the edge', () => {
  it('reports an empty program', () => {
    const report = reportOn(EMPTY);
    expect(report).toMatchObject({ cycles: 0, instructions: 0, cpi: null, unattributed: 0 });
    expect(report.bound).toMatchObject({ cycles: 0, setBy: 'nothing' });
    expect(report).toMatchObject({ edges: [], lines: [], parts: [], steadyState: [] });
    expect(report).toMatchObject({ largestLoss: null, roofline: null });
  });

  it('counts what a cut-off run left unfinished, and bounds only what was finished', () => {
    const events = CHAIN.events.filter((event) =>
      event.kind === 'charge' ? event.cycle < 8 : event.cycle <= 8,
    );
    const report = reportOn({ ...CHAIN, events: [...events, { kind: 'end', cycle: 8 }] });
    expect(report).toMatchObject({ instructions: 2, unfinished: 1, unattributed: 0 });
    expect(report.bound.cycles).toBe(8);
  });

  it('shows slots that nothing was charged with as unattributed', () => {
    const events = CHAIN.events.filter((e) => e.kind !== 'charge' || e.cause !== 'raw');
    expect(reportOn({ ...CHAIN, events }).unattributed).toBe(10);
  });

  it('shows a cause that the machine cannot produce as unattributed', () => {
    const events = CHAIN.events.map((event): TimingEvent =>
      event.kind === 'charge' && event.cause === 'drain' ? { ...event, cause: 'waw' } : event,
    );
    const report = reportOn({ ...CHAIN, events });
    expect(report.unattributed).toBe(2);
    expect(report.slots).not.toHaveProperty('waw');
  });

  it('charges the jump itself when nothing is fetched behind it', () => {
    const listing = [listingLine('JAL r1, end', 'alu', [], 33)];
    const header = headerOf(CLASSIC, listing);
    const drawn = eventsOf(listing, '0 | IF  ID  EX  MEM WB');
    const events = drawn.flatMap((event): TimingEvent[] =>
      event.kind === 'charge' && event.cause === 'drain'
        ? [charge(3, 'control', 1, 0), charge(4, 'drain', -1)]
        : [event],
    );
    const report = reportOn({ header, events });
    expect(report.edges).toMatchObject([{ consumer: { pc: 0 }, cause: 'control', cycles: 1 }]);
    expect(report.lines).toMatchObject([{ slotsTotal: 2 }]);
  });

  it('needs the end of the run', () => {
    expect(() => reportOn({ ...CHAIN, events: CHAIN.events.slice(0, -1) })).toThrow('no end');
  });
});
