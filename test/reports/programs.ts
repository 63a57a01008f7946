/** Runs drawn by hand that several tests look at. */
import { createReport } from '../../src/reports/fold.ts';
import type { Report } from '../../src/reports/report.ts';
import type { ListingLine, RunHeader, TimingEvent } from '../../src/timing/events.ts';
import { CLASSIC, OVERLAPPED, eventsOf, headerOf, listingLine } from './support.ts';

export interface Run {
  readonly header: RunHeader;
  readonly events: readonly TimingEvent[];
}

/** The report on a run. */
export function reportOn({ header, events }: Run): Report {
  const { listen, finish } = createReport(header);
  events.forEach(listen);
  return finish();
}

const at = (line: number, part = '') => ({ line, part });

const HEAD: readonly ListingLine[] = [
  listingLine('LOAD t0, [X], rows=4, cols=4, stride=16', 'dma', [], 0, at(12, 'layer 0/head 0')),
  listingLine('ADD t1, t0, t0', 'vec', [0], 1, at(13, 'layer 0/head 1')),
  listingLine('MATMUL t2, t1, t1', 'mxu', [1], 2, at(14, 'layer 1')),
  listingLine('STORE [Y], t2, stride=16', 'dma', [2], -1, at(15, 'layer 1')),
  listingLine('HALT', 'alu', [], -1, at(16)),
];

/** Every instruction needs the one before, memory is slow, and nothing overlaps. */
export const CHAIN: Run = {
  header: headerOf(CLASSIC, HEAD),
  events: eventsOf(
    HEAD,
    `
0 | IF  ID  EX  MEM MEM MEM MEM WB
1 |     IF  ID  raw0raw0raw0raw0raw0EX  EX  MEM WB
2 |         IF  ..  ..  ..  ..  ..  ID  raw1raw1raw1EX  EX  EX  EX  EX  EX  EX  EX  MEM WB
3 |                                 IF  ..  ..  ..  ID  mxu2mxu2mxu2mxu2mxu2mxu2mxu2raw2raw2EX  MEM MEM MEM MEM WB
4 |                                                 IF  ..  ..  ..  ..  ..  ..  ..  ..  ..  ID  lat3lat3lat3EX  MEM WB
`,
    {
      0: { bytes: 64, occupancyCycles: 4 },
      2: { macs: 64 },
      3: { bytes: 64, occupancyCycles: 4 },
    },
  ),
};

const LOOP: readonly ListingLine[] = [
  listingLine('LI r1, 0', 'alu', [], 33, at(1)),
  listingLine('LOAD t0, [X + r1]', 'dma', [33], 0, at(2)),
  listingLine('MATMUL.ACC t1, t0, t0', 'mxu', [0, 1], 1, { ...at(3), accumulates: 1 }),
  listingLine('BLT r1, r2, loop', 'alu', [33, 34], -1, at(4)),
  listingLine('LI r3, 0', 'alu', [], 35, at(5)),
  listingLine('IADD r3, r3, 1', 'alu', [35], 35, at(6)),
  listingLine('BLT r3, r2, next', 'alu', [35, 34], -1, at(7)),
  listingLine('HALT', 'alu', [], -1, at(8)),
];

/**
 * Two loops on an overlapped machine: 8 rounds of a LOAD into a tile that the MATMUL of the round
 * before still reads, then 3 rounds of a counter.
 */
export function loops(): Run {
  const rows = ['0 | IF  ID  EX  MEM WB'];
  const row = (pc: number, cycle: number, cells: string) =>
    rows.push(`${pc} | ${'    '.repeat(cycle)}${cells}`);
  row(1, 1, 'IF  ID  EX  MEM MEM WB');
  row(2, 2, 'IF  ID  raw1raw1EX  EX  EX  EX  MEM WB');
  row(3, 3, 'IF  ..  ..  ID  EX  MEM WB');
  for (let round = 1; round < 8; round++) {
    const cycle = 1 + 7 * round;
    row(1, cycle, 'IF  ID  war EX  MEM MEM WB');
    row(2, cycle + 1, 'IF  ..  ID  raw raw EX  EX  EX  EX  MEM WB');
    row(3, cycle + 3, 'IF  ..  ID  ..  EX  MEM WB');
  }
  row(4, 58, 'IF  ID  EX  MEM WB');
  for (let round = 0; round < 3; round++) {
    row(5, 59 + 4 * round, 'IF  ID  EX  MEM WB');
    row(6, 60 + 4 * round, 'IF  ID  EX  MEM WB');
  }
  row(7, 71, 'IF  ID  EX  MEM WB');
  const extras = { 0: { latencyCycles: 1 }, 4: { latencyCycles: 1 }, 5: { latencyCycles: 1 } };
  const header = headerOf(OVERLAPPED, LOOP);
  return { header, events: eventsOf(LOOP, rows.join('\n'), { ...extras, 2: { macs: 64 } }) };
}

/** Nothing at all. */
export const EMPTY: Run = { header: headerOf(CLASSIC, []), events: [{ kind: 'end', cycle: 0 }] };
