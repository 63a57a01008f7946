/** Event streams for the tests: drawn by hand as pipeline diagrams, or made up at random. */
import type { Parameters } from 'fast-check';
import type { Machine } from '../../src/machine/machine.ts';
import type { Cause } from '../../src/timing/causes.ts';
import { CAUSE_BIT } from '../../src/timing/causes.ts';
import type {
  ChargeEvent,
  IssueEvent,
  ListingLine,
  RunHeader,
  TimingEvent,
} from '../../src/timing/events.ts';
import type { Unit } from '../../isa/work.ts';

/** A blocking machine without forwarding, as the textbooks have it. */
export const CLASSIC: Machine = {
  schema: 'lasm-machine/1',
  name: 'classic',
  title: 'five stages for tests',
  faithfulTo: 'the diagrams of these tests',
  source: 'these tests',
  tile: 16,
  pipeline: {
    execution: 'blocking',
    width: 1,
    forwarding: false,
    dependencies: true,
    branch: 'stall',
    branchTableEntries: 1,
    microOperations: 'whole',
    writePorts: 1,
    stations: 1,
    reorderBufferEntries: 1,
  },
  alu: { count: 1, latencyCycles: 2, intervalCycles: 2 },
  mxu: {
    count: 1,
    rows: 4,
    columns: 4,
    dataflow: 'weight-stationary',
    weights: 'serial',
    weightBytesPerCycle: 64,
    weightElementBytes: 4,
    accumulatorForwarding: false,
  },
  vec: { count: 1, lanes: 16, depthCycles: 2, intervalCycles: 1 },
  sfu: { count: 1, lanes: 4, depthCycles: 6, intervalCycles: 2 },
  memory: {
    latencyCycles: 12,
    bytesPerCycle: 16,
    requestsInFlight: 1,
    burstBytes: 16,
    banks: 1,
    rowBytes: 1024,
    rowMissCycles: 0,
  },
  cache: null,
};

export const OVERLAPPED: Machine = {
  ...CLASSIC,
  name: 'overlapped',
  pipeline: {
    ...CLASSIC.pipeline,
    execution: 'overlapped',
    forwarding: true,
    branch: 'not-taken',
  },
  mxu: { ...CLASSIC.mxu, accumulatorForwarding: true },
};

/** A line of the listing; registers as numbers, 32 and up are scalar. */
export function listingLine(
  text: string,
  unit: Unit,
  reads: readonly number[],
  writes: number,
  rest: Partial<ListingLine> = {},
): ListingLine {
  const common = { file: 'test.lasm', line: 1, part: '', accumulates: -1 };
  return { ...common, text, unit, reads, writes, ...rest };
}

export function headerOf(machine: Machine, listing: readonly ListingLine[]): RunHeader {
  return {
    schema: 'lasm-log/1',
    program: { name: 'test.lasm', hash: 'p0', listing },
    machine,
    machineHash: 'm0',
    engine: 'tick',
  };
}

/** What a diagram does not say of an instruction. */
export interface Extra {
  readonly latencyCycles?: number;
  readonly occupancyCycles?: number;
  readonly macs?: number;
  readonly bytes?: number;
}

interface Row {
  readonly pc: number;
  readonly cells: readonly string[];
  /** The cycle of the first cell. */
  readonly offset: number;
}

const CAUSE_OF: Readonly<Record<string, Cause>> = {
  raw: 'raw',
  war: 'war',
  ctl: 'control',
  mxu: 'structural.mxu',
  lat: 'memory.latency',
  bw: 'memory.bandwidth',
};

/**
 * The events of a diagram. Each line is one dynamic instruction: its code address, `| `, then a cell
 * of four columns for each cycle. Cells are stages, `..` for being held, or a cause, which may
 * name the instruction waited for: `raw0`. A cause in the row of an instruction is charged to it.
 * What the register of a charge is, is taken from the listing.
 */
export function eventsOf(
  listing: readonly ListingLine[],
  diagram: string,
  extras: Readonly<Record<number, Extra>> = {},
): TimingEvent[] {
  const rows = parseRows(diagram);
  const cycles = Math.max(0, ...rows.map(({ offset, cells }) => offset + cells.length));
  const timed = rows.flatMap((row, id) => flightEvents(row, id, listing, extras));
  const charges = chargesOf(rows, cycles, listing);
  return inOrder([...timed, ...charges], cycles);
}

