/** Dispatch on Tomasulo's machine: stations, the reorder buffer and renaming (UA-60, UA-61, UA-66). */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import { NONE, UNIT_NUMBER } from '../event/numbers.ts';
import type { Accesses } from './tomasulo-accesses.ts';
import type { Charges } from './tomasulo-charges.ts';
import type { Fetch } from './tomasulo-fetch.ts';
import type { Ready } from './tomasulo-ready.ts';
import type { Ring } from './tomasulo-ring.ts';
import {
  CHAIN,
  COMMITTED,
  CYCLE,
  DISPATCHED,
  FLOAT_ROW,
  FOLLOWING,
  HAS_ISSUED,
  LAST_DISPATCH,
  MAY_DISPATCH,
  MISSING,
  NEVER,
  PRECEDING,
  PRODUCT,
  READERS,
  ROW,
  UNIT,
  VARIANT,
  WRITES,
} from './tomasulo-ring.ts';
import { FIELD } from './variants.ts';

const { dma: DMA, mxu: MXU } = UNIT_NUMBER;
const { accumulates: ACCUMULATES, sources: SOURCES, firstSource: FIRST } = FIELD;

/** The parts of the machine that dispatch has to do with. */
interface Neighbours {
  readonly ring: Ring;
  readonly fetch: Fetch;
  readonly ready: Ready;
  readonly accesses: Accesses;
  readonly charges: Charges;
}

export class Dispatch {
  /** The one kept in ID by a hazard in the cycle before, and in this one; slots or −1. */
  heldBefore = NONE;
  held = NONE;
  private readonly ring: Ring;
  private readonly ints: Int32Array;
  private readonly floats: Float64Array;
  private readonly times: Float64Array;
  private readonly fetch: Fetch;
  private readonly ready: Ready;
  private readonly accesses: Accesses;
  private readonly charges: Charges;
  private readonly entries: number;
  private readonly stations: number;
  private readonly dependencies: boolean;
  private readonly chains: boolean;
  /** Slot of the instruction that writes each register last, if it is not in WB, or −1. */
  private readonly writer = new Int32Array(REGISTER_COUNT).fill(NONE);
  /** Of each kind of unit: stations in use. */
  private readonly inUse = new Int32Array(UNITS.length);

  constructor({ pipeline, mxu }: Machine, parts: Neighbours) {
    const { ring } = parts;
    this.ring = ring;
    this.ints = ring.ints;
    this.floats = ring.floats;
    this.times = ring.times;
    this.fetch = parts.fetch;
    this.ready = parts.ready;
    this.accesses = parts.accesses;
    this.charges = parts.charges;
    this.entries = pipeline.reorderBufferEntries;
    this.stations = pipeline.stations;
    this.dependencies = pipeline.dependencies;
    this.chains = mxu.accumulatorForwarding && pipeline.dependencies;
  }

  /** UA-60: in program order, up to the first that has to wait. */
  dispatch(): void {
    const { ring, fetch, times } = this;
    this.heldBefore = this.held;
    this.held = NONE;
    while (fetch.isWaiting || this.fetchNext()) {
      if (times[MAY_DISPATCH] > times[CYCLE]) return;
      if (this.freesAt() > times[CYCLE]) {
        this.held = ring.next;
        return;
      }
      this.enter();
    }
  }

  private fetchNext(): boolean {
    if (!this.fetch.take()) return false;
    if (this.charges.hasEarly) this.charges.chargeEarly(this.ring.next);
    return true;
  }

  /** The first cycle in which no hazard of UA-60 holds the next one, as far as that is known. */
  freesAt(): number {
    const { ring, entries } = this;
    const slot = ring.next;
    if (this.inUse[this.ints[(slot << ROW) + UNIT]] >= this.stations) return NEVER;
    if (ring.inFlight >= entries) return NEVER;
    return this.floats[(((slot - entries) & ring.mask) << FLOAT_ROW) + COMMITTED] + 1;
  }

  /** Enters a station and the reorder buffer, with the values that are there. */
  private enter(): void {
    const { ring, writer, ints, floats, times } = this;
    const slot = ring.next;
    const row = slot << ROW;
    const kind = ints[row + UNIT];
    this.inUse[kind]++;
    const nobody = ring.slots << ROW;
    const last = ints[nobody + PRECEDING];
    ints[(last << ROW) + FOLLOWING] = ints[nobody + PRECEDING] = slot;
    ints[row + PRECEDING] = last;
    ints[row + FOLLOWING] = ring.slots;
    const missing = this.dependencies ? this.findSources(slot) : 0; // UA-66
    ints[row + MISSING] = missing;
    if (kind === DMA) this.accesses.enter(slot);
    if (missing === 0) this.ready.add(slot, kind);
    const register = ints[row + WRITES];
    if (register >= 0) writer[register] = slot;
    floats[(slot << FLOAT_ROW) + DISPATCHED] = times[LAST_DISPATCH] = times[CYCLE];
    ring.next = (slot + 1) & ring.mask;
    ring.inFlight++;
    this.fetch.isWaiting = false;
  }

  /** UA-61: puts an instruction into the lists of those it waits for; how many they are. */
  private findSources(slot: number): number {
    const { ints, writer, chains } = this;
    const { link, shift } = this.ready;
    const { fields, stride } = this.ring.variants;
    const row = slot << ROW;
    const v = ints[row + VARIANT] * stride;
    const first = v + FIRST;
    const end = first + fields[v + SOURCES];
    let missing = 0;
    for (let at = first; at < end; at++) {
      const register = fields[at];
      const made = writer[register];
      if (made < 0) continue;
      const madeRow = made << ROW;
      let head = madeRow + READERS;
      if (chains && register === fields[v + ACCUMULATES] && ints[madeRow + UNIT] === MXU) {
        ints[row + PRODUCT] = made; // UA-16
        if (ints[madeRow + HAS_ISSUED] === 1) continue;
        head = madeRow + CHAIN;
      }
      const node = (slot << shift) | (at - first);
      link[node] = ints[head];
      ints[head] = node;
      missing++;
    }
    return missing;
  }

  /** A result is in WB: those dispatched from now on find it in its register. */
  write(slot: number): void {
    const { ints, writer } = this;
    const register = ints[(slot << ROW) + WRITES];
    if (register >= 0 && writer[register] === slot) writer[register] = NONE;
  }

  /** A station is free again. */
  freeStation(slot: number): void {
    this.inUse[this.ints[(slot << ROW) + UNIT]]--;
  }
}
