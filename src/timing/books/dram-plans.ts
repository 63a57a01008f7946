/** What an access does to DRAM, worked out once for all addresses that look alike to it. */
import type { MemoryWork } from '../../../isa/work.ts';
import type { Memory } from '../../machine/machine.ts';
import type { WorkTable } from '../../vm/step-block.ts';
import { NONE } from '../event/numbers.ts';

const SLOTS_AT_FIRST = 64;
/** Slots, and places for banks in all slots together, at most. */
const MOST_SLOTS = 4096;
const MOST_PLACES = 2 ** 15;

export const PLACE = { firstRow: 0, lastRow: 1, toReady: 2, toDone: 3 } as const;
export const PLACES = 4;

/**
 * UA-40 only adds and takes maxima, and what it adds follows from the access and its address modulo
 * `periodBytes` = rowBytes · banks. So the bursts of an access requested in cycle m come to this. In
 * each bank that it touches its first burst starts in
 *
 *     s = max(m, bank ready) + (firstRow open ? 0 : rowMissCycles),
 *
 * behind it bank ready = s + toReady and lastRow is open; and the access is done, and the bus free,
 * in max(bus free + busCycles, s + toDone of each of these banks). Rows are counted over all banks,
 * from the first one of the period in which the address lies.
 *
 * A plan has a slot, and a newer one may take it: there is room for so many only.
 */
export class DramPlans {
  /** Bytes after which banks and rows come again. */
  readonly periodBytes: number;
  readonly banks: number;
  /** Of each slot: the place behind its last; its first is `slot * banks`. */
  endPlace = new Int32Array(0);
  busCycles = new Float64Array(0);
  /** Of each place: a bank that is touched, in the order of first touches … */
  bank = new Int32Array(0);
  /** … and what happens in it, by `PLACES * place + PLACE.…`. */
  places = new Float64Array(0);
  private work = new Int32Array(0);
  private phase = new Float64Array(0);
  private slots = 0;
  private misses = 0;
  private readonly works: WorkTable;
  private readonly mostSlots: number;
  private readonly burstBytes: number;
  private readonly rowBursts: number;
  private readonly burstCycles: number;
  private readonly latencyCycles: number;
  private readonly rowMissCycles: number;
  /** Of each bank: its place in the plan that is being made, or −1. */
  private readonly placeOf: Int32Array;

  constructor(memory: Memory, works: WorkTable) {
    const { banks, burstBytes, rowBytes, bytesPerCycle, rowMissCycles } = memory;
    // One bank that opens its rows in no time is as one row.
    const isOneRow = banks === 1 && rowMissCycles === 0;
    this.works = works;
    this.banks = banks;
    this.burstBytes = burstBytes;
    this.periodBytes = isOneRow ? burstBytes : rowBytes * banks;
    this.rowBursts = isOneRow ? Number.MAX_SAFE_INTEGER : rowBytes / burstBytes;
    this.burstCycles = Math.ceil(burstBytes / bytesPerCycle);
    this.latencyCycles = memory.latencyCycles;
    this.rowMissCycles = rowMissCycles;
    this.placeOf = new Int32Array(banks).fill(NONE);
    let most = MOST_SLOTS;
    while (most > 1 && most * banks > MOST_PLACES) most /= 2;
    this.mostSlots = most;
    this.resize(Math.min(SLOTS_AT_FIRST, most));
  }

  /** The slot of the plan of an access whose address is `phase` behind the begin of a period. */
  slotOf(work: number, phase: number): number {
    const mixed = Math.imul(phase, 0x9e3779b1) + Math.imul(work, 0x85ebca6b);
    const slot = (mixed ^ (mixed >>> 15)) & (this.slots - 1);
    if (this.work[slot] === work && this.phase[slot] === phase) return slot;
    return this.take(slot, work, phase);
  }

  private take(slot: number, work: number, phase: number): number {
    if (++this.misses > 2 * this.slots && this.slots < this.mostSlots) {
      this.resize(2 * this.slots);
      return this.slotOf(work, phase);
    }
    const access = this.works.at(work);
    if (access.kind !== 'memory') throw new Error(`invariant: work ${work} is not an access`);
    this.work[slot] = work;
    this.phase[slot] = phase;
    this.make(slot, access, phase);
    return slot;
  }

  /** Touches the bursts row by row of the tile, in each row from the lowest address up. */
  private make(slot: number, access: MemoryWork, address: number): void {
    const { rows, rowBytes, strideBytes } = access;
    const { burstBytes } = this;
    const first = slot * this.banks;
    this.endPlace[slot] = first;
    this.busCycles[slot] = 0;
    let before: number | undefined = undefined;
    for (let row = 0; row < rows; row++) {
      const start = address + row * strideBytes;
      const block = Math.floor(start / burstBytes);
      const last = Math.floor((start + rowBytes - 1) / burstBytes);
      this.touch(slot, block === before ? block + 1 : block, last);
      before = last;
    }
    for (let place = first; place < this.endPlace[slot]; place++) {
      this.places[PLACES * place + PLACE.toDone] += this.busCycles[slot];
      this.placeOf[this.bank[place]] = NONE;
    }
  }

  /** Touches bursts that follow one another, as many at once as lie in one row of a bank. */
  private touch(slot: number, first: number, last: number): void {
    for (let burst = first; burst <= last;) {
      const row = Math.floor(burst / this.rowBursts);
      const rowEnd = (row + 1) * this.rowBursts;
      const count = Math.min(last + 1, rowEnd) - burst;
      this.run(slot, row, count * this.burstCycles);
      burst += count;
    }
  }

  /**
   * Bursts of one row, `busCycles` long in all. The j-th of them (from 0) starts jX behind the
   * first, so if the first does not wait for the bus, none does. Until all bursts are known, toDone
   * is without the bus cycles of the whole: those before a burst do not make it wait, those behind it do.
   */
  private run(slot: number, row: number, busCycles: number): void {
    const bank = row - Math.floor(row / this.banks) * this.banks;
    let place = this.placeOf[bank];
    if (place < 0) place = this.addBank(slot, bank, row);
    const { places } = this;
    const at = PLACES * place;
    const opening = places[at + PLACE.lastRow] === row ? 0 : this.rowMissCycles;
    const start = places[at + PLACE.toReady] + opening;
    const toDone = start + this.latencyCycles - this.busCycles[slot];
    if (toDone > places[at + PLACE.toDone]) places[at + PLACE.toDone] = toDone;
    places[at + PLACE.lastRow] = row;
    places[at + PLACE.toReady] = start + busCycles;
    this.busCycles[slot] += busCycles;
  }

  private addBank(slot: number, bank: number, row: number): number {
    const place = this.endPlace[slot]++;
    this.placeOf[bank] = place;
    this.bank[place] = bank;
    this.places.set([row, row, 0, -Infinity], PLACES * place);
    return place;
  }

  /** Forgets all plans. */
  private resize(slots: number): void {
    this.slots = slots;
    this.misses = 0;
    this.work = new Int32Array(slots).fill(NONE);
    this.phase = new Float64Array(slots);
    this.endPlace = new Int32Array(slots);
    this.busCycles = new Float64Array(slots);
    this.bank = new Int32Array(slots * this.banks);
    this.places = new Float64Array(slots * this.banks * PLACES);
  }
}
