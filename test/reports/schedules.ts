/** Random legal schedules: in-order issue, true dependences and units respected, slots charged. */
import fc from 'fast-check';
import type { Unit } from '../../isa/work.ts';
import { UNITS } from '../../isa/work.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Cause } from '../../src/timing/causes.ts';
import type { ListingLine, RunHeader, TimingEvent } from '../../src/timing/events.ts';
import { CLASSIC, OVERLAPPED, charge, headerOf, inOrder, listingLine } from './support.ts';

export interface Schedule {
  readonly header: RunHeader;
  readonly events: readonly TimingEvent[];
  readonly cycles: number;
}

interface Dynamic {
  readonly pc: number;
  readonly executeCycles: number;
  readonly memoryCycles: number;
  /** Cycles for which the instruction waits for no reason that the tests name. */
  readonly delay: number;
  readonly macsPerCycle: number;
}

const register: fc.Arbitrary<number> = fc.constantFrom(0, 1, 2, 3, 33, 34);

const line = fc
  .record({
    unit: fc.constantFrom(...UNITS),
    reads: fc.uniqueArray(register, { maxLength: 2 }),
    writes: fc.oneof(register, fc.constant(-1)),
    part: fc.constantFrom('', 'layer 0', 'layer 0/head 0', 'layer 0/head 1', 'layer 1/head 0'),
    line: fc.integer({ min: 1, max: 99 }),
    accumulating: fc.boolean(),
  })
  .map(({ unit, reads, writes, part, line: number, accumulating }): ListingLine => {
    const isSum = accumulating && unit === 'mxu' && writes >= 0 && !reads.includes(writes);
    const all = isSum ? [...reads, writes] : reads;
    const rest = { part, line: number, accumulates: isSum ? writes : -1 };
    return listingLine(`OP.${unit} r${writes}`, unit, all, writes, rest);
  });

/** Walks through the program with jumps, as branches would. */
const walk = (length: number) =>
  fc.array(
    fc.record({
      jump: fc.option(fc.nat(length - 1), { freq: 5 }),
      executeCycles: fc.integer({ min: 1, max: 9 }),
      memoryCycles: fc.integer({ min: 1, max: 9 }),
      delay: fc.constantFrom(0, 0, 0, 1, 4),
      macsPerCycle: fc.integer({ min: 0, max: 16 }),
    }),
    { maxLength: 60 },
  );

/** Programs of up to 8 instructions, executed for up to 60. */
export const schedules: fc.Arbitrary<Schedule> = fc
  .array(line, { minLength: 1, maxLength: 8 })
  .chain((listing) =>
    fc.record({
      listing: fc.constant(listing),
      machine: fc.constantFrom(CLASSIC, OVERLAPPED),
      steps: walk(listing.length),
    }),
  )
  .map(({ listing, machine, steps }) => {
    let pc = -1;
    const dynamic = steps.map(({ jump, ...rest }): Dynamic => {
      pc = (jump ?? pc + 1) % listing.length;
      return { pc, ...rest };
    });
    return schedule(machine, listing, dynamic);
  });

/** Plays the instructions in order; each issues as soon as its hazards, and its delay, allow. */
function schedule(
  machine: Machine,
  listing: readonly ListingLine[],
  dynamic: readonly Dynamic[],
): Schedule {
  const player = new Player(machine, listing);
  dynamic.forEach((instruction, id) => player.play(instruction, id));
  player.drain();
  const { events, cycles } = player;
  return { header: headerOf(machine, listing), events: inOrder(events, cycles), cycles };
}

class Player {
  readonly events: TimingEvent[] = [];
  cycles = 0;
  readonly #machine: Machine;
  readonly #listing: readonly ListingLine[];
  readonly #written = new Map<number, { id: number; readyCycle: number; unit: Unit }>();
  readonly #unitFree = new Map<Unit, { id: number; cycle: number }>();
  #lastDecode = 0;
  #lastIssue = 0;
  #executeFree: { id: number; cycle: number; unit: Unit } | undefined;
  /** Where the instruction that is being played could issue. */
  #cycle = 0;

