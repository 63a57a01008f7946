/** Made-up runs of any length on a wide machine that issues out of order, for the writers of traces. */
import type { Cause } from '../../src/timing/causes.ts';
import { CAUSE_BIT } from '../../src/timing/causes.ts';
import type { ChargeEvent, ListingLine, RunHeader, TimingEvent } from '../../src/timing/events.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Unit } from '../../isa/work.ts';
import { machineNamed } from '../support/run.ts';

/** A line of a listing; registers as numbers, 32 and up are scalar. */
export function line(
  number: number,
  text: string,
  unit: Unit,
  reads: readonly number[],
  writes: number,
  part = '',
): ListingLine {
  return { text, file: 'made.lasm', line: number, part, unit, reads, writes, accumulates: -1 };
}

export function headerOf(machine: Machine, listing: readonly ListingLine[]): RunHeader {
  return {
    schema: 'lasm-log/1',
    program: { name: 'made.lasm', hash: 'p0', listing },
    machine,
    machineHash: 'm0',
    engine: 'tick',
  };
}

/** A loop that loads, multiplies, adds, squashes and stores. */
export const MADE_LISTING: readonly ListingLine[] = [
  line(1, 'LOAD t0, [X]', 'dma', [], 0, 'layer 0'),
  line(2, 'LOAD t1, [W + r5]', 'dma', [37], 1, 'layer 0'),
  line(3, 'MATMUL.ACC t2, t0, t1', 'mxu', [0, 1, 2], 2, 'layer 0/head 1'),
  line(4, 'ADD t3, t2, t0', 'vec', [2, 0], 3),
  line(5, 'SOFTMAX t3, t3', 'sfu', [3], 3),
  line(6, 'STORE [Y], t3', 'dma', [3], -1),
  line(7, 'IADD r5, r5, 64', 'alu', [37], 37),
  line(8, 'BLT r5, 512, loop', 'alu', [37], -1),
];

export function madeHeader(width = 2): RunHeader {
  const machine = machineNamed('tomasulo');
  return headerOf({ ...machine, pipeline: { ...machine.pipeline, width } }, MADE_LISTING);
}

const WAITS: readonly Cause[] = ['raw', 'structural.mxu', 'memory.latency'];
const REORDER_BUFFER = 16;
const MEMORY_CYCLES = 9;

type MadeStage = 'IF' | 'ID' | 'RS' | 'EX' | 'MEM' | 'WB' | 'CT';

interface Made {
  readonly id: number;
  readonly unit: Unit;
  stage: MadeStage;
  since: number;
  /** Cycles for which it waits although nothing is in its way. */
  readonly slackCycles: number;
  readonly executeCycles: number;
}

/** Numbers from 0 to `limit` − 1, the same for the same seed (xorshift, Marsaglia 2003). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed * 2654435761 + 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** The charges of all slots, as runs. */
class Books {
  readonly #open: (ChargeEvent | undefined)[] = [];

  /** The run that this charge ends, if any. */
  charge(slot: number, cycle: number, cause: Cause, id = -1, producer = -1): ChargeEvent[] {
    const open = this.#open[slot];
    const same = open?.cause === cause && open.id === id && open.producer === producer;
    const causes = CAUSE_BIT[cause];
    this.#open[slot] = same
      ? { ...open, cycles: open.cycles + 1 }
      : { kind: 'charge', cycle, cycles: 1, slot, cause, id, producer, register: -1, causes };
    return open && !same ? [open] : [];
  }

  close(): ChargeEvent[] {
    return this.#open.filter((open) => open !== undefined);
  }
}

/**
 * Instructions that wait, execute and commit at random, with books that balance; cut off behind
 * `maxCycles`.
 */
export function* madeRun(
  seed: number,
  instructions: number,
  width = 2,
  maxCycles = Infinity,
): Generator<TimingEvent> {
  const pipeline = new MadePipeline(seed, instructions, width);
  while (!pipeline.isOver() && pipeline.cycle < maxCycles) yield* pipeline.tick();
  yield* pipeline.end();
}

/** Holds what is in flight. */
class MadePipeline {
  cycle = 0;
  readonly #random: (limit: number) => number;
  readonly #books = new Books();
  readonly #instructions: number;
  readonly #width: number;
  /** Oldest first. */
  #flights: Made[] = [];
  #fetched = 0;

  constructor(seed: number, instructions: number, width: number) {
    this.#random = randomNumbers(seed);
    this.#instructions = instructions;
    this.#width = width;
  }

  isOver(): boolean {
    const isLeaving = this.#flights.every(({ stage }) => stage === 'CT');
    return this.#fetched === this.#instructions && isLeaving;
  }

  *tick(): Generator<TimingEvent> {
    const waiting = this.#flights.filter(
      ({ stage, since }) => stage === 'RS' && since < this.cycle,
    );
    const isReady = ({ since, slackCycles }: Made) => this.cycle > since + slackCycles;
    const issuing = waiting.filter(isReady).slice(0, this.#width);
    const held = waiting.filter((flight) => !issuing.includes(flight));
    yield* this.#charge(issuing, held);
    yield* this.#retire();
    for (const flight of issuing) yield this.#issue(flight);
    yield* this.#move(issuing);
    yield* this.#fetch();
    this.cycle++;
  }

  *end(): Generator<TimingEvent> {
    if (this.isOver()) yield* this.#retire();
    yield* this.#books.close();
    yield { kind: 'end', cycle: this.cycle };
  }