function parseRows(diagram: string): Row[] {
  const lines = diagram.split('\n').filter((line) => line.includes('| '));
  return lines.map((line) => {
    const [pc, text] = line.split('| ') as [string, string];
    const cells = (text.trimEnd().match(/.{1,4}/g) ?? []).map((cell) => cell.trim());
    const offset = cells.findIndex((cell) => cell !== '');
    return { pc: Number(pc), offset, cells: cells.slice(offset) };
  });
}

function flightEvents(
  { pc, cells, offset }: Row,
  id: number,
  listing: readonly ListingLine[],
  extras: Readonly<Record<number, Extra>>,
): TimingEvent[] {
  const first = (stage: string) => offset + cells.indexOf(stage);
  const issue = first('EX');
  const end = offset + cells.length;
  const latencyCycles = end - issue - (listing[pc]!.writes < 0 ? 1 : 0);
  const event: IssueEvent = {
    kind: 'issue',
    cycle: issue,
    id,
    unit: listing[pc]!.unit,
    latencyCycles,
    occupancyCycles: cells.filter((cell) => cell === 'EX').length,
    macs: 0,
    bytes: 0,
    ...extras[pc],
  };
  return [
    { kind: 'fetch', cycle: first('IF'), id, pc },
    { kind: 'stage', cycle: first('ID'), id, stage: 'ID' },
    event,
    { kind: 'stage', cycle: first('MEM'), id, stage: 'MEM' },
    { kind: 'stage', cycle: first('WB'), id, stage: 'WB' },
    { kind: 'retire', cycle: end, id },
  ];
}

function chargesOf(
  rows: readonly Row[],
  cycles: number,
  listing: readonly ListingLine[],
): ChargeEvent[] {
  const charges: ChargeEvent[] = [];
  const issueCycles = rows.map(({ offset, cells }) => offset + cells.indexOf('EX'));
  for (let cycle = 0; cycle < cycles; cycle++) {
    const next = chargeAt(rows, issueCycles, cycle, listing);
    const last = charges.at(-1);
    const keys = ['cause', 'id', 'producer', 'register'] as const;
    if (last && keys.every((key) => last[key] === next[key])) {
      charges[charges.length - 1] = { ...last, cycles: last.cycles + 1 };
    } else {
      charges.push(next);
    }
  }
  return charges;
}

function chargeAt(
  rows: readonly Row[],
  issueCycles: readonly number[],
  cycle: number,
  listing: readonly ListingLine[],
): ChargeEvent {
  const issuing = issueCycles.indexOf(cycle);
  if (issuing >= 0) return charge(cycle, 'issue', issuing);
  for (const [id, { offset, cells }] of rows.entries()) {
    const found = /^([a-z]+)(\d*)$/.exec(cells[cycle - offset] ?? '');
    if (!found) continue;
    const producer = found[2] === '' ? -1 : Number(found[2]);
    const cause = CAUSE_OF[found[1]!]!;
    const written = producer < 0 ? -1 : listing[rows[producer]!.pc]!.writes;
    const own = listing[rows[id]!.pc]!.writes;
    return charge(cycle, cause, id, producer, { raw: written, war: own }[cause as string] ?? -1);
  }
  if (cycle < issueCycles[0]!) return charge(cycle, 'fill', -1);
  const next = issueCycles.findIndex((issue) => issue > cycle);
  return next < 0 ? charge(cycle, 'drain', -1) : charge(cycle, 'control', next, next - 1);
}

export function charge(
  cycle: number,
  cause: Cause,
  id: number,
  producer = -1,
  register = -1,
  cycles = 1,
): ChargeEvent {
  const causes = CAUSE_BIT[cause];
  return { kind: 'charge', cycle, cycles, slot: 0, cause, id, producer, register, causes };
}

/** In the order in which an engine emits: charges behind their last cycle, before what follows. */
export function inOrder(events: readonly TimingEvent[], cycles: number): TimingEvent[] {
  const kinds = ['fetch', 'charge', 'retire', 'stage', 'issue', 'end'];
  const emitted = (event: TimingEvent) =>
    event.kind === 'charge' ? event.cycle + event.cycles : event.cycle;
  const sorted = [...events].sort(
    (a, b) => emitted(a) - emitted(b) || kinds.indexOf(a.kind) - kinds.indexOf(b.kind),
  );
  return [...sorted, { kind: 'end', cycle: cycles }];
}

/** Makes `fc.assert` repeatable. */
export const RUNS = { seed: 20240607, numRuns: 300 } satisfies Parameters<unknown>;