  constructor(machine: Machine, listing: readonly ListingLine[]) {
    this.#machine = machine;
    this.#listing = listing;
  }

  play(dynamic: Dynamic, id: number): void {
    const line = this.#listing[dynamic.pc]!;
    this.#decode(dynamic.pc, id);
    this.#waitForOperands(line, id);
    this.#waitForUnits(line.unit, id);
    this.#waitUntil(this.#cycle + dynamic.delay, 'control', id);
    this.#issue(dynamic, line, id);
  }

  drain(): void {
    const cycles = this.cycles - this.#lastIssue - 1;
    if (cycles > 0) this.events.push(charge(this.#lastIssue + 1, 'drain', -1, -1, -1, cycles));
  }

  #decode(pc: number, id: number): void {
    const fetch = id === 0 ? 0 : this.#lastDecode;
    const decode = Math.max(fetch + 1, this.#lastIssue);
    this.#lastDecode = decode;
    this.#cycle = this.#lastIssue + 1;
    if (id > 0) this.#waitUntil(decode + 1, 'control', id, id - 1);
    else this.events.push(charge(0, 'fill', -1, -1, -1, 2));
    this.#cycle = decode + 1;
    this.events.push(
      { kind: 'fetch', cycle: fetch, id, pc },
      { kind: 'stage', cycle: decode, id, stage: 'ID' },
    );
  }

  #waitUntil(until: number, cause: Cause, id: number, producer = -1, register = -1): void {
    if (until <= this.#cycle) return;
    const cycles = until - this.#cycle;
    this.events.push(charge(this.#cycle, cause, id, producer, register, cycles));
    this.#cycle = until;
  }

  #waitForOperands({ reads, accumulates, unit }: ListingLine, id: number): void {
    for (const read of reads) {
      const writer = this.#written.get(read);
      const isChained =
        this.#machine.mxu.accumulatorForwarding && read === accumulates && writer?.unit === unit;
      if (writer && !isChained) this.#waitUntil(writer.readyCycle, 'raw', id, writer.id, read);
    }
  }

  #waitForUnits(unit: Unit, id: number): void {
    const free = this.#unitFree.get(unit);
    const cause = unit === 'dma' ? 'memory.bandwidth' : (`structural.${unit}` as const);
    if (free) this.#waitUntil(free.cycle, cause, id, free.id);
    const occupant = this.#executeFree;
    if (this.#machine.pipeline.execution !== 'blocking' || !occupant) return;
    this.#waitUntil(occupant.cycle, `structural.${occupant.unit}`, id, occupant.id);
  }

  #issue(dynamic: Dynamic, { unit, writes }: ListingLine, id: number): void {
    const isAccess = unit === 'dma';
    const executeCycles = isAccess ? 1 : dynamic.executeCycles;
    const memoryCycles = isAccess ? dynamic.memoryCycles : 1;
    const cycle = this.#cycle;
    const executed = cycle + executeCycles;
    const writeBack = executed + memoryCycles;
    const forwarded = isAccess ? writeBack : executed;
    const readyCycle = this.#machine.pipeline.forwarding ? forwarded : writeBack + 1;
    const latencyCycles = (writes < 0 ? writeBack : readyCycle) - cycle;
    const occupancyCycles = isAccess ? memoryCycles : executeCycles;
    const macs = unit === 'mxu' ? dynamic.macsPerCycle * executeCycles : 0;
    const bytes = isAccess ? memoryCycles * 4 : 0;
    this.events.push(
      { kind: 'issue', cycle, id, unit, latencyCycles, occupancyCycles, macs, bytes },
      { kind: 'stage', cycle: executed, id, stage: 'MEM' },
      { kind: 'stage', cycle: writeBack, id, stage: 'WB' },
      { kind: 'retire', cycle: writeBack + 1, id },
      charge(cycle, 'issue', id),
    );
    if (writes >= 0) this.#written.set(writes, { id, readyCycle, unit });
    this.#unitFree.set(unit, { id, cycle: cycle + occupancyCycles });
    this.#executeFree = { id, cycle: executed, unit };
    this.#lastIssue = cycle;
    this.cycles = Math.max(this.cycles, writeBack + 1);
  }
}