  /** As UA-32 has it: issues, then those who wait, then all others alike. */
  *#charge(issuing: readonly Made[], held: readonly Made[]): Generator<ChargeEvent> {
    const { cycle } = this;
    const next = this.#flights.find(({ stage }) => stage === 'IF' || stage === 'ID');
    for (let slot = 0; slot < this.#width; slot++) {
      const issue = issuing[slot];
      const wait = held[slot - issuing.length];
      if (issue) yield* this.#books.charge(slot, cycle, 'issue', issue.id);
      else if (wait) {
        const cause = WAITS[wait.id % WAITS.length]!;
        yield* this.#books.charge(slot, cycle, cause, wait.id, wait.id - 1);
      } else if (next?.stage === 'ID' && next.since < cycle) {
        yield* this.#books.charge(slot, cycle, 'structural.queue', next.id, next.id - 1);
      } else yield* this.#books.charge(slot, cycle, next || cycle === 0 ? 'fill' : 'drain');
    }
  }

  *#retire(): Generator<TimingEvent> {
    const leaving = this.#flights.filter(({ stage }) => stage === 'CT');
    this.#flights = this.#flights.filter(({ stage }) => stage !== 'CT');
    for (const { id } of leaving) yield { kind: 'retire', cycle: this.cycle, id };
  }

  #issue(flight: Made): TimingEvent {
    const { id, unit, executeCycles } = flight;
    const latencyCycles = executeCycles + 1;
    const occupancyCycles = 1 + (executeCycles >> 1);
    const macs = unit === 'mxu' ? 100 : 0;
    const bytes = unit === 'dma' ? 256 : 0;
    Object.assign(flight, { stage: 'EX', since: this.cycle });
    const costs = { latencyCycles, occupancyCycles, macs, bytes };
    return { kind: 'issue', cycle: this.cycle, id, unit, ...costs };
  }

  *#move(issuing: readonly Made[]): Generator<TimingEvent> {
    const { cycle } = this;
    const left: Record<string, number> = { RS: this.#width, CT: this.#width };
    let older: MadeStage[] = [];
    for (const flight of this.#flights) {
      const stage = issuing.includes(flight) ? undefined : this.#nextStage(flight, older);
      if (stage !== undefined && (left[stage] ?? 1) > 0) {
        if (left[stage] !== undefined) left[stage]--;
        Object.assign(flight, { stage, since: cycle });
        yield { kind: 'stage', cycle, id: flight.id, stage };
      }
      older = [...older, flight.stage];
    }
  }

  /** The stage it enters in this cycle, if it may. */
  #nextStage({ stage, since, unit, executeCycles }: Made, older: readonly MadeStage[]) {
    const count = (s: MadeStage) => older.filter((other) => other === s).length;
    const stayed = this.cycle - since;
    if (stage === 'IF' && count('IF') + count('ID') < this.#width) return 'ID';
    const hasRoom = older.length < REORDER_BUFFER && count('ID') === 0;
    if (stage === 'ID' && stayed > 0 && hasRoom) return 'RS';
    if (stage === 'EX' && stayed >= executeCycles) return unit === 'dma' ? 'MEM' : 'WB';
    if (stage === 'MEM' && stayed >= MEMORY_CYCLES) return 'WB';
    if (stage === 'WB' && stayed > 0 && count('CT') === older.length) return 'CT';
    return undefined;
  }

  *#fetch(): Generator<TimingEvent> {
    const inFetch = this.#flights.filter(({ stage }) => stage === 'IF').length;
    for (let n = inFetch; n < this.#width && this.#fetched < this.#instructions; n++) {
      const id = this.#fetched++;
      const pc = id % MADE_LISTING.length;
      const { unit } = MADE_LISTING[pc]!;
      const executeCycles = unit === 'dma' ? 1 : 1 + this.#random(unit === 'alu' ? 2 : 20);
      const slackCycles = this.#random(12);
      this.#flights.push({ id, unit, stage: 'IF', since: this.cycle, slackCycles, executeCycles });
      yield { kind: 'fetch', cycle: this.cycle, id, pc };
    }
  }
}

/** A read of a result: the last earlier writer of each register that an instruction reads. */
export interface Read {
  readonly consumer: number;
  readonly producer: number;
  readonly register: number;
}

/** Every read of a run, by consumer; UA-7 says what the later passes of one instruction read. */
export function readsOf({ program, machine }: RunHeader, events: readonly TimingEvent[]): Read[] {
  const writers = new Map<number, number>();
  const isCracked = machine.pipeline.microOperations === 'cracked';
  let lastPc = -1;
  return events.flatMap((event) => {
    if (event.kind !== 'fetch') return [];
    const { id: consumer, pc } = event;
    const { reads, writes, unit } = program.listing[pc]!;
    const isLaterPass = isCracked && pc === lastPc && unit !== 'alu';
    const sources = new Set(isLaterPass ? [writes, ...reads] : reads);
    const found = [...sources].flatMap((register): Read[] => {
      const producer = writers.get(register);
      return producer === undefined ? [] : [{ consumer, producer, register }];
    });
    if (writes >= 0) writers.set(writes, consumer);
    lastPc = pc;
    return found;
  });
}

/** A sink that keeps everything. */
export function textSink() {
  const pieces: string[] = [];
  return {
    write: (text: string) => void pieces.push(text),
    close: () => undefined,
    text: () => pieces.join(''),
  };
}
